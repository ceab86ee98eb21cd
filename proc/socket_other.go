//go:build unix && (!linux || portable)

package proc

import (
	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/fds"
)

// sendFlags are for sendmsg: no SIGPIPE, the program may have asked for those.
const sendFlags = fds.NoSignal

// socketpair returns two connected stream sockets, close-on-exec.
func socketpair() ([2]int, error) { return fds.Socketpair(unix.SOCK_STREAM) }

// recvmsg receives bytes and descriptors, which are close-on-exec. It waits before it takes
// the lock that keeps others from starting processes.
func recvmsg(fd int, b, oob []byte) (n int, passed []int, flags int, err error) {
	for {
		p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		switch _, err := unix.Poll(p, -1); err {
		case nil, unix.EINTR:
		default:
			return 0, nil, 0, err
		}
		n, passed, flags, err = fds.ReceiveNow(fd, b, oob)
		if err != unix.EAGAIN {
			return n, passed, flags, err
		}
	}
}

// dupOnto makes the descriptor to a duplicate of from, that stays on exec.
func dupOnto(from, to int) error { return unix.Dup2(from, to) }

// pending returns how many bytes are in a pipe, or at least how many there can
// be: x/sys has no FIONREAD here, and 64 KiB is the largest pipe of XNU.
func pending(fd int) int { return 64 << 10 }
