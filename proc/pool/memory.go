package pool

import (
	"os"

	"luaspawn/proc/internal/fds"
)

// newSegment returns new memory to be shared with a worker, and the file that the worker opens it by.
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
func openSegment(f *os.File) (*segment, error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	s := new(segment)
	if cerr := conn.Control(func(fd uintptr) { s.data, err = mapSegment(fd) }); cerr != nil {
		err = cerr
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (s *segment) unmap() {
	unmapSegment(s.data)
	s.data = nil
}
