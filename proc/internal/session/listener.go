package session

import (
	"errors"
	"sync"
	"time"
)

// A Listener is a worker's side: it answers scripts that have the key.
type Listener struct {
	// Key is the worker's.
	Key *WorkerKey

	// Info returns what this worker tells scripts of itself, at most 4 KiB.
	Info func() []byte

	// Out sends a packet to a pool; see Config.
	Out func(pool ID, packet []byte)

	// Accept is called with a new session when its script has shown its key, and returns what the
	// session does. It must not wait, nor call the session.
	Accept func(c *Conn, pool ID) Config

	mu    sync.Mutex
	conns map[ID]*Conn
}

// maxOpening is how many sessions may be in their handshake: each takes memory until its lease is over.
const maxOpening = 4096

// Packet takes a packet that has come for this worker; the memory becomes the Listener's. One goroutine at a time may
// call it.
func (l *Listener) Packet(packet []byte) {
	kind, id, _, ok := cutHead(packet)
	if !ok {
		return
	}
	if kind == packetLeft {
		l.left(id)
		return
	}
	l.mu.Lock()
	c := l.conns[id]
	l.mu.Unlock()
	if c == nil {
		if kind != packetHello {
			return
		}
		if c = l.answer(packet); c == nil {
			return
		}
	}
	c.Packet(packet)
}

// answer makes the session that a hello asks for.
func (l *Listener) answer(packet []byte) *Conn {
	h, err := parseHello(l.Key.Secret, packet)
	if err != nil {
		if _, id, rest, _ := cutHead(packet); len(rest) >= len(h.pool) {
			var pool ID
			copy(pool[:], rest)
			l.Out(pool, refusal(id, err.Error()))
		}
		return nil
	}
	pool := h.pool
	out := func(packet []byte) { l.Out(pool, packet) }
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.conns) >= maxOpening {
		out(refusal(h.id, errors.New("it has too many sessions").Error()))
		return nil
	}
	c := newConn(h.id, h.lease, Config{Out: out})
	c.hello.pool = pool
	c.hello.worker = l.Key
	c.hello.private = newPrivate()
	c.hello.hello = packet
	info := l.Info()
	c.hello.welcome = newWelcome(h.id, packet, info[:min(len(info), maxInfo)], l.Key.Secret, c.hello.private)
	script, worker, err := newSeals(c.hello.private, h.key, l.Key.Secret, transcript(packet, c.hello.welcome))
	if err != nil {
		return nil
	}
	c.seal, c.unseal = worker, script
	var cfg Config
	c.accepted = func() {
		cfg = l.Accept(c, pool)
		c.cfg.Deliver, c.cfg.Part, c.cfg.Into = cfg.Deliver, cfg.Part, cfg.Into
	}
	c.cfg.Closed = func(why error) {
		l.mu.Lock()
		delete(l.conns, h.id)
		l.mu.Unlock()
		if cfg.Closed != nil {
			cfg.Closed(why)
		}
	}
	if l.conns == nil {
		l.conns = map[ID]*Conn{}
	}
	l.conns[h.id] = c
	c.plan()
	return c
}

// ErrLeft is the error of a session whose script was said to be gone, and was not heard any more.
var ErrLeft = errors.New("its script is gone")

// leftGrace is for a script that is said to be gone and is not.
const leftGrace = 500 * time.Millisecond

// left is called when the script of a pool is said to be gone. If nothing comes from it soon, its sessions are over.
func (l *Listener) left(pool ID) {
	since := time.Now()
	for _, c := range l.Sessions() {
		if c.hello.pool != pool {
			continue
		}
		c.Nudge()
		time.AfterFunc(min(leftGrace, c.lease), func() {
			if c.Heard().Before(since) {
				c.Fail(ErrLeft)
			}
		})
	}
}

// Sessions returns the sessions that are open, or are being opened.
func (l *Listener) Sessions() []*Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]*Conn, 0, len(l.conns))
	for _, c := range l.conns {
		list = append(list, c)
	}
	return list
}

// Nudge calls Nudge of all sessions.
func (l *Listener) Nudge() {
	for _, c := range l.Sessions() {
		c.Nudge()
	}
}
