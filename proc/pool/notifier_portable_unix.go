//go:build unix && (!linux || portable)

package pool

import (
	"os"
	"time"

	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/fds"
)

// newNotifier returns a pair of sockets: at is for the goroutine that sleeps, in the runtime's poller, and by is for those who notify
// it.
func newNotifier() (at, by *os.File, err error) {
	pair, err := fds.Socketpair(unix.SOCK_STREAM)
	if err != nil {
		return nil, nil, err
	}
	unix.SetNonblock(pair[0], true)
	return os.NewFile(uintptr(pair[0]), "pool's notifier"), os.NewFile(uintptr(pair[1]), "pool's waker"), nil
}

// sleepAt sleeps at a notifier of newNotifier until it is notified, or until a time, if that isn't zero. It reports whether the notifier
// was notified.
func sleepAt(f *os.File, until time.Time) bool {
	f.SetReadDeadline(until)
	var all [256]byte
	_, err := f.Read(all[:])
	return err == nil
}

// newWorkerNotifier returns a pair of sockets. The worker sleeps at its socket in the kernel.
func newWorkerNotifier() (ours, theirs *os.File, err error) {
	pair, err := fds.Socketpair(unix.SOCK_STREAM)
	if err != nil {
		return nil, nil, err
	}
	return os.NewFile(uintptr(pair[0]), "worker's waker"), os.NewFile(uintptr(pair[1]), "worker's notifier"), nil
}

// notify wakes whoever sleeps at a notifier. A full socket is enough to wake them.
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
