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

// Extend makes a file longer by writing zeros, so that all of it has its place on the disk. Otherwise a process that writes to a
// mapped page of it when the disk is full would get a SIGBUS.
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

// Event returns an error: this system has no eventfds.
func Event(bool) (int, error) { return -1, errors.ErrUnsupported }

// Notify does nothing: this system has no eventfds.
func Notify(int) {}

// Duplicate returns a duplicate of fd, close-on-exec.
func Duplicate(fd int) (int, error) {
	d, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return -1, os.NewSyscallError("fcntl", err)
	}
	return d, nil
}

// Yield gives the processor to other threads that want it.
func Yield() { runtime.Gosched() }
