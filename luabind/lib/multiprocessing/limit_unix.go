//go:build unix

package multiprocessing

import "golang.org/x/sys/unix"

// mayBeLarge reports whether a file of this process may have so many bytes.
func mayBeLarge(size int64) bool {
	var most unix.Rlimit
	return unix.Getrlimit(unix.RLIMIT_FSIZE, &most) != nil || uint64(size) <= uint64(most.Cur)
}
