//go:build unix && (!linux || portable)

package ipc

import (
	"os"

	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/fds"
)

// sealed would report whether nobody can take away a page that is mapped. Who has the
// file is a process of ours.
func sealed(int) bool { return true }

// extend makes the file at least size bytes long.
func (m *memory) extend(size uint64) error {
	var st unix.Stat_t
	if err := unix.Fstat(m.fd, &st); err != nil {
		return os.NewSyscallError("fstat", err)
	}
	if uint64(st.Size) >= size { // as it is after one that has failed half-way
		return nil
	}
	return fds.Extend(fileOf{m}, st.Size, int64(size))
}

// fileOf is a memory as an io.WriterAt.
type fileOf struct{ *memory }

func (f fileOf) WriteAt(b []byte, at int64) (int, error) { return len(b), f.pwrite(b, uint64(at)) }

// punch would give back the memory of a part of the file. It stays the file's.
func (m *memory) punch(at, size uint64) {}

// duplicateFd is F_DUPFD.
func duplicateFd(fd int) (int, error) { return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3) }

// keepSpare would keep a descriptor for duplicateFd.
func keepSpare() {}
