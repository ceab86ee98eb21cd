package remote

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"sync"
	"testing"
	"time"

	"luaspawn/proc/internal/relay"
	"luaspawn/proc/pool"
)

// A nothing is a transport without workers.
type nothing struct{}

var errNothing = errors.New("no workers here")

func (nothing) Start(context.Context, pool.WorkerSpec, pool.Events) (pool.Link, error) {
	return nil, errNothing
}
func (nothing) Depth() int         { return 1 }
func (nothing) CarriesFiles() bool { return false }
func (nothing) LookOut() bool      { return false }
func (nothing) Close()             {}

// sample are messages to a host, of each kind.
func sample() [][]byte {
	blob := []byte("a blob")
	sum := sumOf(blob)
	c := pool.Chunk{ID: 3, Call: 2, N: 2, Timeout: time.Second, Exact: true}
	tasks := pool.AppendTask(pool.AppendTask(nil, []byte("one")), nil)
	return [][]byte{
		append(say(sayOpen).num(version), message(nil).bytes([]byte("open"))...),
		append(say(sayBlob).hash(sum), blob...),
		say(sayWorker).num(1).bytes([]byte("name")).num(1),
		say(sayWorker).num(2).bytes([]byte("name")).num(0).hash(sum),
		append(appendChunk(say(sayChunk), 2, c, &sum), tasks...),
		say(sayForget).num(2).num(2),
		say(sayTakeBack).num(2).num(3).num(1),
		say(sayDrop).num(2).num(2),
		say(sayAbort).num(2).num(2),
		say(sayStop).num(2),
		say(sayTerminate).num(2),
		say(sayKill).num(2),
	}
}

func TestMessages(t *testing.T) {
	sum := sumOf([]byte("blob"))
	want := pool.Chunk{ID: 3, Call: 2, First: 9, N: 2, Timeout: time.Second, Exact: true, Only: true}
	want.Tasks = pool.AppendTask(pool.AppendTask(nil, []byte("one")), nil)
	r := &reader{b: append(appendChunk(nil, 7, want, &sum), want.Tasks...)}
	link := r.num()
	got, h, blob := r.chunk()
	if r.err != nil || link != 7 || got.ID != want.ID || got.First != want.First || got.N != want.N || got.Timeout != want.Timeout || !got.Exact || got.More || !got.Only ||
		!bytes.Equal(got.Tasks, want.Tasks) || h != sum || !blob {
		t.Errorf("%+v %v", got, r.err)
	}
	if got, ok := relay.BlobOf(append(say(sayBlob).hash(sum), "blob"...)); !ok || got != sum {
		t.Errorf("luaspawnd doesn't see the blob: %x %v", got, ok)
	}
	for _, had := range []bool{false, true} {
		n := uint64(0)
		if had {
			n = 1
		}
		if got, was, ok := relay.NeedOf(say(tellNeed).hash(sum).num(n)); !ok || got != sum || was != had {
			t.Errorf("luaspawnd doesn't see what is needed: %x %v %v", got, was, ok)
		}
	}
	if _, _, ok := relay.NeedOf(say(tellOpen)); ok {
		t.Error("luaspawnd sees a need that is none")
	}
	for _, code := range []int{0, 7, 255, -9, -15} {
		r := &reader{b: appendGone(nil, code, pool.Task{Chunk: 5, At: 6}, true)}
		if c, running, ran := r.gone(); r.err != nil || c != code || !ran || running.Chunk != 5 || running.At != 6 {
			t.Errorf("%d: %d %v %v %v", code, c, running, ran, r.err)
		}
	}
	list := []pool.Report{{Chunk: 1, Task: 2, Data: []byte("x")}, {Chunk: 1, Task: 3, Failed: true}, {Chunk: 2, Unsent: true, Data: []byte("why")}}
	r = &reader{b: appendReports(nil, list)}
	if got := r.reports(); len(got) != 3 || string(got[0].Data) != "x" || !got[1].Failed || !got[2].Unsent {
		t.Errorf("%+v", got)
	}
}

// A host whose workers can't be started says so, and ends when luaspawnd is gone.
func TestHostWithoutWorkers(t *testing.T) {
	theirs, in := io.Pipe()
	out, ours := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- opened.Serve(theirs, ours) }()
	w := relay.NewWriter(in, 0)
	w.Put(relay.Frame{Kind: relay.Beat, Data: []byte{0, 0, 0, 0, 0, 1, 0, 0}}) // some minutes
	for _, m := range sample()[:3] {
		w.Put(relay.Frame{Kind: relay.Message, Data: m})
	}
	r := bufio.NewReader(out)
	var kinds []byte
	for len(kinds) < 3 {
		f, err := relay.Read(r)
		if err != nil {
			t.Fatal(err)
		}
		if f.Kind == relay.Message {
			kinds = append(kinds, f.Data[0])
		} else {
			kinds = append(kinds, f.Kind)
		}
	}
	if string(kinds) != string([]byte{relay.Beat, tellOpen, tellUnstart}) {
		t.Errorf("it says %q", kinds)
	}
	go io.Copy(io.Discard, r)
	w.Close(time.Minute)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

var opened = Program{Open: func([]byte, func(int, []byte)) (pool.Transport, error) { return nothing{}, nil }}

// A holder is a transport to one worker, which holds four chunks and runs the first one for ever.
type holder struct {
	nothing
	held   []pool.Chunk
	runs   uint64 // the chunk that it says it runs; 0: none
	killed bool
}

func (*holder) Depth() int { return 4 }
func (h *holder) Start(_ context.Context, _ pool.WorkerSpec, events pool.Events) (pool.Link, error) {
	events.Ready()
	return h, nil
}
func (h *holder) Send(c pool.Chunk, _ *pool.Blob) error { h.held = append(h.held, c); return nil }
func (h *holder) TakeBack(id uint64, n int) int {
	for i := range h.held {
		if c := &h.held[i]; c.ID == id {
			n = min(n, c.N)
			if i == 0 {
				n = min(n, c.N-1)
			}
			c.N -= n
			return n
		}
	}
	return 0
}
func (*holder) Forget(uint64) {}
func (*holder) Stop()         {}
func (*holder) Terminate()    {}
func (*holder) Pid() int      { return 1 }

func (h *holder) Running() (pool.Task, bool) { return pool.Task{Chunk: h.runs}, h.runs > 0 }
func (h *holder) Kill()                      { h.killed = true }

// onHolder calls do with a host that has one worker, which is ready and knows a blob, and with what the host tells.
func onHolder(t *testing.T, do func(hear func(message), told *bufio.Reader, blob hash, worker *holder)) {
	r, w := io.Pipe()
	worker := new(holder)
	h := newHost(Program{Open: func([]byte, func(int, []byte)) (pool.Transport, error) { return worker, nil }}, relay.NewWriter(w, 0))
	hear := func(m message) {
		t.Helper()
		if err := h.hear(m, nil); err != nil {
			t.Fatal(err)
		}
	}
	defer time.AfterFunc(time.Minute, func() { w.CloseWithError(errors.New("it says nothing more")) }).Stop()
	in := bufio.NewReader(r)
	hear(sample()[0])
	hear(say(sayWorker).num(1).bytes(nil).num(1))
	for _, kind := range []byte{tellOpen, tellReady, tellStarted} {
		nextTold(t, in, kind)
	}
	blob := []byte("a blob")
	sum := sumOf(blob)
	hear(append(say(sayBlob).hash(sum), blob...))
	do(hear, in, sum, worker)
	h.mu.Lock()
	h.links = map[uint64]*hostLink{} // the worker never ends
	h.mu.Unlock()
	go io.Copy(io.Discard, r)
	h.end()
	h.out.Close(time.Minute)
	r.Close()
}

// nextTold returns what the host tells next, which must be of that kind.
func nextTold(t *testing.T, in *bufio.Reader, kind byte) *reader {
	t.Helper()
	f, err := relay.Read(in)
	if err != nil || f.Data[0] != kind {
		t.Fatalf("%v, it says %q, want %c", err, f.Data, kind)
	}
	return &reader{b: f.Data[1:]}
}

// All that a worker has not begun of a call that is dropped is given back at once, also what its host keeps for it,
// and nothing of another call.
func TestDrop(t *testing.T) {
	onHolder(t, func(hear func(message), in *bufio.Reader, blob hash, _ *holder) {
		tasks := pool.AppendTask(pool.AppendTask(nil, []byte("one")), nil)
		for id := uint64(1); id <= 8; id++ { // 3 and 7 are of another call
			call := uint64(1)
			if id%4 == 3 {
				call = 2
			}
			hear(append(appendChunk(say(sayChunk), 1, pool.Chunk{ID: id, Call: call, N: 2}, &blob), tasks...))
		}
		hear(say(sayDrop).num(1).num(1))
		hear(say(sayTakeBack).num(1).num(7).num(2)) // to be heard last
		returned := map[uint64]uint64{}
		for len(returned) < 7 {
			f, err := relay.Read(in)
			if err != nil {
				t.Fatal(err)
			}
			if f.Data[0] == tellReturned {
				r := &reader{b: f.Data[1:]}
				r.num()
				returned[r.num()] = r.num()
			}
		}
		if want := (map[uint64]uint64{1: 1, 2: 2, 4: 2, 5: 2, 6: 2, 8: 2, 7: 2}); !maps.Equal(returned, want) {
			t.Errorf("returned: %v, want %v", returned, want)
		}
	})
}

// A call that is aborted takes its worker along only if that runs a task of it: it might run another call's by then.
func TestAbort(t *testing.T) {
	onHolder(t, func(hear func(message), in *bufio.Reader, blob hash, worker *holder) {
		for id := uint64(1); id <= 3; id++ { // of three calls
			hear(append(appendChunk(say(sayChunk), 1, pool.Chunk{ID: id, Call: id, N: 1}, &blob), pool.AppendTask(nil, nil)...))
		}
		returned := func(want uint64) {
			t.Helper()
			r := nextTold(t, in, tellReturned)
			if r.num(); r.num() != want {
				t.Errorf("chunk %d wasn't given back", want)
			}
		}
		worker.runs = 1
		hear(say(sayAbort).num(1).num(3))
		returned(3)
		if worker.killed {
			t.Error("killed in the middle of another call's task")
		}
		hear(say(sayAbort).num(1).num(1))
		returned(2)
		if !worker.killed {
			t.Error("not killed")
		}
	})
}

// A chunk that comes later, with a later end, doesn't put off the end of the task that runs.
func TestTimeoutBeforeAnother(t *testing.T) {
	onHolder(t, func(hear func(message), in *bufio.Reader, blob hash, _ *holder) {
		for id, timeout := range []time.Duration{time.Millisecond, time.Hour} {
			hear(append(appendChunk(say(sayChunk), 1, pool.Chunk{ID: uint64(id), Call: 1, N: 1, Timeout: timeout}, &blob), pool.AppendTask(nil, nil)...))
		}
		r := nextTold(t, in, tellReturned) // nothing else is lost with it
		if r.num(); r.num() != 1 {
			t.Error("the second chunk was not given back")
		}
		nextTold(t, in, tellTimedOut)
	})
}

// tooLong has memory that is never touched. It is made once: a second time it would be cleared.
var tooLong = sync.OnceValue(func() []byte { return make([]byte, maxData+1) })

// What is longer than a message may be is an error of its own: it ended the session.
func TestTooLong(t *testing.T) {
	long := tooLong()
	if err := new(link).Send(pool.Chunk{Tasks: long}, nil); err != errTooLong {
		t.Errorf("a task: %v, want %v", err, errTooLong)
	}
	if err := new(link).Send(pool.Chunk{}, &pool.Blob{Data: long}); err != errTooLong {
		t.Errorf("what a call does: %v, want %v", err, errTooLong)
	}
}

// Code that isn't what its hash says is refused, and not kept.
func TestTamperedBlob(t *testing.T) {
	r, w := io.Pipe()
	go io.Copy(io.Discard, r)
	h := newHost(opened, relay.NewWriter(w, 0))
	if err := h.hear(sample()[0], nil); err != nil {
		t.Fatal(err)
	}
	sum := sumOf([]byte("code"))
	if err := h.hear(append(say(sayBlob).hash(sum), "Code"...), nil); err == nil || h.blob(sum) != nil {
		t.Errorf("%v, want an error", err)
	}
	if err := h.hear(append(say(sayBlob).hash(sum), "code"...), nil); err != nil || h.blob(sum) == nil {
		t.Errorf("the right one: %v", err)
	}
	h.end()
	h.out.Close(time.Minute)
	r.Close()
}

// What comes from who has a key may be nonsense all the same.
func FuzzHost(f *testing.F) {
	for _, m := range sample() {
		f.Add(m)
	}
	f.Fuzz(func(t *testing.T, m []byte) {
		r, w := io.Pipe()
		go io.Copy(io.Discard, r)
		h := newHost(opened, relay.NewWriter(w, 0))
		for _, before := range sample()[:2] {
			if err := h.hear(before, nil); err != nil {
				t.Fatal(err)
			}
		}
		h.hear(m, nil)
		h.end()
		h.out.Close(time.Minute)
		r.Close()
	})
}

// What a host says is nonsense.
func FuzzLink(f *testing.F) {
	f.Add([]byte(appendReports(say(tellReports).num(1), []pool.Report{{Chunk: 1, Data: []byte("x")}})))
	f.Add([]byte(appendGone(say(tellGone).num(1), -9, pool.Task{Chunk: 1}, true)))
	f.Add([]byte(say(tellFinished).num(1).num(1).num(5)))
	f.Add([]byte(say(tellReturned).num(1).num(1).num(1)))
	f.Add([]byte(say(tellTimedOut).num(1).num(1).num(0)))
	f.Add([]byte(say(tellStarted).num(1).num(77)))
	f.Fuzz(func(t *testing.T, m []byte) {
		if len(m) == 0 {
			return
		}
		l := &link{host: &host{t: New(Config{}), links: map[uint64]*link{}}, id: 1, events: deaf{}}
		l.held = []heldChunk{{id: 1, n: 2}}
		r := &reader{b: m[1:]}
		r.num()
		l.hear(m[0], r)
		if n := l.held; len(n) > 0 && n[0].n < 0 {
			t.Errorf("%d tasks", n[0].n)
		}
	})
}

// deaf are events that nobody hears.
type deaf struct{}

func (deaf) Ready()                         {}
func (deaf) Failed([]byte)                  {}
func (deaf) Reported([]pool.Report)         {}
func (deaf) Finished(uint64, time.Duration) {}
func (deaf) Gone(int, pool.Task, bool)      {}
func (deaf) Returned(uint64, int)           {}
func (deaf) TimedOut(pool.Task)             {}
func (deaf) Vanished(error)                 {}
