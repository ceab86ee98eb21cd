//go:build unix

package ipc

import (
	"os"
	"syscall"
)

// inode returns the number of a file, the same as memory.id.
func inode(f *os.File) (uint64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, ErrBad
	}
	return uint64(st.Ino), nil
}
