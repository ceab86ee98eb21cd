package session

import (
	"bytes"
	"crypto/cipher"
	"crypto/ecdh"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"luaspawn/proc/internal/alarm"
)

// Config is what both sides of a session say of it.
type Config struct {
	// Out sends a packet, which nobody changes until Recycle is called with it. It must neither wait nor call the
	// session; packets that it drops are sent again.
	Out func(packet []byte)

	// OutInto sends a packet of n bytes that write makes in memory that it is given, and reports true; or false,
	// where there is no such memory, and Out is called then. Nil: Out is called always.
	OutInto func(n int, write func(memory []byte) (packet []byte)) bool

	// Deliver is called with each message, in their order, by the goroutine that calls
	// Packet.
	Deliver func(message []byte)

	// Part is called, as Deliver is, with each part of a message that came in several fragments, which then
	// isn't delivered: so it can be passed on before it is whole, and need not be put together here.
	// total is the length of the message at its first part, else 0. Nil: they are put together.
	Part func(total int, part []byte)

	// Into returns where the next n bytes of such a message are put, in memory with which Part is called then; or nil,
	// for any. It must not call the session. Nil: any.
	Into func(n int) []byte

	// Room returns memory of n bytes, in which a long message is put together. Nil: it is made.
	Room func(n int) []byte

	// Reading returns since when packets that have come are taken: now, where nobody takes any, as something
	// else has to be done first. The other side isn't silent before that. It must not call the session. Nil: they always were.
	Reading func() time.Time

	// Closed is called once, when nothing is delivered any more. Nil: nobody is told.
	Closed func(why error)
}

var (
	// ErrLease is the error of a session whose other side was not heard for a lease.
	ErrLease = errors.New("nothing was heard of it for the time of the lease")

	// ErrClosed is the error of a session that either side has closed.
	ErrClosed = errors.New("the session is closed")
)

// A RefusedError says why a worker refused a session. Nobody knows whether it comes from the worker: it isn't signed.
type RefusedError struct{ Reason string }

func (e *RefusedError) Error() string { return "refused: " + e.Reason }

// state is how far a session has come.
type state uint8

const (
	opening state = iota // the other side has not answered yet
	started              // only at the script: the worker has answered, but has not shown yet that it knows the session's key
	ready                // packets are sealed both ways
	closed
)

// A Conn is one side of a session. Its methods may be called from any goroutine, but
// Packet by one at a time.
type Conn struct {
	cfg   Config
	id    ID
	lease time.Duration

	mu     sync.Mutex
	cond   sync.Cond // told when something has arrived, or it is closed
	state  state
	why    error       // it is closed
	alarm  alarm.Alarm // calls tick
	heard  time.Time   // when there was something new from the other side
	spoke  time.Time   // when something was sent
	hello  handshake
	seal   cipher.AEAD // of what is sent
	unseal cipher.AEAD
	sent   uint64 // counter of the last packet
	taken  uint64 // that of the last one that was taken

	out  sending
	in   receiving
	tell func() // calls Config.Closed; done when the lock is free and no message is being delivered
	busy bool   // a message is being delivered

	accepted func() // called when a worker has seen the script's key
}

// handshake is what a Conn needs until it is open.
type handshake struct {
	script  *ScriptKey // nil: this is a worker
	worker  *WorkerKey
	pool    ID // only at the worker
	private *ecdh.PrivateKey
	hello   []byte // packets
	welcome []byte
	start   []byte
	info    []byte // of the worker
}

// Dial begins a session of a pool with a worker, to whom Out sends the first packet.
func Dial(key *ScriptKey, pool ID, lease time.Duration, cfg Config) *Conn {
	c := newConn(NewID(), lease, cfg)
	c.hello.script = key
	c.hello.private = newPrivate()
	c.hello.hello = newHello(c.id, pool, lease, key.Secret, c.hello.private)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw(c.hello.hello)
	c.plan()
	return c
}

func newPrivate() *ecdh.PrivateKey {
	private, err := ecdh.X25519().GenerateKey(nil)
	if err != nil {
		panic(err) // the system has no random numbers
	}
	return private
}

func newConn(id ID, lease time.Duration, cfg Config) *Conn {
	now := time.Now()
	c := &Conn{cfg: cfg, id: id, lease: lease, heard: now}
	c.cond.L = &c.mu
	c.alarm.Do = c.tick
	c.out.window = window
	c.out.resend = minResend
	return c
}

// ID returns the ID of the session.
func (c *Conn) ID() ID { return c.id }

// Info is what the worker has said of itself; nil: it has not answered yet.
func (c *Conn) Info() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hello.info
}

// Heard returns when the other side was heard last.
func (c *Conn) Heard() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.heard
}

// Lease returns how long the other side may be silent.
func (c *Conn) Lease() time.Duration { return c.lease }

// Send sends one message, the parts of which follow each other; nobody may change them any more. After the session
// is closed the message is dropped. What is sent while messages are delivered waits until all of them are, so that the answers to
// messages that came together go together.
func (c *Conn) Send(parts ...[]byte) { c.SendThen(nil, parts...) }

// SendThen sends as Send does, and calls done when the session needs the parts no longer: they have arrived, or never will. done must not
// call the session. It may be nil.
func (c *Conn) SendThen(done func(), parts ...[]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue(done, parts)
	if !c.busy {
		c.pump(time.Now())
		c.plan()
	}
}

// Queue is like Send, but the message waits for the next Send, or for Flush, and goes with it.
func (c *Conn) Queue(parts ...[]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue(nil, parts)
}

// Flush sends what Queue was given.
func (c *Conn) Flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pump(time.Now())
	c.plan()
}

func (c *Conn) queue(done func(), parts [][]byte) {
	if c.state == closed {
		if done != nil {
			done()
		}
		return
	}
	total := 0
	for _, p := range parts {
		total += len(p)
	}
	if len(parts) > 1 && total <= joined { // one fragment is less to do for everybody
		whole := make([]byte, 0, total)
		for _, p := range parts {
			whole = append(whole, p...)
		}
		parts = [][]byte{whole}
	}
	left, first := total, true
	for _, p := range parts {
		for ; len(p) > 0 || total == 0; total = max(total, 1) {
			n := min(len(p), maxFragment)
			left -= n
			f := fragment{data: p[:n:n], more: left > 0}
			if first && left > 0 {
				f.total = total
			}
			first = false
			c.out.queue = append(c.out.queue, outgoing{fragment: f})
			c.out.size += n
			p = p[n:]
		}
	}
	c.out.queue[len(c.out.queue)-1].done = done
	if c.out.size-c.out.flight > corked {
		c.pump(time.Now())
		c.plan()
	}
}

// Await waits until fewer than the given number of bytes are on their way to the other side, or the session is closed.
func (c *Conn) Await(bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.out.size >= bytes && c.state != closed {
		c.cond.Wait()
	}
}

// Idle reports whether all that was sent has arrived.
func (c *Conn) Idle() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.out.queue) == 0
}

// Nudge sends again at once what has not been acknowledged. It is called when packets may have been lost.
func (c *Conn) Nudge() {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch c.state {
	case opening:
		if c.hello.script != nil {
			c.raw(c.hello.hello)
		}
	case started, ready:
		c.rewind()
		c.beat(0)
	}
	c.plan()
}

// Close ends the session, and tells the other side, if that can be told.
func (c *Conn) Close() {
	c.mu.Lock()
	if c.state == ready || c.state == started {
		c.beat(flagBye)
	}
	c.end(ErrClosed)
	c.unlock()
}

// Fail ends the session, for the reason why, and tells the other side that it is over.
func (c *Conn) Fail(why error) {
	c.mu.Lock()
	if c.state == ready || c.state == started {
		c.beat(flagBye)
	}
	c.end(why)
	c.unlock()
}

// unlock gives the lock back. It calls Config.Closed if end has left that to it.
func (c *Conn) unlock() {
	if c.busy { // the goroutine that delivers messages calls it when it has done so
		c.mu.Unlock()
		return
	}
	tell := c.tell
	c.tell = nil
	c.mu.Unlock()
	if tell != nil {
		tell()
	}
}

// end closes the session, and leaves the call of Config.Closed to unlock.
func (c *Conn) end(why error) {
	if c.state == closed {
		return
	}
	c.state, c.why = closed, why
	c.alarm.Stop()
	c.out.free(len(c.out.queue))
	c.in.message = nil
	c.cond.Broadcast()
	if c.cfg.Closed != nil {
		c.tell = func() { c.cfg.Closed(why) }
	}
}

// raw sends a packet.
func (c *Conn) raw(packet []byte) {
	c.spoke = time.Now()
	c.cfg.Out(packet)
}

// send seals and sends.
func (c *Conn) send(plain []byte) {
	c.begin()
	c.raw(seal(c.seal, c.id, c.sent, plain))
	c.said()
}

// sendLong sends a long fragment.
func (c *Conn) sendLong(number uint64, f fragment) {
	c.begin()
	head := c.plainHead(make([]byte, 0, plainHead+fragmentHead), 0)
	head = appendFragmentHead(binary.AppendUvarint(head, number), f)
	write := func(memory []byte) []byte { return sealLong(c.seal, c.id, c.sent, memory, head, f.data) }
	n := longSize(head, f.data)
	c.spoke = time.Now()
	if c.cfg.OutInto == nil || !c.cfg.OutInto(n, write) {
		c.cfg.Out(write(memory(n)))
	}
	c.said()
}

// begin prepares for a sealed packet: it takes the next counter.
func (c *Conn) begin() {
	if c.state == started {
		c.raw(c.hello.start) // with each packet until the worker is heard: it may have been lost
	}
	c.sent++
}

// said remembers that the other side knows now what has come, so that no acknowledgement is due.
func (c *Conn) said() { c.in.owed, c.in.owing, c.in.gap = 0, time.Time{}, false }

// plainHead appends the head of what is sealed: flags, and the number of the fragment that is wanted next.
func (c *Conn) plainHead(b []byte, flags byte) []byte {
	if c.in.gap {
		flags |= flagGap
	}
	return appendPlainHead(b, flags, c.in.next)
}

// beat sends a packet without messages.
func (c *Conn) beat(flags byte) { c.send(c.plainHead(newPlain(plainHead), flags)) }

// Packet takes a packet that has come for this session; the memory becomes the Conn's. A packet that is damaged,
// forged or old is dropped.
func (c *Conn) Packet(packet []byte) { c.packet(packet, nil) }

// Borrow is like Packet, but the memory stays the caller's.
func (c *Conn) Borrow(packet []byte) {
	if len(packet) < sealedHead || packet[0] != packetSealed && packet[0] != packetLong { // the handshake keeps its packets
		c.packet(bytes.Clone(packet), nil)
		return
	}
	room := memory(len(packet))
	if !c.packet(packet, room) {
		Recycle(room)
	}
}

// packet takes a packet. What was sealed is opened into room, or in its place if room is nil. kept says whether
// somebody may have kept that memory.
func (c *Conn) packet(packet, room []byte) (kept bool) {
	kind, id, rest, ok := cutHead(packet)
	if !ok || id != c.id {
		return false
	}
	c.mu.Lock()
	var messages []fragment
	switch kind {
	case packetWelcome:
		c.welcomed(packet)
	case packetStart:
		c.begun(packet)
	case packetRefuse:
		if c.state == opening && c.hello.script != nil && len(rest) <= maxRefusal {
			c.end(&RefusedError{fmt.Sprintf("%q", rest)})
		}
	case packetHello: // once more: the answer was lost
		if c.state == opening && c.hello.welcome != nil && string(packet) == string(c.hello.hello) {
			c.raw(c.hello.welcome)
		}
	case packetSealed:
		messages = c.sealed(packet, room)
	case packetLong:
		messages = c.long(packet, room)
	}
	c.plan()
	if len(messages) > 0 {
		c.busy = true
		c.mu.Unlock()
		for _, m := range messages {
			kept = kept || !m.built
			if m.part {
				c.cfg.Part(m.total, m.data)
			} else {
				c.cfg.Deliver(m.data)
			}
		}
		c.mu.Lock()
		c.busy = false
		if c.out.next < len(c.out.queue) {
			c.pump(time.Now())
			c.plan()
		}
	}
	c.unlock()
	return kept
}

// welcomed takes a worker's answer to a hello.
func (c *Conn) welcomed(packet []byte) {
	h := &c.hello
	if c.state != opening || h.script == nil {
		return
	}
	key, info, ok := parseWelcome(h.script.Secret, h.hello, packet)
	if !ok {
		return
	}
	said := transcript(h.hello, packet)
	script, worker, err := newSeals(h.private, key, h.script.Secret, said)
	if err != nil {
		return
	}
	h.info = append([]byte(nil), info...)
	h.start = newStart(c.id, h.script.Private, said)
	c.seal, c.unseal = script, worker
	c.state = started
	c.heard = time.Now()
	c.beat(0)
	c.pump(c.heard)
}

// begun takes a script's signature.
func (c *Conn) begun(packet []byte) {
	h := &c.hello
	if c.state != opening || h.worker == nil || !isStart(packet, h.worker.Public, transcript(h.hello, h.welcome)) {
		return
	}
	c.state = ready
	c.heard = time.Now()
	c.accepted()
	c.beat(0)
	c.pump(c.heard)
}

// sealed takes a sealed packet, and returns the messages that it completes, or parts of messages.
func (c *Conn) sealed(packet, room []byte) (messages []fragment) {
	if c.state != started && c.state != ready || len(packet) < sealedHead {
		return nil
	}
	if room == nil {
		room = packet[sealedHead:]
	}
	plain, counter, ok := open(c.unseal, room[:0], packet)
	if !ok || counter <= c.taken {
		return nil
	}
	now := c.hear(counter)
	messages, err := c.take(plain, now)
	c.answer(err, now)
	return messages
}

// long is like sealed, for a packet with a long fragment.
func (c *Conn) long(packet, room []byte) (messages []fragment) {
	if c.state != started && c.state != ready {
		return nil
	}
	head, counter, before, data, ok := openLong(c.unseal, packet)
	if !ok || counter <= c.taken {
		return nil
	}
	if room == nil {
		room = data
	}
	now := c.hear(counter)
	messages, err := c.takeLong(head, len(data)-overhead, func(dst []byte) ([]byte, bool) {
		if dst == nil {
			dst = room
		}
		plain, err := c.unseal.Open(dst[:0], nonce(counter, forData), data, before)
		return plain, err == nil
	}, now)
	c.answer(err, now)
	return messages
}

// hear remembers that the other side was heard, and when: now.
func (c *Conn) hear(counter uint64) (now time.Time) {
	now = time.Now()
	c.taken, c.heard, c.state = counter, now, ready
	return now
}

// answer sends the acknowledgement of a packet if it is due, or ends the session if err says that the packet was wrong.
func (c *Conn) answer(err error, now time.Time) {
	if err != nil { // the other side has the key, and yet sends nonsense
		c.end(err)
	}
	if c.state == ready {
		c.pump(now)
		if c.in.owed >= ackEach || c.in.gap {
			c.beat(0)
		}
	}
}
