//go:build !portable

package proc

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Where a process may have no more threads the Go runtime ends it when it needs one,
// and it doesn't say in advance that it will. So near the limits (RLIMIT_NPROC, which
// counts the threads of a user; pids.max of a control group; those of the system) a child
// makes what threads it may need before it says that it runs, its starter waits for that,
// and has made those that it may need itself. The runtime keeps threads that are idle.
//
// Far from the limits nobody waits: the loading of a program takes ten times as long as
// all else of a start.

// fewThreads is how many threads there may still be where that isn't many.
const fewThreads = 200

// threads are facts about this process.
var threads struct {
	sync.Mutex
	made    int       // how many it has had at once
	far     time.Time // until then it is far from the limits
	most    uint64    // in the system; 0: this and limited aren't known yet
	limited []string  // the directories of the control groups whose threads are limited
}

// scarceThreads reports whether threads are scarce. Where they aren't, the answer holds
// for a moment: this is asked at each start.
func scarceThreads() bool {
	threads.Lock()
	defer threads.Unlock()
	if time.Now().Before(threads.far) {
		return false
	}
	left := threadsLeft()
	if left > 10*fewThreads {
		threads.far = time.Now().Add(100 * time.Millisecond)
	}
	return left < fewThreads
}

// What a process may need beside the threads that run Go: two of the runtime's own, and
// those that wait in the kernel, of which one that starts others has more.
const (
	toRun   = 4
	toStart = 6
)

// makeThreads returns an error if this process can't have the threads that it may need:
// more by that many than there are to run Go.
func makeThreads(more int) error {
	threads.Lock()
	defer threads.Unlock()
	all := runtime.GOMAXPROCS(0) + more
	if threads.made >= all {
		return nil
	}
	before := missingThreads()
	if !runAtOnce(all) {
		return errThreads
	}
	// One that the runtime wants may be on its way.
	for range 500 {
		if missingThreads() <= before {
			break
		}
		time.Sleep(time.Millisecond)
	}
	threads.made = all
	return nil
}

// runAtOnce lets threads run until there are that many, all at once, and reports whether
// there can be.
func runAtOnce(all int) bool {
	release := make(chan struct{})
	var waiting sync.WaitGroup
	defer waiting.Wait()
	defer close(release)
	for range all { // some of which take threads that are idle
		if countThreads() >= all {
			break
		}
		if !canFork() {
			return false
		}
		runs := make(chan struct{})
		waiting.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			close(runs)
			<-release
		})
		<-runs
	}
	return true
}

// missingThreads returns how many threads there are to be and aren't: with cgo there is
// one more that isn't meant to be, but for a callback.
func missingThreads() int {
	wanted, _ := runtime.ThreadCreateProfile(nil)
	return wanted - countThreads()
}

// countThreads returns how many threads this process has.
func countThreads() int {
	entries, _ := os.ReadDir("/proc/self/task")
	return len(entries)
}

// canFork tries whether there may be one more process, which is as good as a thread.
func canFork() bool {
	_, err := syscall.ForkExec("/proc/self/fd/none", []string{"none"}, nil)
	return !errors.Is(err, syscall.EAGAIN)
}

// threadsLeft returns how many more threads there may be, at least.
func threadsLeft() uint64 {
	if threads.most == 0 {
		threads.most, threads.limited = math.MaxUint64, limitedGroups()
		for _, name := range []string{"threads-max", "pid_max"} {
			if n, ok := number(readSmall("/proc/sys/kernel/" + name)); ok {
				threads.most = min(threads.most, n)
			}
		}
	}
	most := threads.most
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NPROC, &limit) == nil && os.Getuid() != 0 { // it doesn't hold for root
		most = min(most, limit.Cur)
	}
	// 0.20 0.18 0.12 1/80 11206: 80 threads in the whole system, of all users
	var used uint64
	if fields := bytes.Fields(readSmall("/proc/loadavg")); len(fields) == 5 {
		_, total, _ := bytes.Cut(fields[3], []byte("/"))
		used, _ = number(total)
	}
	left := most - min(most, used)
	for _, dir := range threads.limited {
		most, _ := number(readSmall(dir + "/pids.max"))
		used, _ := number(readSmall(dir + "/pids.current"))
		left = min(left, most-min(most, used))
	}
	return left
}

// limitedGroups returns the directories of the control groups that this process is in,
// as far as they limit its threads.
func limitedGroups() (list []string) {
	for line := range bytes.Lines(readSmall("/proc/self/cgroup")) {
		// 0::/name of version 2, 8:pids:/name of version 1
		parts := bytes.SplitN(bytes.TrimSpace(line), []byte(":"), 3)
		if len(parts) != 3 || string(parts[1]) != "" && string(parts[1]) != "pids" {
			continue
		}
		mount := path.Join("/sys/fs/cgroup", string(parts[1]))
		for name := path.Clean("/" + string(parts[2])); ; name = path.Dir(name) {
			if _, ok := number(readSmall(mount + name + "/pids.max")); ok { // else it is "max", or none is there
				list = append(list, mount+name)
			}
			if name == "/" {
				break
			}
		}
	}
	return list
}

// readSmall returns what is in a file, nothing where it can't be read.
func readSmall(name string) []byte {
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	b := make([]byte, 1<<10)
	n, _ := unix.Read(fd, b)
	return b[:max(n, 0)]
}

func number(b []byte) (uint64, bool) {
	n, err := strconv.ParseUint(string(bytes.TrimSpace(b)), 10, 64)
	return n, err == nil
}
