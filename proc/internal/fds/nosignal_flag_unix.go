//go:build openbsd || (linux && portable)

package fds

import "golang.org/x/sys/unix"

// NoSignal is a flag for sends to sockets of Socketpair. If the other end is closed such a send raises no SIGPIPE, which a
// handler of the program would get.
const NoSignal = unix.MSG_NOSIGNAL

func noSignal(int) error { return nil }
