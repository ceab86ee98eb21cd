//go:build linux

package pool

import "testing"

// A task that has just begun was said to run since the one before it began: if a long time ago, it was taken for
// one that is overdue, and its worker was killed.
func TestRunningSince(t *testing.T) {
	s, memory, err := newSegment()
	if err != nil {
		t.Fatal(err)
	}
	defer s.unmap()
	memory.Close()
	c := newClock()
	l := &link{segment: s, clock: &c, sent: 1}
	const tasks = 1 << 20
	s.claims(0).Store(claimsOf(0, tasks))
	done := make(chan struct{})
	go func() { // the worker
		defer close(done)
		for i := range uint64(tasks) {
			s.shared(wordSince).Store(i)
			s.claim(0)
		}
	}()
	for over := false; !over && !t.Failed(); {
		select {
		case <-done:
			over = true
		default:
		}
		if r, ok := l.running(); ok && r.Since.Before(c.time(int64(r.At))) {
			t.Errorf("task %d runs since %v before it began", r.At, c.time(int64(r.At)).Sub(r.Since))
		}
	}
	<-done
}
