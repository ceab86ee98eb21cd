//go:build unix && !linux

package ipc

import "golang.org/x/sys/unix"

// noSigpipe lets a write to a socket whose other end is closed raise no signal.
func noSigpipe(fd int) error { return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_NOSIGPIPE, 1) }
