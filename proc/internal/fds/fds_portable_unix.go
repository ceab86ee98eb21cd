//go:build unix && (!linux || portable)

package fds

import (
	"errors"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// Memory returns a file of this size that has no name any more, close-on-exec.
func Memory(name string, size int64, grows bool) (int, error) {
	f, err := os.CreateTemp("", name)
	if err != nil {
		return -1, err
	}
	defer f.Close()
	os.Remove(f.Name())
	if err := Extend(f, 0, size); err != nil {
		return -1, err
	}
	conn, err := f.SyscallConn()
	if err != nil {
		return -1, err
	}
	fd := -1
	cerr := conn.Control(func(from uintptr) { fd, err = Duplicate(int(from)) })
	return fd, errors.Join(cerr, err)
}

// Extend writes zeros to a file. To a page that is mapped and has no place on the disk
// nobody can write if that is full: the process gets a SIGBUS.
func Extend(f interface {
	WriteAt([]byte, int64) (int, error)
}, from, to int64) error {
	zeros := make([]byte, min(to-from, 1<<20))
	for from < to {
		n, err := f.WriteAt(zeros[:min(int64(len(zeros)), to-from)], from)
		if err != nil {
			return err
		}
		from += int64(n)
	}
	return nil
}

// Event would return an eventfd.
func Event(bool) (int, error) { return -1, errors.ErrUnsupported }

// Notify would write to an eventfd.
func Notify(int) {}

// Duplicate returns a duplicate of fd, close-on-exec.
func Duplicate(fd int) (int, error) {
	d, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return -1, os.NewSyscallError("fcntl", err)
	}
	return d, nil
}

// Yield lets others have the processor, if there are any.
func Yield() { runtime.Gosched() }
