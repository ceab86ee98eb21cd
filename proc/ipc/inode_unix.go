//go:build unix

package ipc

import (
	"io/fs"
	"syscall"
)

// inode returns the number of a file, the same as memory.id.
func inode(info fs.FileInfo) (uint64, error) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, ErrBad
	}
	return uint64(st.Ino), nil
}
