// Package alarm is a timer for who has several things to do, each at a time of its own.
package alarm

import "time"

// An Alarm calls Do at the earliest of the times for which it was set. Its methods are called with a lock held, which Do takes
// too.
type Alarm struct {
	Do func() // calls Rang first

	timer *time.Timer
	at    time.Time // zero: it isn't set
}

// Set has Do called at a time, or before it.
func (a *Alarm) Set(at time.Time) {
	switch {
	case a.timer == nil:
		a.timer = time.AfterFunc(time.Until(at), a.Do)
	case a.at.IsZero() || at.Before(a.at):
		a.timer.Reset(time.Until(at))
	default:
		return
	}
	a.at = at
}

// Rang says that Do was called: what it was set for is over.
func (a *Alarm) Rang() { a.at = time.Time{} }

// Stop has Do not called any more, but for a call that has begun.
func (a *Alarm) Stop() {
	if a.timer != nil {
		a.timer.Stop()
	}
}
