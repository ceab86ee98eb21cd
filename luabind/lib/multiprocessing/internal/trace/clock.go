package trace

import "time"

// A Clock tells the time of events: ns of the clock that all processes of the system share.
// It is that of package time, which is faster to ask than the system.
type Clock struct {
	origin time.Time
	base   int64
}

// NewClock returns one.
func NewClock() Clock { return Clock{time.Now(), monotonic()} }

// Now returns the time.
func (c Clock) Now() int64 { return c.base + int64(time.Since(c.origin)) }
