//go:build unix && (!linux || portable)

package ipc

import (
	"os"

	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/fds"
)

// newAppendFile returns a file without a name of so many bytes to which all processes append.
func newAppendFile(size int64) (*os.File, error) {
	fd, err := fds.Memory("log", 0, true)
	if err != nil {
		return nil, err
	}
	if err := unix.Ftruncate(fd, size); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("ftruncate", err)
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFL, unix.O_APPEND); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("fcntl", err)
	}
	return os.NewFile(uintptr(fd), "log"), nil
}
