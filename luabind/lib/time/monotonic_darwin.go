package time

import "golang.org/x/sys/unix"

// monotonicClock is mach_absolute_time, Python's: it stands still while the system sleeps.
const monotonicClock = unix.CLOCK_UPTIME_RAW
