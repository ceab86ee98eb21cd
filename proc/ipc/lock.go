package ipc

import (
	"context"
	"os"
	"time"
)

// A Lock is held by one process at most. Whoever holds it may die: the next one
// gets it, and is told. Whoever closes it stays the holder.
//
//	lock = owner     a claim; 0: free; ownerDied: free, and its owner died; left: not
//	                 free, and its owner has closed it
//
// It is taken and released by one instruction each. Those that sleep have the
// bit waiting set in the claim that they wait for, and watch its process. Others
// than the owner release with the monitor in hand, so that they are watched too.
type Lock struct {
	Object
	depth int // of an RLock that is held here
}

const lockOwner = 0

// NewLock returns a new Lock, which is free.
func NewLock() (*Lock, error) { return newLock(kindLock, 0) }

// OpenLock takes over the files of a Lock that another process has sent.
func OpenLock(files []*os.File) (*Lock, error) { return openLock(kindLock, files) }

// NewRLock returns a new Lock that its owner may acquire again, to be released
// as often, and that nobody else may release.
func NewRLock() (*Lock, error) { return newLock(kindRLock, 0) }

// OpenRLock takes over the files of an RLock that another process has sent.
func OpenRLock(files []*os.File) (*Lock, error) { return openLock(kindRLock, files) }

func newLock(k kind, size int64) (*Lock, error) {
	s, err := create(k, size)
	if err != nil {
		return nil, err
	}
	return lockOf(s), nil
}

func openLock(k kind, files []*os.File) (*Lock, error) {
	s, err := open(k, files)
	if err != nil {
		return nil, err
	}
	return lockOf(s), nil
}

func lockOf(s *segment) *Lock {
	owner := s.word(wordPlace(lockOwner))
	s.reclaim = func(slot int, how ending) {
		for {
			w := owner.Load()
			if slotOf(w) != slot {
				return
			}
			if how != died && owner.CompareAndSwap(w, left|w&waiting) {
				return
			}
			if how == died && owner.CompareAndSwap(w, ownerDied) {
				if w&waiting != 0 {
					s.notifier.notify()
				}
				return
			}
		}
	}
	s.holds = func() bool { return owner.Load()&^waiting == s.me }
	s.sweep()
	return closeUnused(&Lock{Object: Object{s}}, s)
}

// Acquired says how an Acquire ended.
type Acquired int

const (
	NotAcquired Acquired = iota
	Taken                // as usual
	Abandoned            // from a process that died while it held it
)

// TryAcquire takes the lock if nobody has it, and says so.
func (l *Lock) TryAcquire() bool {
	s := l.s
	if s.data == nil || !s.word(wordPlace(lockOwner)).CompareAndSwap(0, s.me) {
		return false
	}
	l.depth = 1
	return true
}

// TryRelease releases the lock if this process has taken it once and nobody waits
// for it, and says so.
func (l *Lock) TryRelease() bool {
	s := l.s
	if s.data == nil || l.depth > 1 || !s.word(wordPlace(lockOwner)).CompareAndSwap(s.me, 0) {
		return false
	}
	l.depth = 0
	return true
}

// Acquire takes the lock, and waits for it at most timeout. Its error is that of
// ctx, or the system's.
func (l *Lock) Acquire(ctx context.Context, timeout time.Duration) (Acquired, error) {
	if l.TryAcquire() {
		return Taken, nil
	}
	s := l.s
	if s.data == nil {
		return NotAcquired, ErrClosed
	}
	owner := s.word(wordPlace(lockOwner))
	if s.kind != kindLock && owner.Load()&^waiting == s.me {
		l.depth++
		return Taken, nil
	}
	how := NotAcquired
	_, err := s.await(ctx, timeout, func(sleeping bool) verdict {
		for {
			w := owner.Load()
			var next Acquired
			switch slot := slotOf(w); {
			case w == 0:
				next = Taken
			case w&^waiting == ownerDied || s.gone(slot):
				next = Abandoned
			case !sleeping:
				return blocked
			case w&waiting != 0 || owner.CompareAndSwap(w, w|waiting):
				// One that is releasing what another holds has to
				// be watched as well.
				if m := s.word(atMonitor).Load(); m == 0 || !s.gone(slotOf(m)) {
					return blocked
				}
				if s.enter() { // which reclaims it
					s.exit()
				}
				continue
			default:
				continue
			}
			if owner.CompareAndSwap(w, s.me|w&waiting) {
				how = next
				return done
			}
		}
	})
	if how != NotAcquired {
		l.depth = 1
	}
	return how, err
}

// Release frees the lock: anybody may free a Lock, only its owner an RLock.
func (l *Lock) Release(ctx context.Context) error {
	s := l.s
	if s.data == nil {
		return ErrClosed
	}
	owner := s.word(wordPlace(lockOwner))
	for {
		w := owner.Load()
		switch {
		case w&^waiting == s.me:
			if l.depth > 1 {
				l.depth--
				return nil
			}
			if owner.CompareAndSwap(w, 0) {
				l.depth = 0
				if w&waiting != 0 {
					s.notifier.notify()
				}
				return nil
			}
		case s.kind != kindLock:
			return ErrNotOwner
		case w == 0 || w&^waiting == ownerDied:
			return ErrReleased
		default:
			return l.releaseOthers(ctx)
		}
	}
}

func (l *Lock) releaseOthers(ctx context.Context) (err error) {
	s := l.s
	owner := s.word(wordPlace(lockOwner))
	_, cerr := s.change(ctx, Forever, func() verdict {
		for {
			w := owner.Load()
			if err = nil; w == 0 || w&^waiting == ownerDied {
				err = ErrReleased
				return done
			}
			if w&waiting != 0 {
				s.notifier.notify() // they find the monitor taken, and watch us
			}
			if owner.CompareAndSwap(w, 0) {
				if w&waiting != 0 {
					s.notifier.notify()
				}
				return done
			}
			// Somebody has begun to wait, or has released it: neither takes the monitor.
		}
	})
	if cerr != nil {
		return cerr
	}
	return err
}

// Locked says whether somebody holds the lock and has not died.
func (l *Lock) Locked() (bool, error) {
	if l.s.data == nil {
		return false, ErrClosed
	}
	w := l.s.word(wordPlace(lockOwner)).Load()
	return w != 0 && w&^waiting != ownerDied && !l.s.gone(slotOf(w)), nil
}

// Owned says whether it is held here.
func (l *Lock) Owned() bool { return l.s.data != nil && l.s.holds() }
