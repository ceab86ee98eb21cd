package remote

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"luaspawn/proc/internal/relay"
	"luaspawn/proc/internal/session"
	"luaspawn/proc/pool"
)

// A host is a machine as the script sees it.
type host struct {
	t    *Transport
	id   session.ID
	conn *session.Conn

	// What follows is guarded by Transport.mu.
	began     time.Time // the session
	ready     bool      // it is open
	name      string
	processes int
	active    int // workers that are not ending

	mu    sync.Mutex
	links map[uint64]*link
	sent  map[hash]bool // blobs
}

// A link is a worker as the script sees it.
type link struct {
	host   *host
	id     uint64
	events pool.Events

	mu     sync.Mutex
	pid    int
	ending bool // it is no longer counted as active
	gone   bool
	held   []heldChunk
	asked  bool // the worker was asked to give tasks back
}

// heldChunk is a chunk that the worker has.
type heldChunk struct {
	id    uint64
	n     int
	got   int
	since time.Time // when it was sent, or its last result came
	blob  *pool.Blob
}

func sumOf(b []byte) hash { return sha256.Sum256(b) }

// room returns how many more workers the machine may have.
func (h *host) room() int { return h.processes - h.active }

// start starts a worker.
func (h *host) start(id uint64, w pool.WorkerSpec, events pool.Events) *link {
	l := &link{host: h, id: id, events: events}
	h.active++
	first := uint64(0)
	if w.First {
		first = 1
	}
	m := say(sayWorker).num(id).bytes([]byte(w.Name)).num(first)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.links[id] = l
	if w.Setup != nil {
		sum := h.t.hashOf(w.Setup)
		h.offer(sum, w.Setup)
		m = m.hash(sum)
		l.held = append(l.held, heldChunk{blob: w.Setup})
	}
	h.conn.Send(m)
	return l
}

// largeBlob is the length from which on a blob is sent only when the machine asks for it: the machine may have got it for another
// pool.
const largeBlob = 1 << 20

// offer sends a blob that this machine has never got, unless it is so large that the machine asks for it. The caller holds mu.
func (h *host) offer(sum hash, b *pool.Blob) {
	if len(b.Data) < largeBlob && !h.sent[sum] {
		h.send(sum, b)
	}
}

func (h *host) send(sum hash, b *pool.Blob) {
	h.sent[sum] = true
	h.conn.Send(say(sayBlob).hash(sum), b.Data)
}

// lost is called when the session is over.
func (h *host) lost(why error) {
	t := h.t
	var refused *session.RefusedError
	t.mu.Lock()
	if t.hosts[h.id] == h {
		delete(t.hosts, h.id)
	}
	delete(t.sessions, h.conn.ID())
	if errors.As(why, &refused) {
		t.why = "a worker has " + why.Error()
		t.refused[h.id] = time.Now()
	}
	h.ready = false
	closed := t.closed
	t.mu.Unlock()
	if !closed { // the machine may still be there, or be back soon
		wait := again
		if time.Since(h.began) < time.Second {
			wait = time.Second
		}
		time.AfterFunc(wait, func() { t.put(relay.Frame{Kind: relay.Ask}) })
	}
	h.mu.Lock()
	links := h.links
	h.links = nil
	h.mu.Unlock()
	t.change()
	for _, l := range links {
		l.mu.Lock()
		gone := l.gone
		l.gone = true
		l.mu.Unlock()
		if !gone {
			l.events.Vanished(fmt.Errorf("%s: %w", h.name, why))
		}
	}
}

// deliver takes a message of the host.
func (h *host) deliver(b []byte) {
	if len(b) == 0 {
		return
	}
	r := &reader{b: b[1:]}
	switch b[0] {
	case tellOver:
		why := errors.New(string(r.bytes()))
		h.t.mu.Lock()
		if !h.ready && r.err == nil {
			h.t.others[h.id] = "fails: " + why.Error()
		}
		h.t.mu.Unlock()
		h.conn.Fail(why)
		return
	case tellOutput:
		stream, text := r.count(2), r.bytes()
		if out := h.t.cfg.Output; out != nil && r.err == nil {
			h.t.leave(func() { out(stream, text) })
		}
		return
	case tellNeed:
		if sum, had := r.hash(), r.count(1) == 1; r.err == nil {
			h.need(sum, had)
		}
		return
	case tellOpen:
		h.open()
		return
	}
	h.mu.Lock()
	l := h.links[r.num()]
	h.mu.Unlock()
	if l != nil {
		l.hear(b[0], r)
	}
	if r.err != nil {
		h.conn.Fail(r.err)
	}
}

// open is called when the host is ready for workers.
func (h *host) open() {
	info := relay.ParseFields(h.conn.Info())
	t := h.t
	t.mu.Lock()
	if !h.ready && t.hosts[h.id] == h {
		h.ready, h.name, h.processes = true, info["host"], processesOf(info)
		t.why = ""
		delete(t.others, h.id)
	}
	t.mu.Unlock()
	t.change()
}

// need is called when the host asks for a blob: it had it once, or it never got it.
func (h *host) need(sum hash, had bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.sent[sum] && !had {
		return // it is on its way: another worker has asked for it
	}
	for _, l := range h.links {
		l.mu.Lock()
		i := slices.IndexFunc(l.held, func(c heldChunk) bool { return c.blob != nil && h.t.hashOf(c.blob) == sum })
		var b *pool.Blob
		if i >= 0 {
			b = l.held[i].blob
		}
		l.mu.Unlock()
		if b != nil {
			h.send(sum, b)
			return
		}
	}
}

// hear takes a message about a worker.
func (l *link) hear(kind byte, r *reader) {
	switch kind {
	case tellStarted:
		pid := r.count(maxPid)
		l.mu.Lock()
		l.pid = pid
		l.mu.Unlock()
	case tellUnstart:
		l.end(func() { l.events.Gone(1, pool.Task{}, false) })
	case tellReady:
		l.events.Ready()
	case tellFailed:
		if reason := r.bytes(); r.err == nil {
			l.events.Failed(reason)
		}
	case tellReports:
		list := r.reports()
		if r.err != nil {
			return
		}
		now := time.Now()
		l.mu.Lock()
		for _, p := range list {
			if c := l.chunk(p.Chunk); c != nil && p.Task >= c.got {
				c.got, c.since = p.Task+1, now
			}
		}
		l.mu.Unlock()
		l.events.Reported(list)
	case tellFinished:
		chunk, spent := r.num(), r.count(maxTime)
		l.mu.Lock()
		l.held = slices.DeleteFunc(l.held, func(c heldChunk) bool { return c.id == chunk })
		if len(l.held) > 0 {
			l.held[0].since = time.Now()
		}
		l.mu.Unlock()
		l.events.Finished(chunk, time.Duration(spent))
	case tellReturned:
		chunk, n := r.num(), r.count(maxTasks)
		l.mu.Lock()
		l.asked = false
		if c := l.chunk(chunk); c != nil && n <= c.n {
			c.n -= n
		}
		l.mu.Unlock()
		if n > 0 {
			l.events.Returned(chunk, n)
		}
	case tellTimedOut:
		late := pool.Task{Chunk: r.num(), At: r.count(maxTasks)}
		l.ends()
		l.events.TimedOut(late)
	case tellGone:
		code, running, ran := r.gone()
		l.end(func() { l.events.Gone(code, running, ran) })
	default:
		r.err = errMessage
	}
}

// chunk returns a chunk that the worker has; nil: it has none of this number.
func (l *link) chunk(id uint64) *heldChunk {
	for i := range l.held {
		if l.held[i].id == id && id != 0 {
			return &l.held[i]
		}
	}
	return nil
}

// ends stops counting the worker as active.
func (l *link) ends() {
	l.mu.Lock()
	was := l.ending
	l.ending = true
	l.mu.Unlock()
	if !was {
		l.host.t.mu.Lock()
		l.host.active--
		l.host.t.mu.Unlock()
	}
}

// end forgets the worker, and tells the pool.
func (l *link) end(tell func()) {
	l.ends()
	l.host.mu.Lock()
	delete(l.host.links, l.id)
	l.host.mu.Unlock()
	l.mu.Lock()
	gone := l.gone
	l.gone = true
	l.mu.Unlock()
	if !gone {
		tell()
	}
}

func (l *link) say(m message) { l.host.conn.Send(m) }

// Send implements pool.Link.
func (l *link) Send(c pool.Chunk, blob *pool.Blob) error {
	if len(c.Tasks) > maxData || blob != nil && len(blob.Data) > maxData {
		return errTooLong
	}
	var sum *hash
	if blob != nil {
		h := l.host.t.hashOf(blob)
		sum = &h
		l.host.mu.Lock()
		l.host.offer(h, blob)
		l.host.mu.Unlock()
	}
	l.mu.Lock()
	l.held = append(l.held, heldChunk{id: c.ID, n: c.N, since: time.Now(), blob: blob})
	l.mu.Unlock()
	l.host.conn.Send(appendChunk(say(sayChunk), l.id, c, sum), c.Tasks)
	return nil
}

func (l *link) Forget(call uint64) { l.say(say(sayForget).num(l.id).num(call)) }

// TakeBack is that of pool.Link: what comes back is told later.
func (l *link) TakeBack(chunk uint64, n int) int {
	l.mu.Lock()
	ask := !l.asked && l.chunk(chunk) != nil
	l.asked = l.asked || ask
	l.mu.Unlock()
	if ask {
		l.say(say(sayTakeBack).num(l.id).num(chunk).num(uint64(n)))
	}
	return 0
}

// Drop implements pool.Dropper.
func (l *link) Drop(call uint64) { l.say(say(sayDrop).num(l.id).num(call)) }

// Abort implements pool.Dropper.
func (l *link) Abort(call uint64) { l.say(say(sayAbort).num(l.id).num(call)) }

// Running is that of pool.Link, as far as it is known here.
func (l *link) Running() (pool.Task, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.held {
		if c.id != 0 && c.got < c.n {
			return pool.Task{Chunk: c.id, At: c.got, Since: c.since}, true
		}
	}
	return pool.Task{}, false
}

func (l *link) Stop() {
	l.ends()
	l.say(say(sayStop).num(l.id))
}

func (l *link) Terminate() {
	l.ends()
	l.say(say(sayTerminate).num(l.id))
}

func (l *link) Kill() {
	l.ends()
	l.say(say(sayKill).num(l.id))
}

func (l *link) Pid() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pid
}

// Host implements pool.Machine.
func (l *link) Host() string { return l.host.name }
