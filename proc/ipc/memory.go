package ipc

import "luaspawn/proc/internal/fds"

// memory is a file that no name leads to, or that is gone with its last handle, and the part of it
// that is mapped here, from its beginning.
type memory struct {
	fd    int
	data  []byte
	inode uint64 // see id; 0: nobody has asked
}

func newMemory(size int64) (*memory, error) {
	fd, err := fds.Memory("luaspawn", size, true)
	if err != nil {
		return nil, err
	}
	return mapMemory(fd, size)
}
