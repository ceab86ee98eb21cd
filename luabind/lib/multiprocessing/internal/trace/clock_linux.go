package trace

import "golang.org/x/sys/unix"

// monotonic asks the system's clock.
func monotonic() int64 {
	var t unix.Timespec
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &t)
	return t.Nano()
}
