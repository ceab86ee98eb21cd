//go:build unix && (!linux || portable)

package ipc

import (
	"os"

	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/fds"
)

// socketPair returns two connected sockets of a kind that nobody waits in: close-on-exec and
// non-blocking, wherever they are sent.
func socketPair(kind int) (pair [2]int, err error) {
	if pair, err = fds.Socketpair(kind); err != nil {
		return pair, err
	}
	for _, fd := range pair {
		if err := unix.SetNonblock(fd, true); err != nil {
			unix.Close(pair[0])
			unix.Close(pair[1])
			return pair, os.NewSyscallError("fcntl", err)
		}
	}
	return pair, nil
}
