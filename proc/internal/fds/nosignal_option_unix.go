//go:build unix && !openbsd && !linux

package fds

import "golang.org/x/sys/unix"

// NoSignal is a flag for sends to sockets of Socketpair: where the other end is closed they
// raise no SIGPIPE, which the program may have asked for. Here the sockets say that.
const NoSignal = 0

func noSignal(fd int) error { return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_NOSIGPIPE, 1) }
