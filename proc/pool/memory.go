package pool

import (
	"os"

	"luaspawn/proc/internal/fds"
)

// newSegment returns memory to be shared, and the file of it for the worker.
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
