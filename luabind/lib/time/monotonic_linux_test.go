package time

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The clock is the system's, which other processes read.
func TestMonotonicIsTheSystems(t *testing.T) {
	system := func() time.Duration {
		var ts unix.Timespec
		unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
		return time.Duration(ts.Nano())
	}
	monotonic()
	const reading = time.Millisecond // how exactly the two were compared, at worst
	before := system()
	now := monotonic()
	after := system()
	if now < before-reading || now > after+reading {
		t.Errorf("got %v, between %v and %v", now, before, after)
	}
}
