package ipc

import (
	"context"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
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
	ownerDied claim = slotMask     // the owner died
	left      claim = slotMask - 1 // the owner has closed it, and stays the owner
)

// An ending is how a process has come to have an object no more.
type ending int

const (
	endedWell  ending = iota // it closed it: what it had is gone for good, as at its own end in Python
	endedBadly               // it closed it, after an error
	died                     // it ended and had no time to close it
)

// slotOf returns the slot of a claim, -1 where nobody has it.
func slotOf(c claim) int { return int(c&slotMask) - 1 }

// A segment is an object as one holder has it open. It is used by one goroutine
// at a time.
type segment struct {
	*memory
	kind     kind
	slot     int
	me       claim
	self     identity // of this process; zero: it has no slot
	notifier *notifier
	sleeper  sleeper

	closing sync.Mutex // of whoever decides that the segment is to be closed
	closed  atomic.Bool
	woken   bool // in the change under way
	blind   bool // a process that is waited for can't be watched: look again soon
	peers   map[int]*peer

	// reclaim gives back what a slot held, as far as it is to come back after such
	// an end, in a change that is under way.
	reclaim func(slot int, how ending)

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
	n, err := newNotifier()
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
	return s, s.join(n)
}

// segmentFiles is how many files a segment has.
const segmentFiles = 1 + notifierFiles

// open takes over the files of a segment, which Files had returned.
func open(k kind, files []*os.File) (*segment, error) {
	me, err := self()
	var fds [segmentFiles]int
	taken := 0
	for _, f := range files {
		if taken < len(fds) && err == nil {
			if fds[taken], err = takeDescriptor(f); err == nil {
				taken++
			}
		} else {
			f.Close()
		}
	}
	if err == nil && len(files) != len(fds) {
		err = ErrBad
	}
	if err != nil {
		for _, fd := range fds[:taken] {
			closeDescriptor(fd)
		}
		return nil, err // the process is out of descriptors, or not ours to speak with
	}
	n := openNotifier(fds[1:])
	m, err := openMemory(fds[0], atData, k == kindArray)
	if err != nil {
		n.release()
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
		n.release()
		return nil, err
	}
	return s, s.join(n)
}

// join makes this process one of the holders. After an error nothing is left.
func (s *segment) join(n *notifier) error {
	s.notifier = n
	s.peers = map[int]*peer{}
	s.reclaim = func(int, ending) {}
	s.holds = func() bool { return false }
	err := s.claim()
	if err == nil {
		s.sleeper, err = n.sleeper(s)
	}
	if err != nil {
		if s.self != 0 {
			s.word(slotPlace(s.slot, 0)).Store(0)
		}
		s.leave()
	}
	return err
}

func (s *segment) closeAs(how ending) error {
	if !s.shut(func() bool { return false }) {
		return nil
	}
	return s.end(how)
}

// shut says that the segment is closed, unless it is already or is in use, and
// reports whether it did: whoever has done so calls end.
func (s *segment) shut(inUse func() bool) bool {
	// Until this is decided nobody else unmaps the words that inUse looks at.
	s.closing.Lock()
	defer s.closing.Unlock()
	if s.closed.Load() || inUse() {
		return false
	}
	s.closed.Store(true)
	return true
}

func (s *segment) end(how ending) error {
	_, err := s.change(context.Background(), Forever, func() verdict {
		s.giveBack(s.slot, how)
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
		if s.shut(s.holds) {
			go s.end(endedWell) // cleanups must not wait, and this may
		}
	}, s)
	return owner
}

// leave frees what the segment has in this process.
func (s *segment) leave() {
	s.notifier.close()
	for _, p := range s.peers {
		p.release(s.notifier)
	}
	s.peers = nil
	s.notifier.release()
	if s.onLeave != nil {
		s.onLeave()
	}
	s.memory.close()
}
