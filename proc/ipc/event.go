package ipc

import (
	"context"
	"os"
	"time"
)

// An Event is set or not.
//
//	event = flag sets     sets: how often it was set
type Event struct{ Object }

const (
	eventFlag = iota
	eventSets
)

// NewEvent returns an event that isn't set.
func NewEvent() (*Event, error) {
	s, err := create(kindEvent, 0)
	if err != nil {
		return nil, err
	}
	return eventOf(s), nil
}

// OpenEvent takes over the files of an event that another process has sent.
func OpenEvent(files []*os.File) (*Event, error) {
	s, err := open(kindEvent, files)
	if err != nil {
		return nil, err
	}
	return eventOf(s), nil
}

func eventOf(s *segment) *Event {
	s.sweep()
	return closeUnused(&Event{Object{s}}, s)
}

// Set sets it, and wakes those who wait.
func (e *Event) Set(ctx context.Context) error {
	s := e.s
	_, err := s.change(ctx, Forever, func() verdict {
		if s.state(eventFlag) == 0 {
			s.wakeBeforePublish()
			s.setState(eventFlag, 1)
			s.addState(eventSets, 1)
		}
		return done
	})
	return err
}

// Clear unsets it.
func (e *Event) Clear(ctx context.Context) error {
	_, err := e.s.change(ctx, Forever, func() verdict {
		e.s.setState(eventFlag, 0)
		return done
	})
	return err
}

// IsSet says whether it is set.
func (e *Event) IsSet(ctx context.Context) (bool, error) { return e.Wait(ctx, 0) }

// Wait waits until it is set, at most timeout, and reports whether it was: also
// where it was set and cleared again before we could look.
func (e *Event) Wait(ctx context.Context, timeout time.Duration) (bool, error) {
	return e.Waiter()(ctx, timeout)
}

// Waiter returns a function that does what Wait does, for a wait in several parts: it
// reports also whether the event was set and cleared between two calls.
func (e *Event) Waiter() func(ctx context.Context, timeout time.Duration) (bool, error) {
	is := e.look()
	return func(ctx context.Context, timeout time.Duration) (bool, error) {
		return e.s.change(ctx, timeout, func() verdict {
			if is() {
				return done
			}
			return blocked
		})
	}
}

// look returns a function that reports whether the event is set, or was since the first call.
func (e *Event) look() func() bool {
	var sets uint64
	first := true
	return func() bool {
		if first {
			sets, first = e.s.state(eventSets), false
		}
		return e.s.state(eventFlag) != 0 || e.s.state(eventSets) != sets
	}
}

// AwaitReadable returns when it is set, or with the error of ctx.
func (e *Event) AwaitReadable(ctx context.Context) error { return e.s.awaitReady(ctx, e.look()) }

// Sets returns how often an event was set.
func (e *Event) Sets() uint64 {
	if e.s.data == nil {
		return 0
	}
	return e.s.state(eventSets)
}
