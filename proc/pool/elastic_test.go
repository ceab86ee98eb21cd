//go:build linux

package pool_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"luaspawn/proc/pool"
)

// crowd is an elastic transport: its workers are stages.
type crowd struct {
	resize func(int)
	stages chan *stage
}

func newCrowd() *crowd { return &crowd{stages: make(chan *stage, 10)} }

func (c *crowd) Start(_ context.Context, _ pool.WorkerSpec, events pool.Events) (pool.Link, error) {
	s := &stage{Events: events}
	c.stages <- s
	return s, nil
}

func (c *crowd) Follow(resize func(int)) { c.resize = resize }
func (c *crowd) Ahead() time.Duration    { return 20 * time.Millisecond }
func (c *crowd) Depth() int              { return 8 }
func (c *crowd) CarriesFiles() bool      { return false }
func (c *crowd) LookOut() bool           { return false }
func (c *crowd) Close()                  {}

// next waits for the next worker, and until the pool has its link.
func (c *crowd) next(t *testing.T, p *pool.Pool) *stage {
	t.Helper()
	select {
	case s := <-c.stages:
		for deadline := time.Now().Add(patience); ; {
			there := 0
			for _, w := range p.Workers() {
				if w.Pid != 0 {
					there++
				}
			}
			if there > 0 && there == len(p.Workers()) {
				return s
			}
			if time.Now().After(deadline) {
				t.Fatal("the worker isn't there")
			}
		}
	case <-time.After(patience):
		t.Fatal("no worker is started")
	}
	return nil
}

// Workers of an elastic transport come later than tasks do, and go without a word: what
// they held is lost, or begun again, and never more often than the Config says.
func TestElastic(t *testing.T) {
	silent := errors.New("it is silent")
	for _, retries := range []int{0, 1} {
		c := newCrowd()
		p, err := pool.New(t.Context(), pool.Config{Retries: retries, Workers: 3}, c)
		if err != nil {
			t.Fatal(err)
		}
		if list := p.Workers(); len(list) != 0 {
			t.Fatalf("workers %v, want none yet", list)
		}
		call := begin(t, p, "", pool.Options{KeepGoing: true, Chunk: 2}, "a", "b", "c")
		c.resize(1)
		s := c.next(t, p)
		if len(s.chunks) != 1 || s.chunks[0].N != 2 {
			t.Fatalf("chunks %v, want one of two tasks: none is sent ahead of what isn't known", s.chunks)
		}
		s.Reported([]pool.Report{{Chunk: s.chunks[0].ID, Task: 0, Data: []byte("done")}})
		c.resize(0)
		s.Vanished(silent)
		c.resize(1)
		second := c.next(t, p)
		second.work()
		if retries > 0 {
			second.work()
		}
		kinds := map[int]pool.Kind{}
		for _, o := range outcomes(t, call) {
			kinds[o.Index] = o.Kind
			if o.Kind == pool.Lost && o.Extra.Err != silent {
				t.Errorf("lost for %v, want %v", o.Extra.Err, silent)
			}
		}
		want := pool.Lost
		if retries > 0 {
			want = pool.Done
		}
		if len(kinds) != 3 || kinds[0] != pool.Done || kinds[1] != want || kinds[2] != pool.Done {
			t.Errorf("%d retries: outcomes %v", retries, kinds)
		}
		p.Close()
		await(t, p.Done())
	}
}

// However short tasks are, a worker doesn't get more large ones ahead than its machine can be thought to have memory for.
func TestElasticLarge(t *testing.T) {
	c := newCrowd()
	p, err := pool.New(t.Context(), pool.Config{}, c)
	if err != nil {
		t.Fatal(err)
	}
	c.resize(1)
	s := c.next(t, p)
	const tasks = 9
	call := begin(t, p, "", pool.Options{}, slices.Repeat([]string{strings.Repeat("x", 20<<20)}, tasks)...)
	most := 0
	for range tasks {
		most = max(most, len(s.chunks))
		s.work()
	}
	if len(outcomes(t, call)) != tasks || most != 3 {
		t.Errorf("%d chunks of 20 MiB were sent to one worker, want 3: one that runs and no more than 32 MiB, or a little, behind it", most)
	}
	p.Close()
	await(t, p.Done())
}

// An elastic transport gives tasks back when it can, and keeps their time.
func TestElasticGivesBack(t *testing.T) {
	c := newCrowd()
	p, err := pool.New(t.Context(), pool.Config{}, c)
	if err != nil {
		t.Fatal(err)
	}
	c.resize(2)
	first, second := c.next(t, p), c.next(t, p)
	call := begin(t, p, "", pool.Options{KeepGoing: true, Chunk: 4}, "a", "b", "c", "d")
	if len(first.chunks) == 0 {
		first, second = second, first
	}
	first.Returned(first.chunks[0].ID, 2) // as if asked
	if len(second.chunks) != 1 || second.chunks[0].N != 2 {
		t.Fatalf("chunks %v, want one of what came back", second.chunks)
	}
	second.work()
	late := pool.Task{Chunk: first.chunks[0].ID, At: 0}
	first.TimedOut(late)
	first.Gone(-9, late, true)
	third := c.next(t, p)
	if len(third.chunks) == 0 {
		third = second // which was there before
	}
	third.work()
	kinds := map[pool.Kind]int{}
	for _, o := range outcomes(t, call) {
		kinds[o.Kind]++
	}
	if kinds[pool.Done] != 3 || kinds[pool.TimedOut] != 1 {
		t.Errorf("outcomes %v", kinds)
	}
	p.Terminate()
	await(t, p.Done())
}

// Many workers get what there is, though it isn't looked at all of them each time.
func TestElasticCrowd(t *testing.T) {
	const workers, tasks = 200, 2000
	c := &crowd{stages: make(chan *stage, workers)}
	p, err := pool.New(t.Context(), pool.Config{}, c)
	if err != nil {
		t.Fatal(err)
	}
	c.resize(workers)
	stages := make([]*stage, workers)
	for i := range stages {
		stages[i] = c.next(t, p)
	}
	call := begin(t, p, "", pool.Options{Chunk: 1}, numbers(tasks)...)
	for worked := true; worked; {
		worked = false
		for _, s := range stages {
			if len(s.chunks) > 0 {
				s.work()
				worked = true
			}
		}
	}
	if got := results(t, call); len(got) != tasks {
		t.Errorf("%d results, want %d", len(got), tasks)
	}
	p.Terminate()
	await(t, p.Done())
}
