package ipc

import (
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// identify returns who has pid now, and whether it has ended and nobody has waited for it.
// Its start is known to the microsecond; of 42 bits of those a month is enough.
func identify(pid int) (id identity, zombie bool, err error) {
	const stateZombie = 5 // SZOMB of sys/proc.h
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil {
		return 0, false, os.NewSyscallError("sysctl", err)
	}
	start := uint64(info.Proc.P_starttime.Sec)*1e6 + uint64(info.Proc.P_starttime.Usec)
	return identity(start<<pidBits | uint64(pid)), info.Proc.P_stat == stateZombie, nil
}

// watched are the processes whose end somebody waits for, each once, and the kqueue that
// says so: a fact about this process. One thread waits there, for all.
var watched struct {
	sync.Mutex
	over  map[int]func() // by pid
	queue int            // 0: there is none yet
}

// A watch calls a function at the end of a process.
type watch struct{}

// begin begins it; alive is false if the process has ended.
func (watch) begin(id identity, over func()) (alive bool, err error) {
	watched.Lock()
	defer watched.Unlock()
	if watched.queue == 0 {
		queue, err := unix.Kqueue()
		if err != nil {
			return false, os.NewSyscallError("kqueue", err)
		}
		unix.CloseOnExec(queue)
		watched.queue, watched.over = queue, map[int]func(){}
		go awaitEnds(queue)
	}
	watched.over[id.pid()] = over
	err = register(id.pid(), unix.EV_ADD|unix.EV_ONESHOT)
	// Looked at afterwards: an end before that is seen here, one after that there.
	if err == unix.ESRCH || hasEnded(id) {
		delete(watched.over, id.pid())
		return false, nil
	}
	return err == nil, os.NewSyscallError("kevent", err)
}

func register(pid int, flags int) error {
	var change [1]unix.Kevent_t
	unix.SetKevent(&change[0], pid, unix.EVFILT_PROC, flags)
	change[0].Fflags = unix.NOTE_EXIT
	for {
		if _, err := unix.Kevent(watched.queue, change[:], nil, nil); err != unix.EINTR {
			return err
		}
	}
}

func (watch) ended(id identity) bool { return hasEnded(id) }

func (watch) end(id identity) {
	watched.Lock()
	defer watched.Unlock()
	delete(watched.over, id.pid())
	register(id.pid(), unix.EV_DELETE) // or it has ended
}

func awaitEnds(queue int) {
	var events [16]unix.Kevent_t
	for {
		n, err := unix.Kevent(queue, nil, events[:], nil)
		if err != nil && err != unix.EINTR {
			return
		}
		for _, e := range events[:max(n, 0)] {
			watched.Lock()
			over := watched.over[int(e.Ident)]
			delete(watched.over, int(e.Ident))
			watched.Unlock()
			if over != nil {
				over()
			}
		}
	}
}
