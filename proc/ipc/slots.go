package ipc

import (
	"context"
	"math/bits"
)

// claim takes a slot.
func (s *segment) claim() error {
	me, err := self()
	if err != nil {
		return err
	}
	slot := 0
	for !s.word(slotPlace(slot, 0)).CompareAndSwap(0, uint64(me.identity)) {
		if slot++; slot == maxSlots {
			return ErrCrowded
		}
	}
	s.slot, s.self = slot, me.identity
	s.me = uint64(slot+1) | s.word(atClaims).Add(1)<<16
	for {
		high := s.word(atHigh).Load()
		if high > uint64(slot) || s.word(atHigh).CompareAndSwap(high, uint64(slot)+1) {
			return nil
		}
	}
}

// sweep reclaims those that have died with nobody to notice, before their slots
// become many: whenever their number has doubled. It is called by each open.
func (s *segment) sweep() {
	if n := s.slot + 1; n < 16 || bits.OnesCount(uint(n)) != 1 {
		return
	}
	s.change(context.Background(), Forever, func() verdict {
		for slot := range s.slots() {
			if slot != s.slot {
				s.reclaimDead(slot)
			}
		}
		return done
	})
}

// peer returns the process in a slot. Nil: it has ended, or the slot is free.
func (s *segment) peer(slot int) (*peer, error) {
	id := s.ident(slot)
	p := s.peers[slot]
	if p != nil && p.id == id {
		return p, nil
	}
	if p != nil {
		p.release(s.notifier)
		delete(s.peers, slot)
	}
	if id == 0 {
		return nil, nil
	}
	p, err := watchPeer(id, s.notifier)
	if p != nil {
		s.peers[slot] = p
	}
	return p, err
}

// gone says whether the process in a slot has ended. If not, its end will notify
// us, or we are blind.
func (s *segment) gone(slot int) bool {
	if slot < 0 || slot >= maxSlots {
		return false // nobody's
	}
	me, _ := self()
	if s.ident(slot) == me.identity {
		return false
	}
	p, err := s.peer(slot)
	if err != nil {
		s.blind = true
		return hasEnded(s.ident(slot))
	}
	return p == nil || p.ended()
}

// reclaimDead gives back what the process of a slot held, if it has ended, and
// reports whether it has. It is called within a change, before anything else was
// changed there.
func (s *segment) reclaimDead(slot int) bool {
	if s.ident(slot) == 0 || !s.gone(slot) {
		return false
	}
	s.giveBack(slot, died)
	s.word(slotPlace(slot, 0)).Store(0) // now it is anybody's
	return true
}

// giveBack empties a slot, within a change, and completes that.
func (s *segment) giveBack(slot int, how ending) {
	s.reclaim(slot, how)
	for _, field := range []int{slotHeld, slotNote, slotParty} {
		if s.field(slot, field) != 0 {
			s.set(slotPlace(slot, field), 0)
		}
	}
	s.commit()
}

// holder returns a slot that has something in its field held, this one if it
// has; -1: none has.
func (s *segment) holder() int {
	if s.field(s.slot, slotHeld) > 0 {
		return s.slot
	}
	for slot := range s.slots() {
		if s.field(slot, slotHeld) > 0 {
			return slot
		}
	}
	return -1
}

// reclaimHolders reclaims the dead among those that hold something, reports whether
// there were any, and sees to it that the death of the others notifies.
func (s *segment) reclaimHolders() (reclaimed bool) {
	for slot := range s.slots() {
		if s.field(slot, slotHeld) > 0 && s.reclaimDead(slot) {
			reclaimed = true
		}
	}
	return reclaimed
}
