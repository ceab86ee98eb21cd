//go:build unix

package ipc

import (
	"os"

	"golang.org/x/sys/unix"
)

// appended takes over fd, an empty file, and makes it so many bytes long, with whatever is written
// to it standing behind them.
func appended(fd int, size int64) (*os.File, error) {
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

// appendTo writes b at the end of a file that newAppendFile has made: the kernel finds the end and
// writes there, as one step.
func appendTo(f *os.File, b []byte) error {
	_, err := f.Write(b)
	return err
}
