package ipc

import (
	"context"
	"sync"
	"testing"
	"time"
)

// A wait ends after its time also where the monitor was taken at that moment, or before, by a process
// that can't be watched: it went on until the next change then.
func TestTimeoutWhileBusy(t *testing.T) {
	for _, blind := range []bool{false, true} {
		e := must(NewEvent())
		const timeout = 2 * blindPause
		start := time.Now()
		ok, err := e.s.await(soon(t), timeout, func(bool) verdict {
			if time.Since(start) > timeout {
				return blocked
			}
			e.s.blind = blind
			return busy
		})
		if ok || err != nil {
			t.Errorf("blind: %v: got %v, %v", blind, ok, err)
		}
		if took := time.Since(start); took < timeout {
			t.Errorf("blind: %v: a wait of %v took %v", blind, timeout, took)
		}
		check(e.Close())
	}
}

// hold takes the monitor of a segment, until release is called.
func hold(s *segment) (release func()) {
	held, over := make(chan struct{}), make(chan struct{})
	var holding sync.WaitGroup
	holding.Go(func() {
		s.change(background, Forever, func() verdict {
			close(held)
			<-over
			return done
		})
	})
	<-held
	return func() {
		close(over)
		holding.Wait()
	}
}

// Who only looks sees what is ready, also while somebody else changes the object.
func TestLookWhileBusy(t *testing.T) {
	q, e := must(NewQueue(0, false)), must(NewEvent())
	otherQueue, otherEvent := must(OpenQueue(files(t, q))), must(OpenEvent(files(t, e)))
	for _, want := range []error{context.Canceled, nil} {
		if want == nil {
			must(q.Put(background, 0, nil, nil))
			check(e.Set(background))
		}
		release := hold(otherQueue.s)
		if err := q.AwaitReadable(expired()); err != want {
			t.Errorf("queue: got %v, want %v", err, want)
		}
		release()
		release = hold(otherEvent.s)
		if err := e.AwaitReadable(expired()); err != want {
			t.Errorf("event: got %v, want %v", err, want)
		}
		release()
	}
	for _, o := range []interface{ Close() error }{q, e, otherQueue, otherEvent} {
		check(o.Close())
	}
}
