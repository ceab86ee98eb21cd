package iolib

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// namesDirectories says that the system itself calls a directory one, when it is read.
const namesDirectories = false

// strerror returns what C's strerror says of an error, and its number in C; 0: it isn't one of C's.
// The words are POSIX's, as on other systems; the numbers are those of Microsoft's errno.h.
func strerror(e syscall.Errno) (text string, number int) {
	e = errnoOfSystem(e)
	switch e {
	case syscall.EPERM:
		number = 1
	case syscall.ENOENT:
		return "No such file or directory", 2 // Go's is the system's own error, with its words
	case syscall.EIO:
		number = 5
	case syscall.E2BIG:
		number = 7
	case syscall.ENOEXEC:
		number = 8
	case syscall.EBADF:
		number = 9
	case syscall.ECHILD:
		number = 10
	case syscall.EAGAIN:
		number = 11
	case syscall.ENOMEM:
		number = 12
	case syscall.EACCES:
		number = 13
	case syscall.EBUSY:
		number = 16
	case syscall.EEXIST:
		number = 17
	case syscall.EXDEV:
		number = 18
	case syscall.EISDIR:
		number = 21
	case syscall.EINVAL:
		number = 22
	case syscall.EMFILE:
		number = 24
	case syscall.EFBIG:
		number = 27
	case syscall.ENOSPC:
		number = 28
	case syscall.ESPIPE:
		number = 29
	case syscall.EROFS:
		number = 30
	case syscall.EPIPE:
		number = 32
	case syscall.ENOTEMPTY:
		number = 41
	}
	return capital(e.Error()), number
}

// errnoOfSystem returns C's error for one of the system, as Microsoft's C library chooses it
// (its function _dosmaperr). Others are returned as they are.
func errnoOfSystem(e syscall.Errno) syscall.Errno {
	switch e {
	case windows.ERROR_FILE_NOT_FOUND, windows.ERROR_PATH_NOT_FOUND, windows.ERROR_INVALID_DRIVE,
		windows.ERROR_NO_MORE_FILES, windows.ERROR_BAD_NETPATH, windows.ERROR_BAD_NET_NAME,
		windows.ERROR_BAD_PATHNAME, windows.ERROR_FILENAME_EXCED_RANGE:
		return syscall.ENOENT
	case windows.ERROR_ACCESS_DENIED, windows.ERROR_CURRENT_DIRECTORY, windows.ERROR_WRITE_PROTECT,
		windows.ERROR_SHARING_VIOLATION, windows.ERROR_LOCK_VIOLATION, windows.ERROR_NETWORK_ACCESS_DENIED,
		windows.ERROR_CANNOT_MAKE, windows.ERROR_DRIVE_LOCKED, windows.ERROR_SEEK_ON_DEVICE, windows.ERROR_LOCK_FAILED:
		return syscall.EACCES
	case windows.ERROR_FILE_EXISTS, windows.ERROR_ALREADY_EXISTS:
		return syscall.EEXIST
	case windows.ERROR_INVALID_HANDLE, windows.ERROR_INVALID_TARGET_HANDLE, windows.ERROR_DIRECT_ACCESS_HANDLE:
		return syscall.EBADF
	case windows.ERROR_DIR_NOT_EMPTY:
		return syscall.ENOTEMPTY
	case windows.ERROR_TOO_MANY_OPEN_FILES:
		return syscall.EMFILE
	case windows.ERROR_NOT_ENOUGH_MEMORY, windows.ERROR_ARENA_TRASHED, windows.ERROR_NOT_ENOUGH_QUOTA:
		return syscall.ENOMEM
	case windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL:
		return syscall.ENOSPC
	case windows.ERROR_NOT_SAME_DEVICE:
		return syscall.EXDEV
	case windows.ERROR_BROKEN_PIPE, windows.ERROR_NO_DATA:
		return syscall.EPIPE
	case windows.ERROR_BAD_FORMAT, windows.ERROR_BAD_EXE_FORMAT:
		return syscall.ENOEXEC
	case windows.ERROR_INVALID_PARAMETER, windows.ERROR_INVALID_FUNCTION, windows.ERROR_INVALID_NAME,
		windows.ERROR_NEGATIVE_SEEK, windows.ERROR_DIRECTORY:
		return syscall.EINVAL
	}
	return e
}
