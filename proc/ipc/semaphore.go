package ipc

import (
	"context"
	"os"
	"time"
)

// A Semaphore has a value that Acquire takes one from, and waits while it is
// zero. What a process had acquired comes back when it dies, but not when it has
// closed the semaphore.
//
//	semaphore = value limit returned   limit: 0 is none; returned: of value, came back from the dead
//	slot      = held                   acquired there and not given back
//
// A process that releases without having acquired gives back for one that has,
// if there is any: what is held and the value together only grow by what is
// released beyond that.
type Semaphore struct{ Object }

const (
	semValue = iota
	semLimit
	semReturned
)

// NewSemaphore returns a semaphore with the value n, which is 0 or more. A
// bounded one never gets above that.
func NewSemaphore(n uint32, bounded bool) (*Semaphore, error) {
	limit := uint64(0)
	if bounded {
		limit = uint64(n) + 1
	}
	s, err := create(kindSemaphore, 0, uint64(n), limit)
	if err != nil {
		return nil, err
	}
	return semaphoreOf(s), nil
}

// OpenSemaphore takes over the files of one that another process has sent.
func OpenSemaphore(files []*os.File) (*Semaphore, error) {
	s, err := open(kindSemaphore, files)
	if err != nil {
		return nil, err
	}
	return semaphoreOf(s), nil
}

func semaphoreOf(s *segment) *Semaphore {
	s.reclaim = func(slot int, how ending) {
		if n := s.field(slot, slotHeld); n > 0 && how == died {
			s.wakeBeforePublish()
			s.addState(semValue, n)
			s.addState(semReturned, n)
		}
	}
	s.holds = func() bool { return s.field(s.slot, slotHeld) > 0 }
	s.sweep()
	return closeUnused(&Semaphore{Object{s}}, s)
}

// Acquire takes one from the value, and waits for it at most timeout.
func (m *Semaphore) Acquire(ctx context.Context, timeout time.Duration) (how Acquired, err error) {
	s := m.s
	_, err = s.change(ctx, timeout, func() verdict {
		if s.state(semValue) == 0 && !s.reclaimHolders() {
			return blocked
		}
		how = Taken
		s.addState(semValue, ^uint64(0))
		if s.state(semReturned) > 0 {
			s.addState(semReturned, ^uint64(0))
			how = Abandoned
		}
		s.addHeld(s.slot, 1)
		return done
	})
	return how, err
}

// Release adds one to the value.
func (m *Semaphore) Release(ctx context.Context) (err error) {
	s := m.s
	_, cerr := s.change(ctx, Forever, func() verdict {
		if limit := s.state(semLimit); limit > 0 && s.state(semValue)+1 >= limit {
			err = ErrReleased
			return done
		}
		s.wakeBeforePublish()
		s.addState(semValue, 1)
		if slot := s.holder(); slot >= 0 {
			s.addHeld(slot, ^uint64(0))
		}
		return done
	})
	if cerr != nil {
		return cerr
	}
	return err
}

// Value returns the value.
func (m *Semaphore) Value(ctx context.Context) (n int, err error) {
	_, err = m.s.change(ctx, Forever, func() verdict {
		if m.s.state(semValue) == 0 {
			m.s.reclaimHolders()
		}
		n = int(m.s.state(semValue))
		return done
	})
	return n, err
}
