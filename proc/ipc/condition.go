package ipc

import (
	"cmp"
	"context"
	"os"
	"slices"
	"time"
)

// A Condition is where those who hold a lock wait, without it, until another one
// that holds it notifies them.
//
//	condition = tickets       how many have ever waited
//	slot      = ticket note   ticket: who came when, 0: doesn't wait; note: 1: was notified
//
// A process that dies when it was notified and has not got the lock back yet
// passes the notification on. So those who wait watch those who were notified.
type Condition struct{ Object }

const conditionTickets = 0

// NewCondition returns a condition. Its lock is the caller's to keep with it.
func NewCondition() (*Condition, error) {
	s, err := create(kindCondition, 0)
	if err != nil {
		return nil, err
	}
	return conditionOf(s), nil
}

// OpenCondition takes over the files of a condition that another process has
// sent.
func OpenCondition(files []*os.File) (*Condition, error) {
	s, err := open(kindCondition, files)
	if err != nil {
		return nil, err
	}
	return conditionOf(s), nil
}

func conditionOf(s *segment) *Condition {
	s.reclaim = func(slot int, _ ending) {
		if s.field(slot, slotNote) != 0 {
			notify(s, 1, slot)
		}
	}
	s.sweep()
	return closeUnused(&Condition{Object{s}}, s)
}

// sleepers returns the slots that wait and were not notified, the first to come
// first.
func sleepers(s *segment) []int {
	var list []int
	for slot := range s.slots() {
		if s.field(slot, slotHeld) != 0 && s.field(slot, slotNote) == 0 {
			list = append(list, slot)
		}
	}
	slices.SortFunc(list, func(a, b int) int {
		return cmp.Compare(s.field(a, slotHeld), s.field(b, slotHeld))
	})
	return list
}

// notify marks n of those who wait, within a change; the slot but is not one of
// them, nor are those of dead processes.
func notify(s *segment, n int, but int) {
	list := sleepers(s)
	if len(list) == 0 {
		return
	}
	s.wakeBeforePublish()
	for _, slot := range list {
		if n == 0 {
			return
		}
		if slot != but && !s.gone(slot) {
			s.setField(slot, slotNote, 1)
			n--
		}
	}
}

// Notify wakes n of those who wait. The lock must be held here.
func (c *Condition) Notify(ctx context.Context, lock *Lock, n int) error {
	if c.s.data == nil {
		return ErrClosed
	}
	if !lock.Owned() {
		return ErrNotOwned
	}
	// A few at a time, since the journal is short. Nobody can join those
	// who wait meanwhile: that takes the lock.
	for n > 0 {
		part := min(n, maxJournal/4)
		if _, err := c.s.change(ctx, Forever, func() verdict {
			for _, slot := range sleepers(c.s) {
				c.s.reclaimDead(slot)
			}
			notify(c.s, part, -1)
			return done
		}); err != nil {
			return err
		}
		n -= part
		if len(sleepers(c.s)) == 0 {
			return nil
		}
	}
	return nil
}

// NotifyAll wakes all of those who wait. The lock must be held here.
func (c *Condition) NotifyAll(ctx context.Context, lock *Lock) error {
	return c.Notify(ctx, lock, maxSlots)
}

// Waiting returns how many wait and are alive.
func (c *Condition) Waiting() int {
	n := 0
	for _, slot := range sleepers(c.s) {
		if !c.s.gone(slot) {
			n++
		}
	}
	return n
}

// An Attend lets something else be done while somebody waits: it calls try, which waits
// for so long at most and reports whether it has got what it waits for, and may end its
// context and call it again. Nil calls it once.
type Attend func(timeout time.Duration, try func(ctx context.Context, timeout time.Duration) (bool, error)) (bool, error)

func (a Attend) wait(ctx context.Context, timeout time.Duration, try func(ctx context.Context, timeout time.Duration) (bool, error)) (bool, error) {
	if a == nil {
		return try(ctx, timeout)
	}
	return a(timeout, try)
}

// Wait is WaitAttended where nothing else is to be done.
func (c *Condition) Wait(ctx context.Context, lock *Lock, timeout time.Duration) (notified bool, how Acquired, err error) {
	return c.WaitAttended(ctx, lock, timeout, nil)
}

// WaitAttended frees the lock, waits until it is notified, at most timeout, and takes
// the lock again, for which it waits as long as it has to. It reports whether it
// was notified, and how it has got the lock. After an error of ctx it has it not. What
// attend does may use the lock, and notify; it may not wait here. If it panics, the
// lock is taken again before that goes on.
func (c *Condition) WaitAttended(ctx context.Context, lock *Lock, timeout time.Duration, attend Attend) (notified bool, how Acquired, err error) {
	s := c.s
	if s.data == nil {
		return false, NotAcquired, ErrClosed
	}
	if !lock.Owned() {
		return false, NotAcquired, ErrNotOwned
	}
	if s.field(s.slot, slotHeld) != 0 {
		return false, NotAcquired, ErrWaiting
	}
	if _, err := s.change(ctx, Forever, func() verdict {
		s.addState(conditionTickets, 1)
		s.setField(s.slot, slotHeld, s.state(conditionTickets))
		s.setField(s.slot, slotNote, 0)
		return done
	}); err != nil {
		return false, NotAcquired, err
	}
	depth := lock.depth
	lock.depth = 1
	leave := func(passOn bool) error {
		_, err := s.change(context.WithoutCancel(ctx), Forever, func() verdict {
			notified = s.field(s.slot, slotNote) != 0
			if passOn && notified {
				notify(s, 1, s.slot)
			}
			s.setField(s.slot, slotHeld, 0)
			s.setField(s.slot, slotNote, 0)
			return done
		})
		return err
	}
	returned := false
	defer func() {
		if returned {
			return
		}
		leave(true)
		if lock.Owned() { // attend holds it still
			lock.depth = depth
		} else if _, err := lock.Acquire(ctx, Forever); err == nil {
			lock.depth = depth
		}
	}()
	err = lock.Release(ctx)
	if err == nil {
		_, err = attend.wait(ctx, timeout, func(ctx context.Context, timeout time.Duration) (bool, error) {
			return s.change(ctx, timeout, func() verdict {
				for {
					if s.field(s.slot, slotNote) != 0 {
						return done
					}
					if !c.reclaimNotified() {
						return blocked
					}
				}
			})
		})
	}
	if err == nil {
		_, err = attend.wait(ctx, Forever, func(ctx context.Context, timeout time.Duration) (bool, error) {
			var err error
			how, err = lock.Acquire(ctx, timeout)
			return how != NotAcquired, err
		})
		if err == nil {
			lock.depth = depth
		}
	}
	returned = true
	if lerr := leave(err != nil); err == nil {
		err = lerr
	}
	return notified && err == nil, how, err
}

// reclaimNotified reclaims those who were notified and died.
func (c *Condition) reclaimNotified() (reclaimed bool) {
	for slot := range c.s.slots() {
		if slot != c.s.slot && c.s.field(slot, slotNote) != 0 && c.s.reclaimDead(slot) {
			reclaimed = true
		}
	}
	return reclaimed
}
