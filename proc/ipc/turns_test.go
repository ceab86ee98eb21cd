package ipc

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"luaspawn/proc/internal/fds"
)

func childSemaphore(files []*os.File, rest string) int {
	m := must(OpenSemaphore(files))
	switch rest {
	case "hold":
		must(m.Acquire(background, Forever))
		must(m.Acquire(background, Forever))
		return hang("holds")
	case "release":
		check(m.Release(background))
		return 0
	}
	panic(rest)
}

func TestSemaphore(t *testing.T) {
	m := must(NewSemaphore(2, false))
	defer m.Close()
	values := func(want int) {
		t.Helper()
		if got := must(m.Value(background)); got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	}
	values(2)
	must(m.Acquire(background, 0))
	must(m.Acquire(background, 0))
	values(0)
	if got := must(m.Acquire(background, time.Millisecond)); got != NotAcquired {
		t.Errorf("got %v", got)
	}
	c := spawn(t, "semaphore release", files(t, m)...)
	if got := must(m.Acquire(soon(t), Forever)); got != Taken {
		t.Errorf("got %v", got)
	}
	<-c.Done()
	check(m.Release(background))
	check(m.Release(background))
	check(m.Release(background)) // more than there were: it isn't bounded
	values(3)

	b := must(NewSemaphore(1, true))
	defer b.Close()
	if err := b.Release(background); err != ErrReleased {
		t.Errorf("got %v", err)
	}
}

func TestSemaphoreComesBack(t *testing.T) {
	m := must(NewSemaphore(3, true))
	defer m.Close()
	for range 3 {
		c := spawn(t, "semaphore hold", files(t, m)...)
		c.says("holds")
		must(m.Acquire(background, 0))
		time.AfterFunc(10*time.Millisecond, func() { c.Kill() })
		for range 2 {
			if got := must(m.Acquire(soon(t), Forever)); got != Abandoned {
				t.Errorf("got %v", got)
			}
		}
		for range 3 {
			check(m.Release(background))
		}
	}
}

// What a handle has that is closed stays taken; anybody may give it back.
func TestSemaphoreClosed(t *testing.T) {
	m := must(NewSemaphore(2, true))
	defer m.Close()
	for _, value := range []int{1, 0} {
		other := must(OpenSemaphore(files(t, m)))
		must(other.Acquire(background, 0))
		check(other.Close())
		if got := must(m.Value(background)); got != value {
			t.Errorf("got %d, want %d", got, value)
		}
	}
	if got := must(m.Acquire(background, 0)); got != NotAcquired {
		t.Errorf("got %v", got)
	}
	check(m.Release(background))
	check(m.Release(background))
	if err := m.Release(background); err != ErrReleased {
		t.Errorf("got %v", err)
	}
}

func childEvent(files []*os.File, rest string) int {
	e := must(OpenEvent(files))
	fmt.Println("waits")
	fmt.Println(must(e.Wait(background, Forever)))
	return 0
}

func TestEvent(t *testing.T) {
	e := must(NewEvent())
	defer e.Close()
	if must(e.Wait(background, time.Millisecond)) || must(e.IsSet(background)) {
		t.Error("it is set")
	}
	var list []*child
	for range 3 {
		c := spawn(t, "event", files(t, e)...)
		c.says("waits")
		list = append(list, c)
	}
	list[0].Kill()
	check(e.Set(background))
	for _, c := range list[1:] {
		c.says("true")
	}
	check(e.Clear(background))
	wait := e.Waiter()
	if must(e.Wait(background, 0)) || must(wait(background, 0)) {
		t.Error("it is set")
	}
	check(e.Set(background))
	check(e.Clear(background))
	if !must(wait(background, 0)) {
		t.Error("it was set between two parts of a wait")
	}
}

func childCondition(files []*os.File, rest string) int {
	l := must(OpenRLock(files[:segmentFiles]))
	c := must(OpenCondition(files[segmentFiles:]))
	must(l.Acquire(background, Forever))
	must(l.Acquire(background, Forever))
	fmt.Println("waits")
	notified, how, err := c.Wait(background, l, Forever)
	check(err)
	check(l.Release(background))
	check(l.Release(background))
	fmt.Println(notified, how)
	return 0
}

func TestCondition(t *testing.T) {
	l := must(NewRLock())
	defer l.Close()
	c := must(NewCondition())
	defer c.Close()
	if err := c.Notify(background, l, 1); err != ErrNotOwned {
		t.Errorf("got %v", err)
	}
	if _, _, err := c.Wait(background, l, 0); err != ErrNotOwned {
		t.Errorf("got %v", err)
	}
	var list []*child
	for range 5 {
		p := spawn(t, "condition", files(t, l, c)...)
		p.says("waits")
		list = append(list, p)
	}
	acquire := func() { // by then those who said so do wait
		must(l.Acquire(soon(t), Forever))
	}
	acquire()
	if n := c.Waiting(); n != 5 {
		t.Errorf("%d wait", n)
	}
	list[0].Kill()
	<-list[0].Done()
	check(c.Notify(background, l, 1)) // not the dead one, who has come first
	// This one has the notification, but not the lock, and dies.
	list[1].Kill()
	<-list[1].Done()
	check(l.Release(background))
	list[2].says("true 1")
	acquire()
	check(c.NotifyAll(background, l))
	check(l.Release(background))
	list[3].says("true 1")
	list[4].says("true 1")
	acquire()
	if notified, _, err := c.Wait(background, l, time.Millisecond); notified || err != nil || !l.Owned() {
		t.Error(notified, err)
	}
	check(l.Release(background))
}

func childBarrier(files []*os.File, rest string) int {
	b := must(OpenBarrier(files))
	defer b.Close() // to end in peace
	rounds := must(strconv.Atoi(rest))
	fmt.Println("ready")
	for range rounds {
		if _, err := b.Wait(background, Forever, nil); err != nil {
			fmt.Println(err)
			return 0
		}
	}
	fmt.Println("passed")
	return 0
}

func TestBarrier(t *testing.T) {
	b := must(NewBarrier(4))
	defer b.Close()
	var list []*child
	for range 3 {
		list = append(list, spawn(t, "barrier 500", files(t, b)...))
	}
	acted := 0
	seen := map[int]int{}
	for range 500 {
		seen[must(b.Wait(soon(t), Forever, func() error { acted++; return nil }))]++
	}
	for _, c := range list {
		c.says("ready")
		c.says("passed")
		<-c.Done()
	}
	if acted != seen[3] {
		t.Errorf("acted %d times, came last %d times", acted, seen[3])
	}
	if st := must(b.State(background)); st != (BarrierState{4, 0, false}) {
		t.Errorf("got %v", st)
	}
}

func TestBarrierBreaks(t *testing.T) {
	b := must(NewBarrier(3))
	defer b.Close()
	waits := func() *child {
		c := spawn(t, "barrier 1", files(t, b)...)
		c.says("ready")
		return c
	}
	// One that waits, and one that has not come yet.
	for _, comes := range []bool{true, false} {
		c := waits()
		victim := c
		if !comes {
			victim = spawn(t, "crash barrier", files(t, b)...)
			victim.says("ready")
		}
		time.AfterFunc(20*time.Millisecond, func() { victim.Kill() })
		if _, err := b.Wait(soon(t), Forever, nil); err != ErrBroken {
			t.Errorf("got %v", err)
		}
		if _, err := b.Wait(soon(t), Forever, nil); err != ErrBroken {
			t.Errorf("got %v", err)
		}
		if victim != c {
			c.says(ErrBroken.Error())
		}
		check(b.Reset(background))
	}
	if _, err := b.Wait(background, time.Millisecond, nil); err != ErrBroken {
		t.Errorf("got %v", err)
	}
	check(b.Reset(background))
	c := waits()
	for must(b.State(background)).Waiting < 1 {
		fds.Yield()
	}
	check(b.Reset(background))
	c.says(ErrBroken.Error())
	one := must(NewBarrier(1))
	defer one.Close()
	failure := errors.New("no")
	if _, err := one.Wait(background, 0, func() error { return failure }); err != failure {
		t.Errorf("got %v", err)
	}
	if st := must(one.State(background)); !st.Broken {
		t.Error("not broken")
	}
}

// A party that fails breaks the barrier, one that has only closed it doesn't: another
// process may come in its place.
func TestBarrierClosed(t *testing.T) {
	b := must(NewBarrier(2))
	defer b.Close()
	for _, fails := range []bool{false, true} {
		party := must(OpenBarrier(files(t, b)))
		end := party.Handle().Close
		if fails {
			end = party.Handle().Fail
		}
		check(end())
		if st := must(b.State(background)); st.Broken != fails {
			t.Errorf("failed: %v, broken: %v", fails, st.Broken)
		}
	}
}

// childCrash does something with an object, and dies before the n-th word that
// it changes.
func childCrash(files []*os.File, rest string) int {
	what, number, _ := strings.Cut(rest, " ")
	left, _ := strconv.Atoi(number)
	step := func() {
		if left--; left < 0 {
			dieNow()
		}
	}
	switch what {
	case "barrier":
		must(OpenBarrier(files))
		return hang("ready")
	case "semaphore":
		m := must(OpenSemaphore(files))
		m.s.step = step
		must(m.Acquire(background, Forever))
		check(m.Release(background))
	case "event":
		e := must(OpenEvent(files))
		e.s.step = step
		check(e.Set(background))
		check(e.Clear(background))
	case "notify":
		l := must(OpenRLock(files[:segmentFiles]))
		c := must(OpenCondition(files[segmentFiles:]))
		must(l.Acquire(background, Forever))
		c.s.step = step
		check(c.Notify(background, l, 1))
		check(l.Release(background))
	}
	return 0
}

// A process may die before any word that it changes: the others go on, and what
// it did has happened as a whole or not at all.
func TestCrash(t *testing.T) {
	for _, what := range []string{"semaphore", "event", "notify"} {
		t.Run(what, func(t *testing.T) {
			for n := 0; n < 40; n += stride() {
				if crash(t, what, n) {
					return
				}
			}
			t.Error("it never got to its end")
		})
	}
}

// crash reports whether the child was through before its step n.
func crash(t *testing.T, what string, n int) bool {
	ctx := soon(t)
	payload := fmt.Sprint("crash ", what, " ", n)
	switch what {
	case "semaphore":
		m := must(NewSemaphore(1, true))
		defer m.Close()
		c := spawn(t, payload, files(t, m)...)
		<-c.Done()
		if must(m.Acquire(ctx, Forever)) == NotAcquired {
			t.Fatal(n, "not acquired")
		}
		check(m.Release(ctx))
		if err := m.Release(ctx); err != ErrReleased {
			t.Errorf("%d: got %v", n, err)
		}
		code, _ := c.ExitCode()
		return code == 0
	case "event":
		e := must(NewEvent())
		defer e.Close()
		woken := make(chan bool)
		go func() {
			other := must(OpenEvent(files(t, e)))
			defer other.Close()
			set, _ := other.Wait(ctx, Forever)
			woken <- set
		}()
		c := spawn(t, payload, files(t, e)...)
		<-c.Done()
		check(e.Set(ctx))
		if !<-woken || !must(e.IsSet(background)) {
			t.Error(n, "not set")
		}
		code, _ := c.ExitCode()
		return code == 0
	default:
		l := must(NewRLock())
		defer l.Close()
		cond := must(NewCondition())
		defer cond.Close()
		woken := make(chan error)
		must(l.Acquire(ctx, Forever))
		for range 2 {
			go func() {
				l2 := must(OpenRLock(files(t, l)))
				defer l2.Close()
				c2 := must(OpenCondition(files(t, cond)))
				defer c2.Close()
				_, err := l2.Acquire(ctx, Forever)
				if err == nil {
					_, _, err = c2.Wait(ctx, l2, Forever)
				}
				if err == nil {
					err = l2.Release(ctx)
				}
				woken <- err
			}()
		}
		check(l.Release(ctx))
		for cond.Waiting() < 2 {
			fds.Yield()
		}
		c := spawn(t, payload, files(t, l, cond)...)
		<-c.Done()
		must(l.Acquire(ctx, Forever))
		check(cond.Notify(ctx, l, 2))
		check(l.Release(ctx))
		for range 2 {
			if err := <-woken; err != nil {
				t.Error(n, err)
			}
		}
		code, _ := c.ExitCode()
		return code == 0
	}
}
