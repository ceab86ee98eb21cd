//go:build !portable

package pool

import (
	"os"
	"time"

	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/fds"
)

// newSegment returns memory to be shared, and the file of it for the worker.
func newSegment() (*segment, *os.File, error) {
	fd, err := fds.Memory("luaspawn worker", totalSize, false)
	if err != nil {
		return nil, nil, err
	}
	f := os.NewFile(uintptr(fd), "worker")
	s, err := openSegment(f)
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return s, f, nil
}

// openSegment maps the memory of a file, which stays the caller's.
func openSegment(f *os.File) (s *segment, err error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	cerr := conn.Control(func(fd uintptr) {
		var data []byte
		data, err = unix.Mmap(int(fd), 0, totalSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		err = os.NewSyscallError("mmap", err)
		s = &segment{data}
	})
	if cerr != nil {
		err = cerr
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (s *segment) unmap() {
	unix.Munmap(s.data)
	s.data = nil
}

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

// newClock returns a clock that is the same in all processes of the machine.
func newClock() clock {
	var ts unix.Timespec
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	return clock{time.Now(), ts.Nano()}
}
