package time

import (
	"time"

	"golang.org/x/sys/unix"
)

// nap waits, and holds a thread meanwhile. It is for the end of a wait: the runtime's
// poller counts milliseconds, and takes what is begun as a whole one.
func nap(d time.Duration) {
	left := unix.NsecToTimespec(max(0, d.Nanoseconds()))
	for unix.Nanosleep(&left, &left) == unix.EINTR {
	}
}
