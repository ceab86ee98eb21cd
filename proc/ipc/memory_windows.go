package ipc

import (
	"os"

	"golang.org/x/sys/windows"

	"luaspawn/proc/internal/fds"
)

// openMemory takes over fd, of a memory that another process has made, and maps
// size bytes of it, or all of it.
func openMemory(fd int, size int64, all bool) (*memory, error) {
	m := memory{fd: fd}
	has, err := m.size()
	if err != nil || has < size {
		closeDescriptor(fd)
		return nil, ErrBad
	}
	if all {
		size = has
	}
	return mapMemory(fd, size)
}

func mapMemory(fd int, size int64) (*memory, error) {
	data, _, err := fds.Map(fd, 0, size)
	if err != nil {
		closeDescriptor(fd)
		return nil, err
	}
	return &memory{fd: fd, data: data}, nil
}

func (m *memory) about() (info windows.ByHandleFileInformation, err error) {
	err = windows.GetFileInformationByHandle(windows.Handle(m.fd), &info)
	return info, os.NewSyscallError("GetFileInformationByHandle", err)
}

func (m *memory) size() (int64, error) {
	info, err := m.about()
	return int64(info.FileSizeHigh)<<32 | int64(info.FileSizeLow), err
}

// extend makes the file at least size bytes long.
func (m *memory) extend(size uint64) error {
	has, err := m.size()
	if err != nil || uint64(has) >= size {
		return err
	}
	return fds.Extend(m.fd, int64(size))
}

// punch would give back the memory of a part of the file. It stays the file's.
func (m *memory) punch(at, size uint64) {}

func (m *memory) pread(b []byte, at uint64) error {
	return whole("ReadFile", b, at, func(b []byte, o *windows.Overlapped) (n uint32, err error) {
		err = windows.ReadFile(windows.Handle(m.fd), b, &n, o)
		return n, err
	})
}

func (m *memory) pwrite(b []byte, at uint64) error {
	return whole("WriteFile", b, at, func(b []byte, o *windows.Overlapped) (n uint32, err error) {
		err = windows.WriteFile(windows.Handle(m.fd), b, &n, o)
		return n, err
	})
}

// whole calls do until all of b is done.
func whole(name string, b []byte, at uint64, do func([]byte, *windows.Overlapped) (uint32, error)) error {
	for len(b) > 0 {
		n, err := do(b[:min(len(b), 1<<30)], &windows.Overlapped{Offset: uint32(at), OffsetHigh: uint32(at >> 32)})
		if err != nil {
			return os.NewSyscallError(name, err)
		}
		if n == 0 {
			return ErrBad
		}
		b = b[n:]
		at += uint64(n)
	}
	return nil
}

// mapFile maps a part of a memory; where that fails data stays nil.
func (w *window) mapFile(m *memory, base, size uint64) {
	if data, all, err := fds.Map(m.fd, int64(base), int64(size)); err == nil {
		w.base, w.data, w.all = base, data, all
	}
}

func (w *window) unmap() {
	if w.data != nil {
		fds.Unmap(w.all)
		w.data, w.all = nil, nil
	}
}

// id tells this memory from every other one that is open anywhere.
func (m *memory) id() (uint64, error) {
	if m.inode == 0 {
		info, err := m.about()
		if err != nil {
			return 0, err
		}
		m.inode = uint64(info.FileIndexHigh)<<32 | uint64(info.FileIndexLow)
	}
	return m.inode, nil
}

func (m *memory) close() {
	fds.Unmap(m.data)
	closeDescriptor(m.fd)
	m.data, m.fd = nil, -1
}

// inode returns the number of a file, the same as memory.id.
func inode(f *os.File) (id uint64, err error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return 0, err
	}
	cerr := conn.Control(func(fd uintptr) { id, err = (&memory{fd: int(fd)}).id() })
	if cerr != nil {
		return 0, cerr
	}
	return id, err
}

// closeDescriptor closes what no os.File has.
func closeDescriptor(fd int) { windows.CloseHandle(windows.Handle(fd)) }

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
	defer f.Close()
	conn, err := f.SyscallConn()
	if err != nil {
		return -1, err
	}
	cerr := conn.Control(func(from uintptr) { fd, err = fds.Duplicate(int(from)) })
	if cerr != nil {
		return -1, cerr
	}
	return fd, err
}

// newAppendFile returns a file without a name, of so many bytes, to which all processes append.
func newAppendFile(size int64) (*os.File, error) {
	fd, err := fds.Memory("log", size, true)
	if err != nil {
		return nil, err
	}
	defer closeDescriptor(fd)
	// Who may append and not write elsewhere finds the end and writes there as one step.
	const access = windows.FILE_APPEND_DATA | windows.FILE_READ_DATA | windows.FILE_READ_ATTRIBUTES | windows.SYNCHRONIZE
	var h windows.Handle
	me := windows.CurrentProcess()
	if err := windows.DuplicateHandle(me, windows.Handle(fd), me, &h, access, false, 0); err != nil {
		return nil, os.NewSyscallError("DuplicateHandle", err)
	}
	return os.NewFile(uintptr(h), "log"), nil
}
