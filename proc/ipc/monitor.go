package ipc

import (
	"context"
	"time"

	"luaspawn/proc/internal/fds"
)

// A verdict is how a try ended.
type verdict int

const (
	blocked verdict = iota // not yet: again after the next notification
	busy                   // the monitor is taken
	done
)

// enter takes the monitor, if that is possible without sleeping. If not, its
// owner notifies when it leaves it, and so does its death.
func (s *segment) enter() bool {
	monitor := s.word(atMonitor)
	for i := 0; ; {
		w := monitor.Load()
		switch {
		case w == 0:
			if monitor.CompareAndSwap(0, s.me) {
				s.woken = false
				return true
			}
		case i < spins:
			// Whoever has it is done in less than a microsecond, unless
			// it has no processor.
			if i++; i > spins/2 {
				fds.Yield()
			}
		case s.gone(slotOf(w)):
			if monitor.CompareAndSwap(w, s.me|w&waiting) {
				s.recover()
				s.woken = false
				s.reclaimDead(slotOf(w))
				return true
			}
		case w&waiting != 0 || monitor.CompareAndSwap(w, w|waiting):
			return false
		}
	}
}

// spins is how often a word is looked at before its owner is taken to be
// without a processor: half of it at once, half with a chance for others.
const spins = 64

// exit leaves the monitor.
func (s *segment) exit() {
	s.commit()
	if s.word(atMonitor).Swap(0)&waiting != 0 {
		s.notifier.notify()
	}
}

// set changes a word within a change.
func (s *segment) set(at int, value uint64) {
	n := s.word(atJournal).Load()
	if n >= maxJournal {
		panic("ipc: a change of too many words")
	}
	if s.step != nil {
		s.step()
	}
	entry := atEntries + int(n)*16
	w := s.word(at)
	s.word(entry).Store(uint64(at))
	s.word(entry + 8).Store(w.Load())
	s.word(atJournal).Store(n + 1)
	w.Store(value)
}

func (s *segment) setState(i int, value uint64)       { s.set(wordPlace(i), value) }
func (s *segment) setField(slot, field int, v uint64) { s.set(slotPlace(slot, field), v) }
func (s *segment) addHeld(slot int, by uint64) {
	s.setField(slot, slotHeld, s.field(slot, slotHeld)+by)
}
func (s *segment) addState(i int, by uint64) { s.setState(i, s.state(i)+by) }

// commit makes the changes since the last commit last.
func (s *segment) commit() {
	if s.step != nil {
		s.step()
	}
	s.word(atJournal).Store(0)
}

// recover undoes the change of a dead owner. Its own death undoes nothing.
func (s *segment) recover() {
	for n := min(s.word(atJournal).Load(), maxJournal); n > 0; n-- {
		entry := atEntries + int(n-1)*16
		if at := s.word(entry).Load(); at%8 == 0 && at < uint64(len(s.data)) {
			s.word(int(at)).Store(s.word(entry + 8).Load())
		}
	}
	s.commit()
}

// wakeBeforePublish wakes whoever sleeps, who will find the monitor taken until this
// change is done. It is called before a change that others wait for.
func (s *segment) wakeBeforePublish() {
	if s.woken {
		return
	}
	s.woken = true
	if s.word(atSleeping).Load() != 0 {
		s.set(atSleeping, 0)
		s.notifier.notify()
	}
}

// change calls step with the monitor taken, again and again until it is done, or
// timeout is over, or ctx has ended. What a step changes happens as a whole. One
// that returns blocked has looked, with gone or reclaimDead, at the processes that
// it waits for.
func (s *segment) change(ctx context.Context, timeout time.Duration, step func() verdict) (bool, error) {
	return s.await(ctx, timeout, func(sleeping bool) verdict {
		if !s.enter() {
			return busy
		}
		v := step()
		if v == blocked && sleeping && s.word(atSleeping).Load() == 0 {
			s.commit()
			s.set(atSleeping, 1)
		}
		s.exit()
		return v
	})
}

// await calls try until it is done, or timeout is over, or ctx has ended, and
// reports whether it was done. With sleeping set, a try that is not done has
// seen to it that the notifier wakes it when it has to be called again. One that is busy
// is called again even if there is no time left.
func (s *segment) await(ctx context.Context, timeout time.Duration, try func(sleeping bool) verdict) (bool, error) {
	if s.data == nil {
		return false, ErrClosed
	}
	v := try(false)
	if v == done || v == blocked && timeout == 0 {
		return v == done, nil
	}
	var deadline time.Time
	if timeout > 0 {
		deadline = time.Now().Add(timeout)
	}
	over := timeout == 0
	for {
		v, err := s.sleep(ctx, deadline, try, over)
		if err != nil || v == done {
			return v == done, err
		}
		if !deadline.IsZero() && !time.Now().Before(deadline) {
			over, deadline = true, time.Time{} // what is busy will be over soon, and is looked at then
		}
		if over && v == blocked {
			return false, nil
		}
	}
}

// awaitReady waits until is says so, which looks at the words of the segment, or until the end of ctx. If that has ended it only
// looks.
func (s *segment) awaitReady(ctx context.Context, is func() bool) error {
	timeout := time.Duration(Forever)
	if ctx.Err() != nil {
		timeout = 0
	}
	ready, err := s.change(ctx, timeout, func() verdict {
		if is() {
			return done
		}
		return blocked
	})
	switch {
	case err == nil && !ready:
		return ctx.Err()
	case err != nil && err == ctx.Err() && is():
		return nil // the monitor was taken, and ctx lets nobody wait for it: whoever has it may be stopped
	}
	return err
}

// blindPause is how long a process that can't be watched may be dead and nobody look.
const blindPause = 50 * time.Millisecond
