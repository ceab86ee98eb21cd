//go:build !portable

// Package fds makes the descriptors that processes share, and lets them take turns.
//
// Kernels and what they brought:
//
//	2.6.27 eventfd2
//	3.17   memfd_create, seals
//	6.3    MFD_NOEXEC_SEAL, without which newer ones complain in their log
package fds

import (
	"os"

	"golang.org/x/sys/unix"
)

// Memory returns a memfd of this size, close-on-exec. It is sealed against shrinking:
// nobody can take away a page that is mapped. Unless it may grow, it is sealed against
// that too.
func Memory(name string, size int64, grows bool) (int, error) {
	const flags = unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING
	fd, err := unix.MemfdCreate(name, flags|unix.MFD_NOEXEC_SEAL)
	if err == unix.EINVAL {
		fd, err = unix.MemfdCreate(name, flags)
	}
	if err != nil {
		return -1, os.NewSyscallError("memfd_create", err)
	}
	seals := unix.F_SEAL_SHRINK
	if !grows {
		seals |= unix.F_SEAL_GROW
	}
	if err = os.NewSyscallError("ftruncate", unix.Ftruncate(fd, size)); err == nil {
		_, err = unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals)
		err = os.NewSyscallError("fcntl", err)
	}
	if err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// Event returns an eventfd, close-on-exec. It is for waiting in the runtime's poller, or for
// blocking in read(2).
func Event(forPoller bool) (int, error) {
	flags := unix.EFD_CLOEXEC
	if forPoller {
		flags |= unix.EFD_NONBLOCK
	}
	fd, err := unix.Eventfd(0, flags)
	if err != nil {
		return -1, os.NewSyscallError("eventfd", err)
	}
	return fd, nil
}

// Notify writes to an eventfd.
func Notify(fd int) {
	one := [8]byte{1}
	for {
		if _, err := unix.Write(fd, one[:]); err != unix.EINTR {
			return
		}
	}
}

// Duplicate returns a duplicate of fd, close-on-exec.
func Duplicate(fd int) (int, error) {
	d, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return -1, os.NewSyscallError("fcntl", err)
	}
	return d, nil
}

// Yield gives the processor to other threads that want it. It is for callers that spin for a
// moment instead of going to sleep.
func Yield() { unix.Syscall(unix.SYS_SCHED_YIELD, 0, 0, 0) }
