package ipc

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// A bell is an event for each slot of a segment, by a name that is made of a number in the segment:
// who has the slot sleeps at it, the others set it. An event is gone with its last handle, also
// that of a process which was killed.
//
// To set all of them isn't one step. Who dies in between has not published yet, or has just left
// the monitor or a lock: those who sleep for that watch its process.
type bell struct {
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

func (b *bell) name(slot int) *uint16 {
	name, _ := windows.UTF16PtrFromString(fmt.Sprintf(`Local\luaspawn-%016x-%d`, b.s.word(atName).Load(), slot))
	return name
}

// sleeper returns who sleeps at a notifier, once s has its slot.
func (b *bell) sleeper(s *segment) (sleeper, error) {
	s.word(atName).CompareAndSwap(0, rand.Uint64()|1) // the first one has made the segment
	b.s, b.others = s, map[int]windows.Handle{}
	own, err := windows.CreateEvent(nil, 0, 0, b.name(s.slot))
	if own == 0 {
		b.s = nil
		return sleeper{}, os.NewSyscallError("CreateEvent", err)
	}
	b.own = own // also where it was there: of who has had the slot before
	return sleeper{own}, nil
}

// ring wakes everybody.
func (b *bell) ring() {
	if b.s == nil {
		return
	}
	windows.SetEvent(b.own)
	for slot := range b.s.slots() {
		if slot == b.s.slot || b.s.ident(slot) == 0 {
			continue
		}
		h := b.others[slot]
		if h == 0 {
			var err error
			if h, err = windows.OpenEvent(windows.EVENT_MODIFY_STATE, false, b.name(slot)); err != nil {
				continue // that one has never slept, or sleeps no more
			}
			b.others[slot] = h
		}
		windows.SetEvent(h)
	}
}

// files returns what another process opens it by.
func (b *bell) files() ([]*os.File, error) { return nil, nil }

// release gives it back in this process.
func (b *bell) release() {
	if b.s == nil {
		return
	}
	windows.CloseHandle(b.own)
	for _, h := range b.others {
		windows.CloseHandle(h)
	}
	b.s = nil
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
