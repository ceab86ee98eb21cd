//go:build unix && !linux

package proc

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// sendFlags are for sendmsg: SIGPIPE is turned off by socketpair.
const sendFlags = 0

// socketpair returns two connected stream sockets, close-on-exec.
func socketpair() ([2]int, error) {
	// No SOCK_CLOEXEC: nobody may fork between the making and the marking.
	syscall.ForkLock.RLock()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err == nil {
		unix.CloseOnExec(fds[0])
		unix.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return fds, err
	}
	for _, fd := range fds {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_NOSIGPIPE, 1); err != nil {
			unix.Close(fds[0])
			unix.Close(fds[1])
			return fds, os.NewSyscallError("setsockopt", err)
		}
	}
	return fds, nil
}

// recvmsg receives bytes and control messages; descriptors are close-on-exec.
func recvmsg(fd int, b, oob []byte) (n, oobn, flags int, err error) {
	return recvmsgLocked(fd, b, oob)
}

// dupOnto makes the descriptor to a duplicate of from, that stays on exec.
func dupOnto(from, to int) error { return unix.Dup2(from, to) }

// pending returns how many bytes are in a pipe, or at least how many there can
// be: x/sys has no FIONREAD here, and 64 KiB is the largest pipe of XNU.
func pending(fd int) int { return 64 << 10 }
