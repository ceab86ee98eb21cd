//go:build unix && !darwin

package clock

import "golang.org/x/sys/unix"

// monotonicClock is Python's.
const monotonicClock = unix.CLOCK_MONOTONIC
