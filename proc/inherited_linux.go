//go:build !portable

package proc

import (
	"bytes"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/wire"
)

// canKeepReady says whether children can be kept ready: whether it can be told
// that one which was made some time ago is what one made now would be.
const canKeepReady = true

// inherited is what a child has from this process without being told, as the
// calling thread would hand it down: all of fork(2) and execve(2) that a program
// can change of itself or somebody else of it, but for namespaces of IPC, time and
// process ids that a thread has entered.
//
// Sending it along with a job instead would not do: a program may have looked at
// its environment, say, before it called Init.
type inherited struct {
	environ    []string
	dir, root  file
	status     string // lines of /proc/self/status
	cgroup     string // /proc/self/cgroup
	oom        string // /proc/self/oom_score_adj
	limits     [limits]unix.Rlimit
	nice       int            // of this thread, which follows the first
	scheduling unix.SchedAttr // of this thread
	processors unix.CPUSet
	io         uintptr // priority of this thread's input and output
	mount      uint64  // of the root: a namespace of mounts has its own
	network    string  // this thread's namespace
	host       unix.Utsname
	open       []onto // descriptors from 3 on that stay open at exec
}

// file is what a path leads to.
type file struct{ dev, ino uint64 }

func fileAt(path string) file {
	var st unix.Stat_t
	unix.Stat(path, &st) // one that can't be looked at is the zero file each time
	return file{uint64(st.Dev), st.Ino}
}

// inStatus reports whether the line of that name in /proc/self/status tells what a
// child inherits. The mask of blocked signals doesn't: the Go runtime changes it all
// the time, and gives a child the one that the program itself was started with.
func inStatus(name string) bool {
	switch name {
	case "Umask", "Uid", "Gid", "Groups", "NSpgid", "NSsid", "SigIgn",
		"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Seccomp_filters",
		"THP_enabled", "Mems_allowed_list":
		return true
	}
	return false
}

// limits is how many limits of resources there are.
const limits = unix.RLIMIT_RTTIME + 1

// inherit returns what a child started now would have. It is called at every
// start, so it takes the shortest way to each of these.
func (r *inheritedReader) inherit() *inherited {
	runtime.LockOSThread() // all is asked of the thread that follows the first one
	defer runtime.UnlockOSThread()
	followFirst()
	h := &inherited{environ: os.Environ(), dir: fileAt(".")}
	var root unix.Statx_t
	unix.Statx(unix.AT_FDCWD, "/", 0, unix.STATX_INO|unix.STATX_MNT_ID, &root)
	h.root, h.mount = file{unix.Mkdev(root.Dev_major, root.Dev_minor), root.Ino}, root.Mnt_id
	h.cgroup = string(r.read(0))
	h.oom = string(r.read(1))
	h.status = cutStatus(r.read(2))
	for i := range h.limits {
		unix.RawSyscall6(unix.SYS_PRLIMIT64, 0, uintptr(i), 0, uintptr(unsafe.Pointer(&h.limits[i])), 0, 0)
	}
	h.nice, _ = unix.Getpriority(unix.PRIO_PROCESS, 0)
	if a, err := unix.SchedGetAttr(0, 0); err == nil {
		h.scheduling = *a
	}
	unix.SchedGetaffinity(0, &h.processors)
	const ofProcess = 1 // IOPRIO_WHO_PROCESS
	h.io, _, _ = unix.RawSyscall(unix.SYS_IOPRIO_GET, ofProcess, 0, 0)
	h.network = r.network(unix.Gettid())
	unix.Uname(&h.host)
	for _, o := range inheritedFiles() {
		if staysOpen(o.number) {
			h.open = append(h.open, o)
		}
	}
	return h
}

// An inheritedReader finds out what a child inherits. The zero value is ready.
type inheritedReader struct {
	files      []int       // descriptors of what read reads
	namespaces map[int]int // descriptors of /proc/self/task/N/ns, by N
	buf        [8 << 10]byte
}

// read returns what is in a file of /proc, which is made anew by each read from
// its beginning, also by one that finds its end. Opening it takes as long as reading
// it, so it stays open.
func (r *inheritedReader) read(file int) []byte {
	if r.files == nil {
		for _, name := range []string{"cgroup", "oom_score_adj", "status"} {
			fd, err := unix.Open("/proc/self/"+name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
			if err != nil {
				fd = -1 // there is none
			}
			r.files = append(r.files, fd)
		}
	}
	n, _ := unix.Pread(r.files[file], r.buf[:], 0)
	return r.buf[:max(n, 0)]
}

// network names the network namespace of a thread. To ask a new socket for it takes
// five times as long.
func (r *inheritedReader) network(thread int) string {
	const most = 8 // threads whose directories stay open
	for range 2 {
		fd, ok := r.namespaces[thread]
		if !ok {
			if len(r.namespaces) == most {
				r.closeNamespaces()
			}
			var err error
			if fd, err = unix.Open("/proc/self/task/"+strconv.Itoa(thread)+"/ns", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err != nil {
				return ""
			}
			if r.namespaces == nil {
				r.namespaces = map[int]int{}
			}
			r.namespaces[thread] = fd
		}
		if n, err := unix.Readlinkat(fd, "net", r.buf[:]); err == nil {
			return string(r.buf[:n])
		}
		r.closeNamespaces() // it was of another thread, which has ended
	}
	return ""
}

// close closes what has been opened.
func (r *inheritedReader) close() {
	for _, fd := range r.files {
		unix.Close(fd)
	}
	r.files = nil
	r.closeNamespaces()
}

func (r *inheritedReader) closeNamespaces() {
	for _, fd := range r.namespaces {
		unix.Close(fd)
	}
	r.namespaces = nil
}

// cutStatus returns the lines of /proc/self/status that inStatus names.
func cutStatus(text []byte) string {
	kept := text[:0]
	for line := range bytes.Lines(text) {
		if name, _, _ := bytes.Cut(line, []byte(":")); inStatus(string(name)) {
			kept = append(kept, line...)
		}
	}
	return string(kept)
}

// staysOpen reports whether fd is open and will be in a program that is executed.
func staysOpen(fd int) bool {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	return err == nil && flags&unix.FD_CLOEXEC == 0
}

// equal reports whether it makes no difference which of the two a child has.
func (h *inherited) equal(other *inherited) bool {
	return other != nil &&
		slices.Equal(h.environ, other.environ) &&
		h.dir == other.dir && h.root == other.root &&
		h.status == other.status && h.limits == other.limits && h.cgroup == other.cgroup && h.oom == other.oom &&
		h.nice == other.nice &&
		h.scheduling == other.scheduling && h.processors == other.processors && h.io == other.io &&
		h.mount == other.mount && h.network == other.network && h.host == other.host &&
		slices.Equal(h.open, other.open)
}

// inheritedFiles returns the descriptors from 3 on that this process was started
// with, or has opened before the first call, and that stay open at exec. What a
// program makes so later, by hand, reaches children that were not kept ready,
// and nobody else.
func inheritedFiles() []onto {
	inheritance.once.Do(func() { inheritance.files = findInheritedFiles() })
	return inheritance.files
}

// inheritance is a fact about this process: what inheritedFiles returns. No package-level
// sync.OnceValue: each child would make it at its start.
var inheritance struct {
	once  sync.Once
	files []onto
}

func findInheritedFiles() []onto {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil
	}
	var list []onto // the files are never closed: the descriptors aren't ours
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err == nil && fd >= 3 && fd < wire.MaxOnto && staysOpen(fd) {
			list = append(list, onto{fd, os.NewFile(uintptr(fd), "inherited file "+e.Name())})
		}
	}
	return list
}

// memory returns the memory of the machine, in bytes.
func memory() uint64 {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return 0
	}
	return uint64(info.Totalram) * uint64(info.Unit)
}

// openFiles returns how many descriptors this process may have.
func openFiles() uint64 {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	return limit.Cur
}

// stopped reports whether a process is stopped by a signal.
func stopped(pid int) bool {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	// pid (name) state ...; the name may hold anything.
	_, state, _ := bytes.Cut(b[bytes.LastIndexByte(b, ')')+1:], []byte(" "))
	return len(state) > 0 && (state[0] == 'T' || state[0] == 't')
}
