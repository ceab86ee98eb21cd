//go:build unix && !openbsd && !linux

package fds

import "golang.org/x/sys/unix"

// NoSignal is a flag for sends to sockets of Socketpair. If the other end is closed such a send raises no SIGPIPE, which a
// handler of the program would get. On this system it is an option of the sockets, so the flag is 0.
const NoSignal = 0

func noSignal(fd int) error { return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_NOSIGPIPE, 1) }
