//go:build openbsd || (linux && portable)

package fds

import "golang.org/x/sys/unix"

// NoSignal is a flag for sends to sockets of Socketpair: where the other end is closed they
// raise no SIGPIPE, which the program may have asked for.
const NoSignal = unix.MSG_NOSIGNAL

func noSignal(int) error { return nil }
