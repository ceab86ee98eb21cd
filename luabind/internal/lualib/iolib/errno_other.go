//go:build !unix

package iolib

import "syscall"

// errnoNumber returns the number of an error in C, 0 if it isn't one of C's.
// Most errors of the system have numbers of their own here; errnoOf maps them.
func errnoNumber(e syscall.Errno) int {
	switch e {
	case syscall.EPERM:
		return 1
	case syscall.ENOENT:
		return 2
	case syscall.EBADF:
		return 9
	case syscall.EACCES:
		return 13
	case syscall.EBUSY:
		return 16
	case syscall.EEXIST:
		return 17
	case syscall.ENOTDIR:
		return 20
	case syscall.EISDIR:
		return 21
	case syscall.EINVAL:
		return 22
	case syscall.EFBIG:
		return 27
	case syscall.ESPIPE:
		return 29
	case syscall.ENOTEMPTY:
		return 41
	}
	return 0
}
