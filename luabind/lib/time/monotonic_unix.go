//go:build unix && !linux

package time

import (
	"time"

	"golang.org/x/sys/unix"
)

// monotonic returns the time of a clock that all processes of the system share,
// since some moment, most likely the start of the system.
func monotonic() time.Duration {
	var t unix.Timespec
	unix.ClockGettime(monotonicClock, &t) // it fails for a clock that there isn't
	return time.Duration(t.Nano())
}
