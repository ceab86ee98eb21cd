package session

import (
	"encoding/binary"
	"time"
)

const (
	window    = 2 << 20   // bytes that may be under way
	maxPacket = 490 << 10 // bytes of short fragments in one
	joined    = 240 << 10 // bytes of a message whose parts go as one fragment
	ackEach   = 768 << 10 // bytes after which an acknowledgement doesn't wait
	corked    = 64 << 10  // bytes that wait for others at most
	ackDelay  = 10 * time.Millisecond
	helloEach = 200 * time.Millisecond
	minResend = 200 * time.Millisecond
	maxResend = 2 * time.Second
)

// sending is the queue of fragments that are to be sent.
type sending struct {
	queue   []outgoing // not acknowledged
	size    int        // bytes in it
	base    uint64     // number of the first of them
	next    int        // the next one to be sent, in queue
	flight  int        // bytes before that
	window  int        // bytes that may be
	moved   time.Time  // when base moved, or the first one was sent
	resend  time.Duration
	rtt     time.Duration // 0: not known
	rewound time.Time
}

type outgoing struct {
	fragment
	done  func() // called when nobody needs it any more; nil: nobody wants to know
	sent  time.Time
	again bool
}

func (o *outgoing) size() int { return len(o.data) }

func (o *outgoing) long() bool { return o.size() >= longFragment }

// free forgets the first n fragments, which have arrived or never will.
func (o *sending) free(n int) {
	for i := range o.queue[:n] {
		if done := o.queue[i].done; done != nil {
			done()
		}
	}
	clear(o.queue[:n])
	o.queue = o.queue[n:]
}

// receiving is how far the other side's fragments have come.
type receiving struct {
	next    uint64 // the number of the fragment that is wanted
	message []byte // so far
	partial bool   // there is more of it to come
	left    int    // bytes of it that are to come
	owed    int    // bytes that were not acknowledged
	owing   time.Time
	gap     bool
}

// perFragment is how many bytes a fragment counts for beside its data.
const perFragment = 4

// goesWith says whether a fragment still goes into a packet with size bytes of others.
func goesWith(size int, f *outgoing) bool {
	return size == 0 || size+f.size() <= maxPacket && !f.long()
}

// pump sends as many fragments as the window allows.
func (c *Conn) pump(now time.Time) {
	if c.state != started && c.state != ready {
		return
	}
	o := &c.out
	for o.next < len(o.queue) && o.flight < o.window {
		if o.next == 0 {
			o.moved = now
		}
		number := o.base + uint64(o.next)
		if o.queue[o.next].long() {
			c.sendLong(number, o.goes(now).fragment)
			continue
		}
		room, size := plainHead, 0
		for i := o.next; i < len(o.queue) && goesWith(size, &o.queue[i]); i++ {
			size += o.queue[i].size() + perFragment
			room += o.queue[i].size() + fragmentHead
		}
		b := c.plainHead(newPlain(room), 0)
		b = binary.AppendUvarint(b, number)
		for size = 0; o.next < len(o.queue) && goesWith(size, &o.queue[o.next]); {
			f := o.goes(now)
			b = appendFragment(b, f.fragment)
			size += f.size() + perFragment
		}
		c.send(b)
	}
}

// goes returns the fragment that is sent next, and counts it as sent.
func (o *sending) goes(now time.Time) *outgoing {
	f := &o.queue[o.next]
	f.again = !f.sent.IsZero()
	f.sent = now
	o.flight += f.size() + perFragment
	o.next++
	return f
}

// rewind goes back to the first fragment that was not acknowledged, so that pump sends from there again.
func (c *Conn) rewind() {
	now := time.Now()
	c.out.next, c.out.flight, c.out.rewound = 0, 0, now
	c.pump(now)
}

// acknowledged is called with the number of the fragment that the other side wants next.
func (c *Conn) acknowledged(ack uint64, gap bool, now time.Time) error {
	o := &c.out
	if ack > o.base+uint64(len(o.queue)) {
		return errPlain
	}
	if ack <= o.base {
		if gap && ack == o.base && now.Sub(o.rewound) > max(o.rtt, ackDelay) {
			c.rewind()
		}
		return nil
	}
	n := int(ack - o.base)
	for i := range n {
		o.flight -= o.queue[i].size() + perFragment
		o.size -= o.queue[i].size()
	}
	c.cond.Broadcast()
	if f := &o.queue[n-1]; !f.again && !f.sent.IsZero() {
		sample := now.Sub(f.sent)
		if o.rtt == 0 {
			o.rtt = sample
		} else {
			o.rtt += (sample - o.rtt) / 8
		}
	}
	o.free(n)
	o.base = ack
	o.next = max(0, o.next-n)
	o.flight = max(0, o.flight)
	if o.next == 0 {
		o.flight = 0
	}
	o.window = min(2*o.window, window)
	o.resend = min(max(minResend, 4*o.rtt), maxResend)
	o.moved = now
	return nil
}

// take takes what was sealed in a packet, and returns what is to be delivered.
func (c *Conn) take(plain []byte, now time.Time) (messages []fragment, err error) {
	flags, first, rest, err := c.takeHead(plain, now)
	if err != nil {
		return nil, err
	}
	in := &c.in
	if first > in.next {
		rest = nil
	}
	for n := first; len(rest) > 0; n++ {
		var f fragment
		if f, rest, err = cutFragment(rest); err != nil {
			return messages, err
		}
		in.owed += len(f.data)
		if n != in.next {
			continue // it came before
		}
		if !in.follows(f, len(f.data)) {
			return messages, errPlain
		}
		messages = c.accept(messages, f)
	}
	c.takeFlags(flags)
	return messages, nil
}

// takeLong is like take, for a long fragment: head is what stands before the data. open opens the data, length bytes, into dst, or
// anywhere if dst is nil.
func (c *Conn) takeLong(head []byte, length int, open func(dst []byte) (data []byte, ok bool), now time.Time) (messages []fragment, err error) {
	flags, first, rest, err := c.takeHead(head, now)
	if err != nil {
		return nil, err
	}
	f, n, rest, err := cutFragmentHead(rest)
	if err != nil || n != length || len(rest) > 0 {
		return nil, errPlain
	}
	in := &c.in
	if first <= in.next {
		in.owed += n
	}
	if first == in.next {
		if !in.follows(f, n) {
			return nil, errPlain
		}
		place := c.place(f, n)
		switch data, ok := open(place); {
		case ok:
			f.data, f.built = data, place != nil
			messages = c.accept(nil, f)
		case in.partial:
			in.gap = true
		default:
			in.gap, in.message = true, nil
		}
	}
	c.takeFlags(flags)
	return messages, nil
}

// takeHead takes what stands before fragments. first is the number of the first fragment, and rest the fragments.
func (c *Conn) takeHead(plain []byte, now time.Time) (flags byte, first uint64, rest []byte, err error) {
	flags, ack, first, rest, err := cutPlain(plain)
	if err == nil {
		err = c.acknowledged(ack, flags&flagGap != 0, now)
	}
	if err != nil {
		return 0, 0, nil, err
	}
	in := &c.in
	if len(rest) > 0 && in.owing.IsZero() {
		in.owing = now
	}
	if first > in.next {
		in.gap = true
	}
	return flags, first, rest, nil
}

func (c *Conn) takeFlags(flags byte) {
	if flags&flagBye != 0 {
		c.end(ErrClosed)
	}
}

// follows says whether f, with n bytes of data, can be the next fragment of the message that has begun.
func (in *receiving) follows(f fragment, n int) bool {
	left := in.left - n
	switch {
	case !f.more && !in.partial:
		return true
	case f.more && !in.partial:
		left = f.total - n
	}
	return f.more && left > 0 || !f.more && left == 0
}

// place returns the memory where the data of the next fragment belong; nil: anywhere.
func (c *Conn) place(f fragment, n int) []byte {
	in := &c.in
	switch {
	case !f.more && !in.partial:
		return nil
	case c.cfg.Part == nil:
		if !in.partial {
			in.message = c.room(f.total)[:0]
		}
		return in.message[len(in.message):][:n:n]
	case c.cfg.Into != nil:
		return c.cfg.Into(n)
	}
	return nil
}

// accept takes the next fragment, and appends what is to be delivered.
func (c *Conn) accept(messages []fragment, f fragment) []fragment {
	in := &c.in
	in.next++
	if !in.partial {
		in.left = f.total
	}
	in.left -= len(f.data)
	switch {
	case !f.more && !in.partial:
		messages = append(messages, f)
	case c.cfg.Part != nil:
		if in.partial {
			f.total = 0
		}
		f.part = true
		messages = append(messages, f)
	default:
		if !in.partial && in.message == nil {
			in.message = c.room(f.total)[:0]
		}
		if at := len(in.message); f.built { // in its place
			in.message = in.message[:at+len(f.data)]
		} else {
			in.message = append(in.message, f.data...)
		}
		if !f.more {
			messages = append(messages, fragment{data: in.message, built: true})
		}
	}
	if in.partial = f.more; !f.more {
		in.message, in.left = nil, 0
	}
	return messages
}

func (c *Conn) room(n int) []byte {
	if c.cfg.Room != nil {
		return c.cfg.Room(n)
	}
	return make([]byte, n)
}
