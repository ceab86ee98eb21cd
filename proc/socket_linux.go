//go:build !portable

package proc

import (
	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/fds"
)

// sendFlags are for sendmsg: no SIGPIPE, the program may have asked for those.
const sendFlags = unix.MSG_NOSIGNAL

// socketpair returns two connected stream sockets, close-on-exec.
func socketpair() ([2]int, error) {
	return unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
}

// recvmsg receives bytes and descriptors, which are close-on-exec.
func recvmsg(fd int, b, oob []byte) (n int, passed []int, flags int, err error) {
	n, oobn, flags, _, err := unix.Recvmsg(fd, b, oob, unix.MSG_CMSG_CLOEXEC)
	if err == nil {
		passed, err = fds.Rights(oob[:oobn])
	}
	return n, passed, flags, err
}

// dupOnto makes the descriptor to a duplicate of from, that stays on exec.
func dupOnto(from, to int) error { return unix.Dup3(from, to, 0) }

// pending returns how many bytes are in a pipe, or at least how many there can
// be.
func pending(fd int) int {
	n, err := unix.IoctlGetInt(fd, unix.TIOCINQ) // the number of FIONREAD
	if err != nil {
		return 0
	}
	return n
}
