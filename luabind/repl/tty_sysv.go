//go:build unix && !(darwin || dragonfly || freebsd || netbsd || openbsd)

package repl

import "golang.org/x/sys/unix"

// Requests that read and set the mode of a terminal.
const getTermios, setTermios = unix.TCGETS, unix.TCSETS
