//go:build unix && (!linux || portable)

package pool

import (
	"os"
	"time"

	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/fds"
)

// newNotifier returns a pair of sockets: for who sleeps in the runtime's poller, and what
// that is notified by.
func newNotifier() (at, by *os.File, err error) {
	pair, err := fds.Socketpair(unix.SOCK_STREAM)
	if err != nil {
		return nil, nil, err
	}
	unix.SetNonblock(pair[0], true)
	return os.NewFile(uintptr(pair[0]), "pool's notifier"), os.NewFile(uintptr(pair[1]), "pool's waker"), nil
}

// sleepAt sleeps until the one that newNotifier has returned is notified, or until a time;
// zero: there is none. It reports whether it was notified.
func sleepAt(f *os.File, until time.Time) bool {
	f.SetReadDeadline(until)
	var all [256]byte
	_, err := f.Read(all[:])
	return err == nil
}

// newWorkerNotifier returns a pair of sockets for one who sleeps in the kernel.
func newWorkerNotifier() (ours, theirs *os.File, err error) {
	pair, err := fds.Socketpair(unix.SOCK_STREAM)
	if err != nil {
		return nil, nil, err
	}
	return os.NewFile(uintptr(pair[0]), "worker's waker"), os.NewFile(uintptr(pair[1]), "worker's notifier"), nil
}

// notify wakes who sleeps at a notifier. Where it is full there is enough to wake them.
func notify(f *os.File) {
	conn, err := f.SyscallConn()
	if err != nil {
		return
	}
	conn.Control(func(fd uintptr) {
		for {
			if _, err := unix.SendmsgN(int(fd), []byte{1}, nil, nil, fds.NoSignal|unix.MSG_DONTWAIT); err != unix.EINTR {
				return
			}
		}
	})
}

// awaitNotifier sleeps until a worker is notified.
func awaitNotifier(fd int) {
	var all [256]byte
	for {
		if _, err := unix.Read(fd, all[:]); err != unix.EINTR {
			return
		}
	}
}
