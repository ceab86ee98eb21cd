//go:build unix

package ipc

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/fds"
)

// openMemory takes over fd, of a memory that another process has made, and maps
// size bytes of it, or all of it.
func openMemory(fd int, size int64, all bool) (*memory, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || !sealed(fd) || st.Size < size {
		unix.Close(fd)
		return nil, ErrBad
	}
	if all {
		size = st.Size
	}
	return mapMemory(fd, size)
}

func mapMemory(fd int, size int64) (*memory, error) {
	data, err := unix.Mmap(fd, 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("mmap", err)
	}
	return &memory{fd: fd, data: data}, nil
}

func (m *memory) pread(b []byte, at uint64) error {
	return whole("pread", b, at, func(b []byte, at int64) (int, error) { return unix.Pread(m.fd, b, at) })
}

func (m *memory) pwrite(b []byte, at uint64) error {
	return whole("pwrite", b, at, func(b []byte, at int64) (int, error) { return unix.Pwrite(m.fd, b, at) })
}

// whole calls do until all of b is done.
func whole(name string, b []byte, at uint64, do func([]byte, int64) (int, error)) error {
	for len(b) > 0 {
		n, err := do(b, int64(at))
		switch {
		case err == unix.EINTR:
		case err != nil:
			return os.NewSyscallError(name, err)
		case n == 0:
			return ErrBad
		}
		b = b[max(n, 0):]
		at += uint64(max(n, 0))
	}
	return nil
}

// mapFile maps a part of a memory; where that fails data stays nil.
func (w *window) mapFile(m *memory, base, size uint64) {
	before := base % uint64(os.Getpagesize())
	if all, err := unix.Mmap(m.fd, int64(base-before), int(size+before), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED); err == nil {
		w.base, w.data, w.all = base, all[before:], all
	}
}

func (w *window) unmap() {
	if w.data != nil {
		unix.Munmap(w.all)
		w.data, w.all = nil, nil
	}
}

// id tells this memory from every other one that is open anywhere.
func (m *memory) id() (uint64, error) {
	if m.inode != 0 {
		return m.inode, nil
	}
	var st unix.Stat_t
	if err := unix.Fstat(m.fd, &st); err != nil {
		return 0, os.NewSyscallError("fstat", err)
	}
	m.inode = uint64(st.Ino)
	return m.inode, nil
}

func (m *memory) close() {
	unix.Munmap(m.data)
	unix.Close(m.fd)
	m.data, m.fd = nil, -1
}

// closeDescriptor closes what no os.File has.
func closeDescriptor(fd int) { unix.Close(fd) }

// duplicate returns a duplicate of fd as a file.
func duplicate(fd int, name string) (*os.File, error) {
	d, err := fds.Duplicate(fd)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(d), name), nil
}

// takeDescriptor returns a descriptor of its own for what f is, and closes f.
func takeDescriptor(f *os.File) (fd int, err error) {
	defer keepSpare() // f's own, if that was taken
	defer f.Close()
	conn, err := f.SyscallConn()
	if err != nil {
		return -1, err
	}
	fd = -1
	cerr := conn.Control(func(from uintptr) { fd, err = duplicateFd(int(from)) })
	if err = errors.Join(cerr, os.NewSyscallError("fcntl", err)); err != nil {
		return -1, fmt.Errorf("ipc: %w", err)
	}
	return fd, nil
}
