//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package ends

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// A queue is a kqueue, to which a process is added by its pid.
type queue int

func openQueue() (queue, error) {
	syscall.ForkLock.RLock() // nobody may fork between the making and the marking
	defer syscall.ForkLock.RUnlock()
	fd, err := unix.Kqueue()
	if err != nil {
		return 0, os.NewSyscallError("kqueue", err)
	}
	unix.CloseOnExec(fd)
	return queue(fd), nil
}

// add lets wait tell of the end of a process; alive is false if there is none.
func (q queue) add(pid int) (alive bool, err error) {
	err = q.change(pid, unix.EV_ADD|unix.EV_ONESHOT)
	if err == unix.ESRCH {
		return false, nil
	}
	return err == nil, os.NewSyscallError("kevent", err)
}

// remove undoes add.
func (q queue) remove(pid int) { q.change(pid, unix.EV_DELETE) } // or it has ended

func (q queue) change(pid int, flags int) error {
	var change [1]unix.Kevent_t
	unix.SetKevent(&change[0], pid, unix.EVFILT_PROC, flags)
	change[0].Fflags = unix.NOTE_EXIT
	for {
		if _, err := unix.Kevent(int(q), change[:], nil, nil); err != unix.EINTR {
			return err
		}
	}
}

// wait waits until processes have ended, and returns how many of pids it has set.
func (q queue) wait(pids []int) int {
	events := make([]unix.Kevent_t, len(pids))
	for {
		n, err := unix.Kevent(int(q), nil, events, nil)
		if err != nil {
			continue // EINTR: nothing else is wrong with a kqueue of ours
		}
		for i, e := range events[:n] {
			pids[i] = int(e.Ident)
		}
		return n
	}
}
