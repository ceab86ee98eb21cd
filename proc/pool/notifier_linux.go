//go:build !portable

package pool

import (
	"os"
	"time"

	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/fds"
)

// newNotifier returns an eventfd for who sleeps in the runtime's poller, as what that sleeps
// at and as what it is notified by.
func newNotifier() (at, by *os.File, err error) {
	fd, err := fds.Event(true)
	if err != nil {
		return nil, nil, err
	}
	f := os.NewFile(uintptr(fd), "pool's notifier")
	return f, f, nil
}

// sleepAt sleeps until the one that newNotifier has returned is notified, or until a time;
// zero: there is none. It reports whether it was notified.
func sleepAt(f *os.File, until time.Time) bool {
	f.SetReadDeadline(until)
	var count [8]byte
	_, err := f.Read(count[:])
	return err == nil
}

// newWorkerNotifier returns an eventfd for one who sleeps in the kernel, twice.
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

// notify wakes who sleeps at a notifier.
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
