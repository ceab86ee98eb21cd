//go:build !portable

package ipc

import (
	"os"

	"golang.org/x/sys/unix"
)

// Linux 5.3 brought pidfd_open; for the rest see package fds.

// sealed reports whether nobody can take away a page that is mapped.
func sealed(fd int) bool {
	seals, err := unix.FcntlInt(uintptr(fd), unix.F_GET_SEALS, 0)
	return err == nil && seals&unix.F_SEAL_SHRINK != 0
}

// extend makes the file at least size bytes long.
func (m *memory) extend(size uint64) error {
	var st unix.Stat_t
	if err := unix.Fstat(m.fd, &st); err != nil {
		return os.NewSyscallError("fstat", err)
	}
	if uint64(st.Size) >= size {
		return nil
	}
	return os.NewSyscallError("ftruncate", unix.Ftruncate(m.fd, int64(size)))
}

// punch gives back the memory of a part of the file, which reads as zeros then.
func (m *memory) punch(at, size uint64) {
	unix.Fallocate(m.fd, unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, int64(at), int64(size))
}
