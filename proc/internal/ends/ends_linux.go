//go:build portable

package ends

import (
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// On Linux the portable code is only tested. In the place of a kqueue it has an epoll instance, to
// which processes are added by pidfds.

type queue struct {
	fd int
	*pidfds
}

// pidfds has the pidfds of processes that wait has not returned yet, by pid; at 0 is the descriptor that wakes it.
type pidfds struct {
	sync.Mutex
	of map[int]int
}

func openQueue() (queue, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return queue{}, os.NewSyscallError("epoll_create1", err)
	}
	return queue{fd, &pidfds{of: map[int]int{}}}, nil
}

// add makes wait return when a process ends; alive is false if there is no such process.
func (q queue) add(pid int) (alive bool, err error) {
	fd, err := unix.PidfdOpen(pid, 0)
	switch err {
	case nil:
	case unix.ESRCH, unix.EINVAL, unix.ENOENT: // none, or a thread has the number
		return false, nil
	default:
		return false, os.NewSyscallError("pidfd_open", err)
	}
	err = q.put(pid, fd)
	return err == nil, err
}

// put makes wait return pid when fd is readable. wait closes fd then.
func (q queue) put(pid, fd int) error {
	q.Lock()
	defer q.Unlock()
	event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLONESHOT, Fd: int32(pid)}
	if err := unix.EpollCtl(q.fd, unix.EPOLL_CTL_ADD, fd, &event); err != nil {
		unix.Close(fd)
		return os.NewSyscallError("epoll_ctl", err)
	}
	q.of[pid] = fd
	return nil
}

// remove undoes add.
func (q queue) remove(pid int) {
	q.Lock()
	defer q.Unlock()
	if fd, ok := q.of[pid]; ok {
		unix.Close(fd)
		delete(q.of, pid)
	}
}

// wake makes wait return.
func (q queue) wake() {
	q.remove(0) // from last time
	if fd, err := unix.Eventfd(1, unix.EFD_CLOEXEC); err == nil {
		q.put(0, fd)
	}
}

// wait waits until processes have ended, puts their pids into pids, and returns how many they are; 0: it was
// woken.
func (q queue) wait(pids []int) int {
	events := make([]unix.EpollEvent, len(pids))
	for {
		n, err := unix.EpollWait(q.fd, events, -1)
		if err != nil {
			continue // EINTR: nothing else is wrong with an instance of ours
		}
		for i, e := range events[:n] {
			pids[i] = int(e.Fd)
			q.remove(pids[i])
		}
		return n
	}
}
