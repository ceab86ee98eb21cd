//go:build !portable

package proc

import (
	"os"

	"golang.org/x/sys/unix"
)

// tie makes the kernel end this process when the other end of c is closed, and
// reports whether it will do that. It is for when nothing more will be said on c: what arrives
// has the same effect.
//
// It is faster than our own goroutine, which has to wait for its turn behind
// everything else that runs here and on the machine, and it reaches a process
// that is stopped.
func tie(c *channel) (tied bool) {
	control(c.file, func(fd int) {
		// Instead of SIGIO, for which there has to be an owner.
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETSIG, int(unix.SIGKILL)); err != nil {
			return
		}
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETOWN, os.Getpid()); err != nil {
			return
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0); err == nil {
			_, err = unix.FcntlInt(uintptr(fd), unix.F_SETFL, flags|unix.O_ASYNC)
			tied = err == nil
		}
	})
	return tied
}

// atEndOf would call f when a process has ended. Here the channel says that.
func atEndOf(int, func()) bool { return false }
