//go:build linux

package pool_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"luaspawn/proc/pool"
)

// A stage is a transport to one worker that does what the test says, at the moment that
// it says.
type stage struct {
	pool.Events
	chunks []pool.Chunk             // that were sent
	asked  func()                   // called by CarriesFiles, once; nil: nothing is
	fails  error                    // what the next Send returns, once; nil: it sends
	deep   int                      // chunks that it holds beside the first
	runs   func() (pool.Task, bool) // what Running returns; nil: nothing
	killed chan struct{}            // closed by Kill, which does nothing else then; may be nil
}

func (s *stage) Start(_ context.Context, _ pool.WorkerSpec, events pool.Events) (pool.Link, error) {
	s.Events = events
	return s, nil
}

func (s *stage) CarriesFiles() bool {
	if f := s.asked; f != nil {
		s.asked = nil
		f()
	}
	return true
}

func (s *stage) Send(c pool.Chunk, _ *pool.Blob) error {
	if err := s.fails; err != nil {
		s.fails = nil
		return err
	}
	s.chunks = append(s.chunks, c)
	return nil
}

// work does the chunk that was sent first.
func (s *stage) work() {
	c := s.chunks[0]
	s.chunks = s.chunks[1:]
	for i := range c.N {
		s.Reported([]pool.Report{{Chunk: c.ID, Task: i, Data: []byte("done")}})
	}
	s.Finished(c.ID, time.Microsecond)
}

func (s *stage) Running() (pool.Task, bool) {
	if s.runs == nil {
		return pool.Task{}, false
	}
	return s.runs()
}

func (s *stage) Kill() {
	if s.killed != nil {
		close(s.killed)
		return
	}
	s.Stop()
}

func (s *stage) Depth() int               { return 1 + s.deep }
func (s *stage) LookOut() bool            { return false }
func (s *stage) Close()                   {}
func (s *stage) Forget(uint64)            {}
func (s *stage) TakeBack(uint64, int) int { return 0 }
func (s *stage) Stop()                    { go s.Gone(0, pool.Task{}, false) }
func (s *stage) Terminate()               { s.Stop() }
func (s *stage) Pid() int                 { return 1 }

// All other tasks of a call get done just when its last ones come: between the two
// halves of what was Add and End, it was over, and the last ones were refused.
func TestAddLast(t *testing.T) {
	s := new(stage)
	p, err := pool.New(t.Context(), pool.Config{}, s)
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.Call(pool.Blob{}, pool.Options{})
	if err != nil {
		t.Fatal(err)
	}
	task := pool.AppendTask(nil, []byte("x"))
	if err := c.Add(task, 1, nil); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	s.asked = s.work
	if err := c.AddLast(task, 1, map[int][]*os.File{0: {file}}); err != nil {
		t.Fatal(err)
	}
	s.work()
	if list := results(t, c); len(list) != 2 || list[1] != "done" {
		t.Errorf("%q", list)
	}
	p.Close()
	await(t, p.Done())
}

// A task that can't be sent is none that its worker has done: one that may do a single task, and was to get it, was
// given no other one, and nobody took its place.
func TestUndeliveredIsNotDone(t *testing.T) {
	s := new(stage)
	p, err := pool.New(t.Context(), pool.Config{MaxTasks: 1}, s)
	if err != nil {
		t.Fatal(err)
	}
	s.fails = errors.New("no room")
	if list := outcomes(t, begin(t, p, "", pool.Options{}, "a")); len(list) != 1 || list[0].Kind != pool.Undelivered || list[0].Extra.Err.Error() != "no room" {
		t.Errorf("%v", list)
	}
	c := begin(t, p, "", pool.Options{}, "b")
	if len(s.chunks) != 1 {
		t.Fatalf("%d chunks were sent", len(s.chunks))
	}
	s.work()
	if list := results(t, c); len(list) != 1 || list[0] != "done" {
		t.Errorf("%q", list)
	}
	p.Close()
	await(t, p.Done())
}

// A task waits behind one that takes longer, for which there is no timeout or a later one. When its turn comes it is
// killed after its own timeout: it ran for ever, or until the other one's would have been over.
func TestTimeoutBehindAnother(t *testing.T) {
	for _, before := range []time.Duration{0, time.Hour} {
		var at atomic.Pointer[pool.Task] // that runs
		looked := make(chan struct{}, 1)
		s := &stage{deep: 1, killed: make(chan struct{})}
		s.runs = func() (pool.Task, bool) {
			select {
			case looked <- struct{}{}:
			default:
			}
			return *at.Load(), true
		}
		p, err := pool.New(t.Context(), pool.Config{}, s)
		if err != nil {
			t.Fatal(err)
		}
		worker := s.Events
		at.Store(&pool.Task{Chunk: 1, Since: time.Now()})
		first := begin(t, p, "", pool.Options{Timeout: before}, "a")
		second := begin(t, p, "", pool.Options{Timeout: time.Millisecond}, "b")
		await(t, looked)
		await(t, looked) // the one before may have come with the call
		at.Store(&pool.Task{Chunk: 2, Since: time.Now()})
		s.work()
		await(t, s.killed)
		if list := outcomes(t, first); list[0].Kind != pool.Done {
			t.Errorf("%+v", list)
		}
		worker.Gone(-9, *at.Load(), true)
		if list := outcomes(t, second); list[0].Kind != pool.TimedOut {
			t.Errorf("%+v", list)
		}
		p.Terminate()
		await(t, p.Done())
	}
}

// Results that are told together are told once: those of tasks that have an outcome, or that the
// chunk hasn't, are passed over.
func TestReportsOfMany(t *testing.T) {
	s := new(stage)
	p, err := pool.New(t.Context(), pool.Config{}, s)
	if err != nil {
		t.Fatal(err)
	}
	c := begin(t, p, "", pool.Options{Chunk: 4}, "a", "b", "c", "d", "e")
	list := func(results ...string) (b []byte) {
		for _, r := range results {
			b = pool.AppendTask(b, []byte(r))
		}
		return b
	}
	first := s.chunks[0]
	s.Reported([]pool.Report{
		{Chunk: first.ID, Task: 1, N: 2, Data: list("B", "C")},
		{Chunk: first.ID, Task: 0, N: 4, Data: list("A", "again", "again", "D")},
		{Chunk: first.ID, Task: 2, N: 2, Data: list("again", "again")},
		{Chunk: first.ID, Task: 3, N: 2, Data: list("again", "beyond")},
	})
	var got []string
	some, over := c.Take()
	for o := range some.All() {
		got = append(got, strconv.Itoa(o.Index)+string(o.Data))
	}
	if want := []string{"1B", "2C", "0A", "3D"}; !slices.Equal(got, want) || some.Len() != len(want) || over {
		t.Errorf("%q, %d, over: %v", got, some.Len(), over)
	}
	for o := range some.All() {
		if o.Index == 2 {
			break // the others are left
		}
	}
	s.Finished(first.ID, time.Microsecond)
	s.chunks = s.chunks[1:]
	s.work()
	if rest := outcomes(t, c); len(rest) != 1 || rest[0].Index != 4 {
		t.Errorf("%v", rest)
	}
	p.Close()
	await(t, p.Done())
}

// Tasks that a terminated pool has not done are told of together: each took 90 bytes, and 20 million of them, at a
// script's end, some seconds.
func TestTerminateWithManyTasks(t *testing.T) {
	const many = 1_000_000
	s := new(stage)
	p, err := pool.New(t.Context(), pool.Config{}, s)
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.Call(pool.Blob{}, pool.Options{Chunk: 10})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AddLast(bytes.Repeat(pool.AppendTask(nil, []byte("x")), many), many, nil); err != nil {
		t.Fatal(err)
	}
	for _, task := range []int{1, 2, 5} {
		s.Reported([]pool.Report{{Chunk: s.chunks[0].ID, Task: task, Data: []byte("done")}})
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p.Terminate()
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > many {
		t.Errorf("%d bytes were allocated", grown)
	}
	some, over := c.Take()
	seen := make([]bool, many)
	n, done := 0, 0
	for o := range some.All() {
		if seen[o.Index] {
			t.Fatalf("a second outcome for task %d", o.Index)
		}
		seen[o.Index] = true
		n++
		switch {
		case o.Kind == pool.Done && string(o.Data) == "done":
			done++
		case o.Kind != pool.Broken || o.Extra.Err != pool.ErrTerminated:
			t.Fatalf("%+v", o)
		}
	}
	if n != many || some.Len() != many || done != 3 || !over {
		t.Errorf("%d outcomes, said %d, %d done, over: %v", n, some.Len(), done, over)
	}
	await(t, p.Done())
}
