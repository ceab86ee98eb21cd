//go:build unix

package proc

import (
	"os"

	"golang.org/x/sys/unix"
)

// unread returns how many bytes are in the pipe f, or at least how many there
// can be. It also works past a deadline.
func unread(f *os.File) (n int) {
	control(f, func(fd int) { n = pending(fd) })
	return n
}

// readNow reads what is in the pipe f without waiting. It returns 0 if that is
// nothing, and also works past a deadline.
func readNow(f *os.File, b []byte) (n int) {
	control(f, func(fd int) {
		for {
			var err error
			if n, err = unix.Read(fd, b); err != unix.EINTR {
				return
			}
		}
	})
	return max(n, 0)
}

// control calls do with the descriptor of f, unless f is closed.
func control(f *os.File, do func(fd int)) {
	if conn, err := f.SyscallConn(); err == nil {
		conn.Control(func(fd uintptr) { do(int(fd)) })
	}
}
