//go:build !portable

package ipc

import (
	"os"

	"golang.org/x/sys/unix"
)

// newAppendFile returns a file in memory of so many bytes to which all processes append.
func newAppendFile(size int64) (*os.File, error) {
	fd, err := unix.MemfdCreate("log", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	return appended(fd, size)
}
