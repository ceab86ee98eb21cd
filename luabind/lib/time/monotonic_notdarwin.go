//go:build unix && !darwin && !linux

package time

import "golang.org/x/sys/unix"

// monotonicClock is Python's.
const monotonicClock = unix.CLOCK_MONOTONIC
