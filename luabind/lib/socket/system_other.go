//go:build unix && (!linux || portable)

package socket

import (
	"syscall"

	"golang.org/x/sys/unix"
)

func newSocket(domain, kind int) (int, error) {
	// No SOCK_CLOEXEC: nobody may fork between the making and the marking.
	syscall.ForkLock.RLock()
	fd, err := unix.Socket(domain, kind, 0)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	return nonblocking(fd, err)
}

func accept(fd int) (int, error) {
	// The lock must be short: nobody could start a process meanwhile. Another process that has
	// the listening socket too may have made it blocking.
	syscall.ForkLock.RLock()
	c, err := -1, unix.SetNonblock(fd, true)
	if err == nil {
		c, _, err = unix.Accept(fd)
	}
	if err == nil {
		unix.CloseOnExec(c)
	}
	syscall.ForkLock.RUnlock()
	return nonblocking(c, err)
}

func nonblocking(fd int, err error) (int, error) {
	if err != nil {
		return -1, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// systemOptions are those that not every system has.
func systemOptions() map[string]option {
	return map[string]option{
		"reuseport": flag(unix.SOL_SOCKET, unix.SO_REUSEPORT),
	}
}
