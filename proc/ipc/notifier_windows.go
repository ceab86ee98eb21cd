package ipc

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// A waker is an event for each slot of a segment, by a name that is made of a number in the segment:
// who has the slot sleeps at it, the others set it. An event is gone with its last handle, also
// that of a process which was killed.
//
// To set all of them isn't one step. Who dies in between has not published yet, or has just left
// the monitor or a lock: those who sleep for that watch its process.
type waker struct {
	s      *segment // nil until there is a sleeper
	own    windows.Handle
	others map[int]windows.Handle // that this process has set already
}

// notifierFiles is how many files a notifier is sent as.
const notifierFiles = 0

func newNotifier() (*notifier, error) { return &notifier{}, nil }

// openNotifier takes over the descriptors of one.
func openNotifier([]int) *notifier { return &notifier{} }

// atName is where the number of a segment is that its events have in their names.
const atName = atSlots - 8

func (w *waker) name(slot int) *uint16 {
	name, _ := windows.UTF16PtrFromString(fmt.Sprintf(`Local\luaspawn-%016x-%d`, w.s.word(atName).Load(), slot))
	return name
}

// sleeper returns who sleeps at a notifier, once s has its slot.
func (w *waker) sleeper(s *segment) (sleeper, error) {
	s.word(atName).CompareAndSwap(0, rand.Uint64()|1) // the first one has made the segment
	w.s, w.others = s, map[int]windows.Handle{}
	own, err := windows.CreateEvent(nil, 0, 0, w.name(s.slot))
	if own == 0 {
		w.s = nil
		return sleeper{}, os.NewSyscallError("CreateEvent", err)
	}
	w.own = own // also where it was there: of who has had the slot before
	return sleeper{own}, nil
}

// wakeAll wakes everybody.
func (w *waker) wakeAll() {
	if w.s == nil {
		return
	}
	windows.SetEvent(w.own)
	for slot := range w.s.slots() {
		if slot == w.s.slot || w.s.ident(slot) == 0 {
			continue
		}
		h := w.others[slot]
		if h == 0 {
			var err error
			if h, err = windows.OpenEvent(windows.EVENT_MODIFY_STATE, false, w.name(slot)); err != nil {
				continue // that one has never slept, or sleeps no more
			}
			w.others[slot] = h
		}
		windows.SetEvent(h)
	}
}

// files returns what another process opens it by.
func (w *waker) files() ([]*os.File, error) { return nil, nil }

// release gives it back in this process.
func (w *waker) release() {
	if w.s == nil {
		return
	}
	windows.CloseHandle(w.own)
	for _, h := range w.others {
		windows.CloseHandle(h)
	}
	w.s = nil
}

// A sleeper is the event at which this process sleeps. It stays the notifier's.
type sleeper struct{ event windows.Handle }

// sleep tries again after each notification, until the deadline or the end of ctx. Only
// what is busy is waited for if once is set.
func (s *segment) sleep(ctx context.Context, deadline time.Time, try func(bool) verdict, once bool) (v verdict, err error) {
	if ctx.Done() != nil {
		over := make(chan struct{})
		stop := context.AfterFunc(ctx, func() {
			defer close(over)
			windows.SetEvent(s.sleeper.event)
		})
		defer func() {
			if !stop() {
				<-over
			}
		}()
	}
	for {
		if err := ctx.Err(); err != nil {
			return blocked, err
		}
		s.blind = false
		if v = try(true); v == done || v == blocked && once {
			return v, nil
		}
		wait := uint32(windows.INFINITE)
		if !deadline.IsZero() {
			left := time.Until(deadline)
			if left <= 0 {
				return v, nil
			}
			wait = uint32(min((left+time.Millisecond-1)/time.Millisecond, 1<<30))
		}
		if s.blind {
			wait = min(wait, uint32(blindPause/time.Millisecond))
		}
		if _, err := windows.WaitForSingleObject(s.sleeper.event, wait); err != nil {
			return v, fmt.Errorf("ipc: wait: %w", os.NewSyscallError("WaitForSingleObject", err))
		}
	}
}
