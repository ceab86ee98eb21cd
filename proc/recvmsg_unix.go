//go:build unix

package proc

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// recvmsgLocked is recvmsg where there is no MSG_CMSG_CLOEXEC: nobody may fork between
// the receiving and the marking. It waits before it takes the lock that keeps others
// from that. As recvmsg does, it may return EINTR. It is built where it isn't needed too, to be tested there.
func recvmsgLocked(fd int, b, oob []byte) (n, oobn, flags int, err error) {
	for {
		p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		if _, err := unix.Poll(p, -1); err != nil {
			return 0, 0, 0, err
		}
		n, oobn, flags, err = recvmsgNow(fd, b, oob)
		if err != unix.EAGAIN {
			return n, oobn, flags, err
		}
	}
}

func recvmsgNow(fd int, b, oob []byte) (n, oobn, flags int, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	n, oobn, flags, _, err = unix.Recvmsg(fd, b, oob, unix.MSG_DONTWAIT)
	if err != nil || oobn == 0 {
		return n, oobn, flags, err
	}
	msgs, err := unix.ParseSocketControlMessage(oob[:oobn])
	for i := range msgs {
		if fds, err := unix.ParseUnixRights(&msgs[i]); err == nil {
			for _, fd := range fds {
				unix.CloseOnExec(fd)
			}
		}
	}
	return n, oobn, flags, err
}
