package ipc

import (
	"context"
	"os"
	"time"
)

// A Barrier lets its parties go on when all of them have come.
//
//	barrier = parties generation count acting broken
//	          count: who have come in this generation; acting: the last one, by
//	          slot+1, does what is to be done before all go on
//	slot    = arrival outcome party
//	          arrival: generation+1 of the one it waits in, 0: doesn't wait
//	          outcome: how that ended
//	          party: has waited once, or has got the barrier from another process
//
// A party that dies, or ends because of an error, breaks the barrier, whether it
// waits or not: one that would have come is missing. One that ends in peace doesn't,
// since another process may come in its place, nor does one that only made the
// barrier and handed it on.
//
// Outcomes are written before the generation changes, and mean nothing until
// then: they need no journal.
type Barrier struct{ Object }

const (
	barParties = iota
	barGeneration
	barCount
	barActing
	barBroken
)

const (
	outcomePassed = 1
	outcomeBroken = 2
)

// NewBarrier returns a barrier for a number of parties, at least one.
func NewBarrier(parties uint32) (*Barrier, error) {
	s, err := create(kindBarrier, 0, uint64(parties))
	if err != nil {
		return nil, err
	}
	return barrierOf(s), nil
}

// OpenBarrier takes over the files of a barrier that another process has sent.
// This process is one of its parties from now on.
func OpenBarrier(files []*os.File) (*Barrier, error) {
	s, err := open(kindBarrier, files)
	if err != nil {
		return nil, err
	}
	b := barrierOf(s)
	if _, err := s.change(context.Background(), Forever, func() verdict {
		b.joinParties()
		return done
	}); err != nil {
		s.closeAs(endedWell)
		return nil, err
	}
	return b, nil
}

func barrierOf(s *segment) *Barrier {
	b := &Barrier{Object{s}}
	s.reclaim = func(slot int, how ending) {
		if how != endedWell && s.field(slot, slotParty) != 0 || s.field(slot, slotHeld) == s.state(barGeneration)+1 || s.state(barActing) == uint64(slot+1) {
			breakBarrier(s)
		}
	}
	s.sweep()
	return closeUnused(b, s)
}

// joinParties lets those who wait watch this process too.
func (b *Barrier) joinParties() {
	if b.s.field(b.s.slot, slotParty) == 0 {
		b.s.wakeBeforePublish()
		b.s.setField(b.s.slot, slotParty, 1)
	}
}

// endGeneration lets those who wait go on, with an outcome, within a change.
func endGeneration(s *segment, outcome uint64) {
	s.wakeBeforePublish()
	g := s.state(barGeneration)
	for slot := range s.slots() {
		if s.field(slot, slotHeld) == g+1 {
			s.word(slotPlace(slot, slotNote)).Store(outcome)
		}
	}
	s.setState(barCount, 0)
	s.setState(barActing, 0)
	s.setState(barGeneration, g+1)
}

func breakBarrier(s *segment) {
	if s.state(barBroken) == 0 {
		endGeneration(s, outcomeBroken)
		s.setState(barBroken, 1)
	}
}

// reclaimParties breaks the barrier if a party has died, and sees to it that the
// death of the others notifies.
func (b *Barrier) reclaimParties() {
	s := b.s
	for slot := range s.slots() {
		if slot != s.slot && s.field(slot, slotParty) != 0 {
			s.reclaimDead(slot)
		}
	}
}

// Wait is WaitAttended where nothing else is to be done.
func (b *Barrier) Wait(ctx context.Context, timeout time.Duration, action func() error) (index int, err error) {
	return b.WaitAttended(ctx, timeout, action, nil)
}

// WaitAttended waits for the other parties, at most timeout, and returns how many had
// come before. The last one calls action, if there is one, before all go on; its
// error breaks the barrier, and so does a panic of what attend does. Where it was broken
// the error is ErrBroken.
func (b *Barrier) WaitAttended(ctx context.Context, timeout time.Duration, action func() error, attend Attend) (index int, err error) {
	s := b.s
	var g uint64
	last := false
	arrive := func() verdict {
		b.joinParties()
		b.reclaimParties()
		switch {
		case s.state(barBroken) != 0:
			index = -1
			return done
		case s.state(barCount) == s.state(barParties):
			return blocked // this generation is complete and about to go on
		}
		g = s.state(barGeneration)
		index = int(s.state(barCount))
		last = index+1 == int(s.state(barParties))
		s.setState(barCount, uint64(index+1))
		twice := s.field(s.slot, slotHeld) == g+1 // this is what attend does for another Wait
		s.setField(s.slot, slotHeld, g+1)
		if last {
			if action == nil {
				if !twice {
					s.setField(s.slot, slotHeld, 0)
				}
				endGeneration(s, outcomePassed)
			} else {
				s.setState(barActing, uint64(s.slot+1))
			}
		}
		return done
	}
	arrived, err := attend.wait(ctx, timeout, func(ctx context.Context, timeout time.Duration) (bool, error) {
		return s.change(ctx, timeout, arrive)
	})
	switch {
	case err != nil:
		return 0, err
	case !arrived:
		b.Abort(ctx)
		return 0, ErrBroken
	case index < 0:
		return 0, ErrBroken
	case last && action == nil:
		return index, nil
	case last:
		return index, b.act(ctx, g, action)
	}
	passed, err := b.pass(ctx, timeout, g, attend)
	if passed || err != nil {
		return index, err
	}
	return 0, ErrBroken
}

// pass waits for the end of a generation, and breaks it if the time is over.
func (b *Barrier) pass(ctx context.Context, timeout time.Duration, g uint64, attend Attend) (passed bool, err error) {
	s := b.s
	over := false
	defer func() {
		_, cerr := s.change(context.WithoutCancel(ctx), Forever, func() verdict {
			if s.state(barGeneration) == g && !over {
				breakBarrier(s)
			}
			passed = s.field(s.slot, slotNote) == outcomePassed
			s.setField(s.slot, slotHeld, 0)
			return done
		})
		if err == nil {
			err = cerr
		}
	}()
	over, err = attend.wait(ctx, timeout, func(ctx context.Context, timeout time.Duration) (bool, error) {
		return s.change(ctx, timeout, func() verdict {
			b.reclaimParties()
			if s.state(barGeneration) == g {
				return blocked
			}
			return done
		})
	})
	return passed, err
}

// act does what is to be done before all go on.
func (b *Barrier) act(ctx context.Context, g uint64, action func() error) error {
	s := b.s
	ok := false
	end := func() (err error) {
		_, cerr := s.change(context.WithoutCancel(ctx), Forever, func() verdict {
			switch {
			case s.state(barGeneration) != g:
				err = ErrBroken // it was reset meanwhile, or somebody's time was over
			case ok:
				endGeneration(s, outcomePassed)
			default:
				breakBarrier(s)
			}
			s.setField(s.slot, slotHeld, 0)
			return done
		})
		if cerr != nil {
			return cerr
		}
		return err
	}
	defer func() {
		if !ok { // also after a panic
			end()
		}
	}()
	if err := action(); err != nil {
		return err
	}
	ok = true
	return end()
}

// Reset makes the barrier as new. Those who wait get ErrBroken.
func (b *Barrier) Reset(ctx context.Context) error {
	s := b.s
	_, err := s.change(ctx, Forever, func() verdict {
		b.reclaimParties() // a death until now breaks no later round
		if s.state(barCount) > 0 {
			endGeneration(s, outcomeBroken)
		}
		s.wakeBeforePublish()
		s.setState(barBroken, 0)
		return done
	})
	return err
}

// Abort breaks the barrier: until Reset every Wait returns ErrBroken.
func (b *Barrier) Abort(ctx context.Context) error {
	_, err := b.s.change(ctx, Forever, func() verdict {
		breakBarrier(b.s)
		return done
	})
	return err
}

// A BarrierState is how a barrier stands.
type BarrierState struct {
	Parties int
	Waiting int // have come and wait for others
	Broken  bool
}

// State returns how it stands.
func (b *Barrier) State(ctx context.Context) (st BarrierState, err error) {
	s := b.s
	_, err = s.change(ctx, Forever, func() verdict {
		b.reclaimParties()
		st = BarrierState{int(s.state(barParties)), int(s.state(barCount)), s.state(barBroken) != 0}
		return done
	})
	return st, err
}
