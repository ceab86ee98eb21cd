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

// add makes wait return when a process ends; alive is false if there is no such process.
func (q queue) add(pid int) (alive bool, err error) {
	err = q.change(pid, unix.EVFILT_PROC, unix.EV_ADD|unix.EV_ONESHOT, unix.NOTE_EXIT, 0)
	if err == unix.ESRCH {
		return false, nil
	}
	return err == nil, os.NewSyscallError("kevent", err)
}

// remove undoes add.
func (q queue) remove(pid int) {
	q.change(pid, unix.EVFILT_PROC, unix.EV_DELETE, 0, 0) // or it has ended
}

// wake makes wait return. It uses a timer, which every system with kqueues has.
func (q queue) wake() {
	const milliseconds = 1
	q.change(0, unix.EVFILT_TIMER, unix.EV_ADD|unix.EV_ONESHOT, 0, milliseconds)
}

func (q queue) change(of, filter, flags int, notes uint32, data int64) error {
	var change [1]unix.Kevent_t
	unix.SetKevent(&change[0], of, filter, flags)
	change[0].Fflags = notes
	change[0].Data = data
	for {
		if _, err := unix.Kevent(int(q), change[:], nil, nil); err != unix.EINTR {
			return err
		}
	}
}

// wait waits until processes have ended, puts their pids into pids, and returns how many they are; 0: it was
// woken.
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
