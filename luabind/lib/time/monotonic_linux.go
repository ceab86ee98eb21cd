package time

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// monotonic returns the time of a clock that all processes of the system share,
// since some moment, most likely the start of the system.
//
// It is CLOCK_MONOTONIC, as Python's. Go's own clock is the same one, reads it without a
// system call, and keeps to itself where it began: that is asked for once.
func monotonic() time.Duration {
	start.once.Do(func() {
		const tries = 5 // of which the one that nobody came between
		least := time.Duration(-1)
		for range tries {
			var ts unix.Timespec
			began := time.Now()
			unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
			took := time.Since(began)
			if least < 0 || took < least {
				least = took
				start.at, start.on = began, time.Duration(ts.Nano())-took/2
			}
		}
	})
	return start.on + time.Since(start.at)
}

// start is a fact about this process: a moment on Go's clock and on the system's.
var start struct {
	once sync.Once
	at   time.Time
	on   time.Duration
}
