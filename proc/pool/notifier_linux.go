//go:build !portable

package pool

import (
	"os"
	"time"

	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/fds"
)

// newNotifier returns an eventfd twice: at is for the goroutine that sleeps, in the runtime's poller, and by is for those who notify
// it.
func newNotifier() (at, by *os.File, err error) {
	fd, err := fds.Event(true)
	if err != nil {
		return nil, nil, err
	}
	f := os.NewFile(uintptr(fd), "pool's notifier")
	return f, f, nil
}

// sleepAt sleeps at a notifier of newNotifier until it is notified, or until a time, if that isn't zero. It reports whether the notifier
// was notified.
func sleepAt(f *os.File, until time.Time) bool {
	f.SetReadDeadline(until)
	var count [8]byte
	_, err := f.Read(count[:])
	return err == nil
}

// newWorkerNotifier returns an eventfd twice. The worker sleeps at it in the kernel.
func newWorkerNotifier() (ours, theirs *os.File, err error) {
	fd, err := fds.Event(false)
	if err != nil {
		return nil, nil, err
	}
	ours = os.NewFile(uintptr(fd), "worker's notifier")
	second, err := fds.Duplicate(fd)
	if err != nil {
		ours.Close()
		return nil, nil, err
	}
	return ours, os.NewFile(uintptr(second), "worker's notifier"), nil
}

// notify wakes whoever sleeps at a notifier.
func notify(f *os.File) {
	conn, err := f.SyscallConn()
	if err != nil {
		return
	}
	conn.Control(func(fd uintptr) { fds.Notify(int(fd)) })
}

// awaitNotifier sleeps until a worker is notified.
func awaitNotifier(fd int) {
	var count [8]byte
	for {
		if _, err := unix.Read(fd, count[:]); err != unix.EINTR {
			return
		}
	}
}
