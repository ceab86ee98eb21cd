//go:build !portable

package proc

import (
	"os"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// renice and taskset, given a process id, change the first thread of the process, and it is
// another thread that starts children here: from a program of one thread they inherit the
// change. So a thread that starts a child takes over from the first one what somebody has
// changed there. What a thread has that a program itself has given it stays.

// first is a fact about this process: what its first thread has had.
var first struct {
	sync.Mutex
	nice       map[int]bool // as Getpriority returns it, 20 and less
	processors map[unix.CPUSet]bool
	original   unix.CPUSet
	changed    bool // somebody has given it something else, once
}

// noteFirst remembers what all threads of this process have at its beginning.
func noteFirst() {
	first.Lock()
	defer first.Unlock()
	nice, processors := thread(0)
	first.nice = map[int]bool{nice: true}
	first.processors = map[unix.CPUSet]bool{processors: true}
	first.original = processors
}

// followFirst lets the calling thread have what the first one has.
func followFirst() {
	first.Lock()
	defer first.Unlock()
	if first.nice == nil {
		return // Init was not called
	}
	nice, processors := thread(os.Getpid())
	if !first.changed && first.nice[nice] && processors == first.original {
		return
	}
	first.changed = true
	ownNice, own := thread(0)
	if nice != ownNice && first.nice[ownNice] {
		unix.Setpriority(unix.PRIO_PROCESS, 0, 20-nice) // to be more important takes a right that we may not have
	}
	if processors != own && first.processors[own] {
		unix.SchedSetaffinity(0, &processors)
	}
	first.nice[nice], first.processors[processors] = true, true // also where this thread has them already
}

// thread returns what a thread has; 0 is the calling one.
func thread(id int) (nice int, processors unix.CPUSet) {
	// Neither blocks, so that the runtime needn't know of them: this is asked at each start.
	n, _, _ := unix.RawSyscall(unix.SYS_GETPRIORITY, unix.PRIO_PROCESS, uintptr(id), 0)
	unix.RawSyscall(unix.SYS_SCHED_GETAFFINITY, uintptr(id), unsafe.Sizeof(processors), uintptr(unsafe.Pointer(&processors)))
	return int(n), processors
}
