//go:build unix && (!linux || portable)

package ipc

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// socketPair returns two connected sockets of a kind that nobody waits in: close-on-exec and
// non-blocking, wherever they are sent.
func socketPair(kind int) (pair [2]int, err error) {
	// Not every system has SOCK_CLOEXEC: nobody may fork between the making and the marking.
	syscall.ForkLock.RLock()
	pair, err = unix.Socketpair(unix.AF_UNIX, kind, 0)
	if err == nil {
		unix.CloseOnExec(pair[0])
		unix.CloseOnExec(pair[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return pair, os.NewSyscallError("socketpair", err)
	}
	for _, fd := range pair {
		if err == nil {
			err = unix.SetNonblock(fd, true)
		}
		if err == nil {
			err = noSigpipe(fd)
		}
	}
	if err != nil {
		unix.Close(pair[0])
		unix.Close(pair[1])
		return pair, os.NewSyscallError("setsockopt", err)
	}
	return pair, nil
}
