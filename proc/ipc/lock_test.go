package ipc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"luaspawn/proc/internal/fds"
)

var background = context.Background()

func childLock(files []*os.File, rest string) int {
	switch rest {
	case "hold":
		l := must(OpenLock(files))
		must(l.Acquire(background, Forever))
		return hang("holds")
	case "hold recursive":
		l := must(OpenRLock(files))
		must(l.Acquire(background, Forever))
		must(l.Acquire(background, Forever))
		return hang("holds")
	case "release":
		check(must(OpenLock(files)).Release(background))
		return 0
	case "release recursive":
		if err := must(OpenRLock(files)).Release(background); err != ErrNotOwner {
			panic(err)
		}
		return 0
	case "end":
		must(must(OpenLock(files)).Acquire(background, Forever))
		return 0
	case "count":
		l, a := must(OpenLock(files[:segmentFiles])), must(OpenArray(files[segmentFiles:]))
		for range 1000 {
			must(l.Acquire(background, Forever))
			n := must(a.Get(0))
			check(a.Set(0, n+1))
			check(l.Release(background))
		}
		return 0
	}
	panic(rest)
}

func TestLock(t *testing.T) {
	l := must(NewLock())
	defer l.Close()
	for _, want := range []Acquired{Taken, NotAcquired} {
		if got := must(l.Acquire(background, 0)); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	if got := must(l.Acquire(background, 10*time.Millisecond)); got != NotAcquired {
		t.Errorf("got %v", got)
	}
	c := spawn(t, "lock release", files(t, l)...)
	if got := must(l.Acquire(soon(t), Forever)); got != Taken {
		t.Errorf("released by another one: got %v", got)
	}
	<-c.Done()
	check(l.Release(background))
	if err := l.Release(background); err != ErrReleased {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(background)
	must(l.Acquire(ctx, Forever))
	context.AfterFunc(ctx, func() {})
	time.AfterFunc(time.Millisecond, cancel)
	if _, err := l.Acquire(ctx, Forever); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	check(l.Release(background))
	check(l.Close())
	if _, err := l.Acquire(background, 0); err != ErrClosed {
		t.Errorf("got %v", err)
	}
}

func TestRLock(t *testing.T) {
	l := must(NewRLock())
	defer l.Close()
	if err := l.Release(background); err != ErrNotOwner {
		t.Errorf("got %v", err)
	}
	for range 3 {
		must(l.Acquire(background, Forever))
	}
	<-spawn(t, "lock release recursive", files(t, l)...).Done()
	for range 3 {
		if !l.Owned() {
			t.Error("not owned")
		}
		check(l.Release(background))
	}
	if l.Owned() || must(l.Locked()) {
		t.Error("still owned")
	}
}

// A lock whose holder was killed goes to the next one: at once, says BenchmarkAbandoned.
func TestLockAbandoned(t *testing.T) {
	for _, how := range []string{"hold", "hold recursive"} {
		l := must(newLock(map[string]kind{"hold": kindLock, "hold recursive": kindRLock}[how], 0))
		defer l.Close()
		for range 5 {
			c := spawn(t, "lock "+how, files(t, l)...)
			c.says("holds")
			if !must(l.Locked()) || must(l.Acquire(background, 0)) != NotAcquired {
				t.Fatal("not held")
			}
			time.AfterFunc(20*time.Millisecond, func() { c.Kill() })
			if got := must(l.Acquire(soon(t), Forever)); got != Abandoned {
				t.Errorf("%s: got %v", how, got)
			}
			check(l.Release(background))
			if got := must(l.Acquire(background, 0)); got != Taken {
				t.Errorf("got %v", got)
			}
			check(l.Release(background))
		}
	}
}

// Who looks after the end of the holder doesn't even wait.
func TestLockAbandonedBefore(t *testing.T) {
	l := must(NewLock())
	defer l.Close()
	for range 20 { // slots are used again
		c := spawn(t, "lock end", files(t, l)...)
		<-c.Done()
		if must(l.Locked()) {
			t.Error("held by a dead process")
		}
		if got := must(l.Acquire(background, 0)); got != Abandoned {
			t.Fatalf("got %v", got)
		}
		check(l.Release(background))
	}
}

// Handles of one process are as good as processes. What one has that is closed
// stays taken, also for those who waited for it, until somebody gives it back.
func TestLockClosed(t *testing.T) {
	l := must(NewLock())
	defer l.Close()
	other := must(OpenLock(files(t, l)))
	must(other.Acquire(background, 0))
	if got := must(l.Acquire(background, 0)); got != NotAcquired {
		t.Errorf("got %v", got)
	}
	waits := must(OpenLock(files(t, l)))
	defer waits.Close()
	done := make(chan Acquired)
	go func() { done <- must(waits.Acquire(background, Forever)) }()
	for l.s.word(wordPlace(lockOwner)).Load()&waiting == 0 {
		fds.Yield()
	}
	check(other.Close())
	if got := must(l.Acquire(background, 0)); got != NotAcquired || !must(l.Locked()) {
		t.Errorf("got %v", got)
	}
	check(l.Release(background))
	if got := <-done; got != Taken {
		t.Errorf("got %v", got)
	}
	check(waits.Release(background))

	r := must(NewRLock())
	defer r.Close()
	owner := must(OpenRLock(files(t, r)))
	must(owner.Acquire(background, 0))
	check(owner.Close())
	if got := must(r.Acquire(background, time.Millisecond)); got != NotAcquired {
		t.Errorf("got %v", got)
	}
	if err := r.Release(background); err != ErrNotOwner {
		t.Errorf("got %v", err)
	}
}

func TestOpenBad(t *testing.T) {
	l := must(NewLock())
	defer l.Close()
	if _, err := OpenEvent(files(t, l)); err != ErrBad {
		t.Errorf("another kind: got %v", err)
	}
	if _, err := OpenLock(nil); err != ErrBad {
		t.Errorf("nothing: got %v", err)
	}
	f := must(os.Open(os.DevNull))
	g := must(os.Open(os.DevNull))
	if _, err := OpenLock([]*os.File{f, g}); err != ErrBad {
		t.Errorf("no memory: got %v", err)
	}
}

// A lock keeps processes apart.
func TestLockCounts(t *testing.T) {
	l, a := must(NewLock()), must(NewArray('l', 1))
	defer l.Close()
	defer a.Close()
	var list []*child
	for range 4 {
		list = append(list, spawn(t, "lock count", files(t, l, a)...))
	}
	for _, c := range list {
		<-c.Done()
	}
	if n := must(a.Get(0)); n != 4000 {
		t.Errorf("got %v", n)
	}
}

func BenchmarkLock(b *testing.B) {
	l := must(NewLock())
	defer l.Close()
	for b.Loop() {
		must(l.Acquire(background, Forever))
		check(l.Release(background))
	}
}

func BenchmarkSemaphore(b *testing.B) {
	m := must(NewSemaphore(1, false))
	defer m.Close()
	for b.Loop() {
		must(m.Acquire(background, Forever))
		check(m.Release(background))
	}
}

// Many wait and no thread is held for them: one for each would be an error of
// the runtime's at 10,000.
func TestManyWait(t *testing.T) {
	const many = 300
	l := must(NewLock())
	defer l.Close()
	must(l.Acquire(background, 0))
	results := make(chan error)
	for range many {
		other := must(OpenLock(files(t, l)))
		go func() {
			defer other.Close()
			_, err := other.Acquire(background, Forever)
			if err == nil {
				err = other.Release(background)
			}
			results <- err
		}()
	}
	check(l.Release(background))
	for range many {
		check(<-results)
	}
	if n := threads(); n > 60 {
		t.Error(fmt.Sprint(n, " threads"))
	}
}

// BenchmarkAbandoned measures from the kill to when the next one has the lock.
func BenchmarkAbandoned(b *testing.B) {
	l := must(NewLock())
	defer l.Close()
	var late, worst time.Duration
	for b.Loop() {
		c := spawn(b, "lock hold", files(b, l)...)
		c.says("holds")
		got := make(chan time.Time)
		go func() {
			must(l.Acquire(background, Forever))
			got <- time.Now()
		}()
		for l.s.word(wordPlace(lockOwner)).Load()&waiting == 0 {
			fds.Yield()
		}
		killed := time.Now()
		c.Kill()
		d := (<-got).Sub(killed)
		late, worst = late+d, max(worst, d)
		check(l.Release(background))
		<-c.Done()
	}
	b.ReportMetric(float64(late.Microseconds())/float64(b.N), "µs/kill")
	b.ReportMetric(float64(worst.Microseconds()), "µs/worst")
}

// Somebody may begin to wait for a lock at the moment when another one than its holder
// releases it: it stayed held then, and nobody was told.
func TestLockReleasedByAnotherOneAsSomebodyBeginsToWait(t *testing.T) {
	l := must(NewLock())
	defer l.Close()
	other := must(OpenLock(files(t, l)))
	defer other.Close()
	owner := l.s.word(wordPlace(lockOwner))
	stop := make(chan struct{})
	var waiter sync.WaitGroup
	waiter.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			if w := owner.Load(); w != 0 && w&waiting == 0 {
				for range n % 512 { // so that it is any moment
					owner.Load()
				}
				owner.CompareAndSwap(w, w|waiting)
			}
		}
	})
	for range 200_000 {
		if !l.TryAcquire() {
			t.Fatal("held")
		}
		check(other.Release(background))
		if w := owner.Load(); w != 0 {
			t.Error("held after a release")
			break
		}
	}
	close(stop)
	waiter.Wait()
}
