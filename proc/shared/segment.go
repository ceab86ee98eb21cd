package shared

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// Places in a segment, in bytes. All words have 64 bits.
const (
	atMagic     = 0
	atKind      = 8
	atNamespace = 16
	atMonitor   = 24
	atSleeping  = 32
	atClaims    = 40
	atHigh      = 48
	atJournal   = 56 // how many entries
	atEntries   = 64 // {place, word before}
	atWords     = atEntries + maxJournal*16
	atSlots     = 1024
	atData      = 132 << 10

	maxJournal = 32
	maxWords   = (atSlots - atWords) / 8
	maxSlots   = 4096

	slotSize  = 32 // identity, held, note, party
	slotHeld  = 8
	slotNote  = 16
	slotParty = 24
)

const magic = 0x3130474d4853534c // "LSSHMG01"

// A kind is what an object is.
type kind uint64

const (
	kindLock kind = iota + 1
	kindRLock
	kindSemaphore
	kindEvent
	kindCondition
	kindBarrier
	kindQueue
	kindArray
)

// A claim stands for a holder in the words of a segment: the number of its slot
// and a serial number, so that no two claims are ever equal. The bit waiting says
// that somebody waits for it.
type claim = uint64

const (
	waiting   claim = 1 << 15
	slotMask        = waiting - 1
	abandoned claim = slotMask // the owner died
)

// slotOf returns the slot of a claim, -1 where nobody has it.
func slotOf(c claim) int { return int(c&slotMask) - 1 }

// A segment is an object as one holder has it open. It is used by one goroutine
// at a time.
type segment struct {
	*memory
	kind kind
	slot int
	me   claim
	bell *bell
	wake *os.File // the descriptor of bell, in the poller
	conn syscall.RawConn

	closed    atomic.Bool
	expired   bool // wake has a deadline that must go first
	announced bool // in the change under way
	peers     map[int]*peer

	// bury gives back what a slot held, in a change that is under way. died
	// says that its process did, and didn't just close the object.
	bury func(slot int, died bool)

	// holds says whether the object is in use here, so that it must not be
	// given back just because nobody here refers to it any more.
	holds func() bool

	onLeave func() // frees what belongs to the object beside the segment; nil: nothing

	step func() // called before each word that is written in a change; nil outside of tests
}

// word returns the word at a place.
func (s *segment) word(at int) *atomic.Uint64 { return (*atomic.Uint64)(unsafe.Pointer(&s.data[at])) }

func wordPlace(i int) int             { return atWords + 8*i }
func slotPlace(slot, field int) int   { return atSlots + slotSize*slot + field }
func (s *segment) state(i int) uint64 { return s.word(wordPlace(i)).Load() }
func (s *segment) slots() int         { return int(min(s.word(atHigh).Load(), maxSlots)) }
func (s *segment) ident(slot int) identity {
	return identity(s.word(slotPlace(slot, 0)).Load())
}
func (s *segment) field(slot, field int) uint64 { return s.word(slotPlace(slot, field)).Load() }

// create makes a segment with size bytes of data, and its first words.
func create(k kind, size int64, words ...uint64) (*segment, error) {
	me, err := self()
	if err != nil {
		return nil, err
	}
	m, err := newMemory(atData + size)
	if err != nil {
		return nil, err
	}
	fd, err := newBell()
	if err != nil {
		m.close()
		return nil, err
	}
	s := &segment{memory: m, kind: k}
	s.word(atMagic).Store(magic)
	s.word(atKind).Store(uint64(k))
	s.word(atNamespace).Store(me.namespace)
	for i, w := range words {
		s.word(wordPlace(i)).Store(w)
	}
	return s, s.join(fd)
}

// open takes over the two files of a segment, which Files had returned.
func open(k kind, files []*os.File) (*segment, error) {
	me, err := self()
	var fds [2]int
	for i, f := range files {
		if i < len(fds) && err == nil {
			fds[i], err = takeDescriptor(f)
		} else {
			f.Close()
		}
	}
	if err == nil && len(files) != len(fds) {
		err = ErrBad
	}
	if err != nil {
		return nil, err // the process is out of descriptors, or not ours to speak with
	}
	m, err := openMemory(fds[0], atData, k == kindArray)
	if err != nil {
		closeDescriptor(fds[1])
		return nil, err
	}
	s := &segment{memory: m, kind: k}
	switch {
	case s.word(atMagic).Load() != magic || s.word(atKind).Load() != uint64(k):
		err = ErrBad
	case s.word(atNamespace).Load() != me.namespace:
		err = ErrForeign
	}
	if err != nil {
		m.close()
		closeDescriptor(fds[1])
		return nil, err
	}
	return s, s.join(fds[1])
}

// join makes this process one of the holders. After an error nothing is left.
func (s *segment) join(fd int) error {
	s.bell = &bell{fd: fd}
	s.wake = os.NewFile(uintptr(fd), "bell")
	s.peers = map[int]*peer{}
	s.bury = func(int, bool) {}
	s.holds = func() bool { return false }
	conn, err := s.wake.SyscallConn()
	if err == nil {
		s.conn = conn
		err = s.claim()
	}
	if err != nil {
		s.leave()
	}
	return err
}

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
	s.slot = slot
	s.me = uint64(slot+1) | s.word(atClaims).Add(1)<<16
	for {
		high := s.word(atHigh).Load()
		if high > uint64(slot) || s.word(atHigh).CompareAndSwap(high, uint64(slot)+1) {
			return nil
		}
	}
}

// sweep buries those that have died with nobody to notice, before their slots
// become many: whenever their number has doubled. It is called by each open.
func (s *segment) sweep() {
	if n := s.slot + 1; n < 16 || bits.OnesCount(uint(n)) != 1 {
		return
	}
	s.change(context.Background(), Forever, func() verdict {
		for slot := range s.slots() {
			if slot != s.slot {
				s.buryDead(slot)
			}
		}
		return done
	})
}

// Files returns duplicates of the object's descriptors, to be sent to another
// process and opened there.
func (s *segment) Files() ([]*os.File, error) {
	if s.data == nil {
		return nil, ErrClosed
	}
	m, err := duplicate(s.fd, "shared memory")
	if err != nil {
		return nil, err
	}
	b, err := duplicate(s.bell.fd, "bell")
	if err != nil {
		m.Close()
		return nil, err
	}
	return []*os.File{m, b}, nil
}

// ID returns a number that two handles share if they are of one object.
func (s *segment) ID() (uint64, error) {
	if s.data == nil {
		return 0, ErrClosed
	}
	return s.id()
}

// FileID returns the ID of the object that files belong to, without opening it.
func FileID(files []*os.File) (uint64, error) {
	if len(files) == 0 {
		return 0, ErrBad
	}
	info, err := files[0].Stat()
	if err != nil {
		return 0, err
	}
	return inode(info)
}

// A Handle closes an object without referring to it, so that it may be collected
// as garbage.
type Handle struct{ s *segment }

// Close does what Close of the object does.
func (h Handle) Close() error { return h.s.Close() }

// Closed says whether it was closed, as it is some time after nobody refers to
// the object any more and it isn't in use.
func (h Handle) Closed() bool { return h.s.closed.Load() }

// Handle returns the object's handle.
func (s *segment) Handle() Handle { return Handle{s} }

// Close gives back what is held here, as the end of the process would, and
// forgets the object. A second call does nothing.
func (s *segment) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	_, err := s.change(context.Background(), Forever, func() verdict {
		s.giveBack(s.slot, false)
		return done
	})
	// Not before the monitor is free: the claim in it is this slot's.
	s.word(slotPlace(s.slot, 0)).Store(0)
	s.leave()
	return err
}

// closeUnused closes the object when owner, which s knows nothing of, is no
// longer referred to; if it is in use here it stays until the process ends.
func closeUnused[T any](owner *T, s *segment) *T {
	runtime.AddCleanup(owner, func(s *segment) {
		if !s.closed.Load() && !s.holds() {
			go s.Close() // cleanups must not wait, and this may
		}
	}, s)
	return owner
}

// leave frees what the segment has in this process.
func (s *segment) leave() {
	s.bell.close()
	for _, p := range s.peers {
		p.release(s.bell)
	}
	s.peers = nil
	s.wake.Close()
	if s.onLeave != nil {
		s.onLeave()
	}
	s.memory.close()
}

// peer returns the process in a slot. Nil: it has ended, or the slot is free.
func (s *segment) peer(slot int) (*peer, error) {
	id := s.ident(slot)
	p := s.peers[slot]
	if p != nil && p.id == id {
		return p, nil
	}
	if p != nil {
		p.release(s.bell)
		delete(s.peers, slot)
	}
	if id == 0 {
		return nil, nil
	}
	p, err := watchPeer(id, s.bell)
	if p != nil {
		s.peers[slot] = p
	}
	return p, err
}

// gone says whether the process in a slot has ended. If not, its end will ring
// our bell. A process that can't be watched counts as alive.
func (s *segment) gone(slot int) bool {
	if slot < 0 || slot >= maxSlots {
		return false // nobody's
	}
	me, _ := self()
	if s.ident(slot) == me.identity {
		return false
	}
	p, err := s.peer(slot)
	return err == nil && (p == nil || p.ended())
}

// buryDead gives back what the process of a slot held, if it has ended, and
// reports whether it has. It is called within a change, before anything else was
// changed there.
func (s *segment) buryDead(slot int) bool {
	if s.ident(slot) == 0 || !s.gone(slot) {
		return false
	}
	s.giveBack(slot, true)
	s.word(slotPlace(slot, 0)).Store(0) // now it is anybody's
	return true
}

// giveBack empties a slot, within a change, and completes that.
func (s *segment) giveBack(slot int, died bool) {
	s.bury(slot, died)
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

// buryHolders buries the dead among those that hold something, reports whether
// there were any, and sees to it that the death of the others rings.
func (s *segment) buryHolders() (buried bool) {
	for slot := range s.slots() {
		if s.field(slot, slotHeld) > 0 && s.buryDead(slot) {
			buried = true
		}
	}
	return buried
}

// A verdict is how a try ended.
type verdict int

const (
	blocked verdict = iota // not yet: again after the next ring
	busy                   // the monitor is taken
	done
)

// enter takes the monitor, if that is possible without sleeping. If not, its
// owner rings when it leaves it, and so does its death.
func (s *segment) enter() bool {
	monitor := s.word(atMonitor)
	for i := 0; ; {
		w := monitor.Load()
		switch {
		case w == 0:
			if monitor.CompareAndSwap(0, s.me) {
				s.announced = false
				return true
			}
		case i < spins:
			// Whoever has it is done in less than a microsecond, unless
			// it has no processor.
			if i++; i > spins/2 {
				yield()
			}
		case s.gone(slotOf(w)):
			if monitor.CompareAndSwap(w, s.me|w&waiting) {
				s.recover()
				s.announced = false
				s.buryDead(slotOf(w))
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
		s.bell.ring()
	}
}

// set changes a word within a change.
func (s *segment) set(at int, value uint64) {
	n := s.word(atJournal).Load()
	if n >= maxJournal {
		panic("shared: a change of too many words")
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

// commit makes the changes since the last commit last.
func (s *segment) commit() {
	if s.step != nil {
		s.step()
	}
	s.word(atJournal).Store(0)
}
func (s *segment) addField(slot, field int, by uint64) {
	s.setField(slot, field, s.field(slot, field)+by)
}
func (s *segment) addState(i int, by uint64) { s.setState(i, s.state(i)+by) }

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

// announce wakes whoever sleeps, who will find the monitor taken until this
// change is done. It is called before a change that others wait for.
func (s *segment) announce() {
	if s.announced {
		return
	}
	s.announced = true
	if s.word(atSleeping).Load() != 0 {
		s.set(atSleeping, 0)
		s.bell.ring()
	}
}

// change calls step with the monitor taken, again and again until it is done, or
// timeout is over, or ctx has ended. What a step changes happens as a whole. One
// that returns blocked has looked, with gone or buryDead, at the processes that
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
// seen to it that the bell rings when it has to be called again. One that is busy
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
	for {
		v, err := s.sleep(ctx, deadline, try, timeout == 0)
		switch {
		case err != nil || v == done:
			return v == done, err
		case v == blocked && (timeout == 0 || timeout > 0 && !time.Now().Before(deadline)):
			return false, nil
		case v == busy:
			deadline = time.Time{} // it will be over soon
		}
	}
}

// sleep tries again after each ring, until the deadline or the end of ctx. Only
// what is busy is waited for if once is set.
func (s *segment) sleep(ctx context.Context, deadline time.Time, try func(bool) verdict, once bool) (v verdict, err error) {
	if err := ctx.Err(); err != nil {
		return blocked, err
	}
	if s.expired || !deadline.IsZero() {
		s.wake.SetReadDeadline(deadline)
		s.expired = !deadline.IsZero()
	}
	if ctx.Done() != nil {
		over := make(chan struct{})
		stop := context.AfterFunc(ctx, func() {
			defer close(over)
			s.wake.SetReadDeadline(time.Unix(1, 0))
		})
		defer func() {
			if !stop() {
				<-over
				s.expired = true
			}
		}()
	}
	err = s.conn.Read(func(uintptr) bool {
		v = try(true)
		return v == done || v == blocked && once
	})
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return v, ctx.Err()
	}
	if err != nil {
		return v, fmt.Errorf("shared: wait: %w", err)
	}
	return v, nil
}
