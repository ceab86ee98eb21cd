//go:build !linux

package time

import "time"

// nap waits.
func nap(d time.Duration) { time.Sleep(d) }
