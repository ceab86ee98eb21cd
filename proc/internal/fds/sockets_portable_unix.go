//go:build unix && (!linux || portable)

package fds

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Socketpair returns two connected sockets, close-on-exec. Sends have NoSignal as a flag.
func Socketpair(kind int) (pair [2]int, err error) {
	// Not every system has SOCK_CLOEXEC: the lock keeps others from forking before the sockets are marked.
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
		if err := noSignal(fd); err != nil {
			unix.Close(pair[0])
			unix.Close(pair[1])
			return pair, os.NewSyscallError("setsockopt", err)
		}
	}
	return pair, nil
}

// ReceiveNow is recvmsg for systems without MSG_CMSG_CLOEXEC. It returns the descriptors that came, close-on-exec. It holds a
// lock, so that nobody forks before they are marked. So it must not wait: if nothing has come the error is
// EAGAIN.
func ReceiveNow(fd int, b, oob []byte) (n int, passed []int, flags int, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	var oobn int
	for {
		n, oobn, flags, _, err = unix.Recvmsg(fd, b, oob, unix.MSG_DONTWAIT)
		if err != unix.EINTR {
			break
		}
	}
	if err == nil {
		passed, err = Rights(oob[:oobn])
	}
	for _, fd := range passed {
		unix.CloseOnExec(fd)
	}
	return n, passed, flags, err
}
