//go:build portable

package ends

import (
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// Here the portable code is tested. What a kqueue is elsewhere is an epoll instance here, to
// which a process is added by a pidfd.

type queue struct {
	fd int
	*pidfds
}

// pidfds are those that wait has not told of, by pid; at 0 is what wakes it.
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

// add lets wait tell of the end of a process; alive is false if there is none.
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

// put lets wait return pid when fd, which it closes, is readable.
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

// wake lets wait return.
func (q queue) wake() {
	q.remove(0) // from last time
	if fd, err := unix.Eventfd(1, unix.EFD_CLOEXEC); err == nil {
		q.put(0, fd)
	}
}

// wait waits until processes have ended, and returns how many of pids it has set. 0 is none:
// it was woken.
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
