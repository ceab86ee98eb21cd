package alarm

import (
	"sync"
	"testing"
	"time"
)

func TestAlarm(t *testing.T) {
	var mu sync.Mutex
	var a Alarm
	rings := make(chan time.Time, 10)
	a.Do = func() {
		mu.Lock()
		defer mu.Unlock()
		a.Rang()
		rings <- time.Now()
	}
	set := func(in ...time.Duration) (last time.Time) {
		mu.Lock()
		defer mu.Unlock()
		for _, d := range in {
			last = time.Now().Add(d)
			a.Set(last)
		}
		return last
	}
	ring := func() time.Time {
		t.Helper()
		select {
		case at := <-rings:
			return at
		case <-time.After(time.Minute):
			t.Fatal("it doesn't ring")
			return time.Time{}
		}
	}
	a.Stop() // which does nothing before it is set
	set(time.Hour, 0)
	ring()
	want := set(time.Hour, 20*time.Millisecond)
	set(time.Hour) // later ones don't put it off
	if at := ring(); at.Before(want) {
		t.Errorf("it rings %v too early", want.Sub(at))
	}
	set(time.Hour)
	set(0) // nor did an earlier one stay
	ring()
	set(time.Hour)
	a.Stop()
	if len(rings) != 0 {
		t.Error("it rings more often than it was set for")
	}
}
