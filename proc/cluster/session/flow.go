package session

import (
	"encoding/binary"
	"io"
	"time"
)

const (
	window    = 2 << 20   // bytes that may be under way
	maxPacket = 490 << 10 // bytes of fragments in one
	ackEach   = 768 << 10 // bytes after which an acknowledgement doesn't wait
	corked    = 64 << 10  // bytes that wait for others at most
	ackDelay  = 10 * time.Millisecond
	helloEach = 200 * time.Millisecond
	minResend = 200 * time.Millisecond
	maxResend = 2 * time.Second
)

// sending is what is to be sent.
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
	file  io.ReaderAt // has the data, n bytes from at on; nil: they are there
	at    int64
	n     int
	done  func() // called when nobody needs it any more; nil: nobody wants to know
	sent  time.Time
	again bool
}

func (o *outgoing) size() int { return len(o.data) + o.n }

// free forgets the first n.
func (o *sending) free(n int) {
	for i := range o.queue[:n] {
		if done := o.queue[i].done; done != nil {
			done()
		}
	}
	clear(o.queue[:n])
	o.queue = o.queue[n:]
}

// receiving is what has come.
type receiving struct {
	next    uint64 // the number of the fragment that is wanted
	message []byte // so far
	partial bool   // there is more of it to come
	left    int    // bytes of it that are to come
	owed    int    // bytes that were not acknowledged
	owing   time.Time
	gap     bool
}

// perFragment is what a fragment counts beside its data.
const perFragment = 4

// goesWith says whether a fragment goes into a packet that has so many bytes of others.
func goesWith(size int, f *outgoing) bool { return size == 0 || size+f.size() <= maxPacket }

// pump sends what may be sent.
func (c *Conn) pump(now time.Time) {
	if c.state != started && c.state != ready {
		return
	}
	o := &c.out
	for o.next < len(o.queue) && o.flight < o.window {
		room, size := plainHead, 0
		for i := o.next; i < len(o.queue) && goesWith(size, &o.queue[i]); i++ {
			size += o.queue[i].size() + perFragment
			room += o.queue[i].size() + fragmentHead
		}
		b := c.plainHead(newPlain(room), 0)
		b = binary.AppendUvarint(b, o.base+uint64(o.next))
		if o.next == 0 {
			o.moved = now
		}
		for size = 0; o.next < len(o.queue) && goesWith(size, &o.queue[o.next]); {
			f := &o.queue[o.next]
			f.again = !f.sent.IsZero()
			f.sent = now
			if f.file == nil {
				b = appendFragment(b, f.fragment)
			} else {
				var err error
				if b, err = appendFrom(b, f); err != nil {
					c.end(err)
					go func() { // who calls this may hold what Closed needs
						c.mu.Lock()
						c.unlock()
					}()
					return
				}
			}
			size += f.size() + perFragment
			o.flight += f.size() + perFragment
			o.next++
		}
		c.send(b)
	}
}

// rewind sends all again that was not acknowledged.
func (c *Conn) rewind() {
	now := time.Now()
	c.out.next, c.out.flight, c.out.rewound = 0, 0, now
	c.pump(now)
}

// acknowledged is told which fragment the other side wants.
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

// take takes what was sealed, and returns what is to be delivered.
func (c *Conn) take(plain []byte, now time.Time) (messages []fragment, err error) {
	flags, ack, first, rest, err := cutPlain(plain)
	if err != nil {
		return nil, err
	}
	if err := c.acknowledged(ack, flags&flagGap != 0, now); err != nil {
		return nil, err
	}
	in := &c.in
	if len(rest) > 0 && in.owing.IsZero() {
		in.owing = now
	}
	if first > in.next {
		in.gap = true
		rest = nil
	}
	for n := first; len(rest) > 0; n++ {
		var f fragment
		if f, rest, err = cutFragment(rest); err != nil {
			return messages, err
		}
		in.owed += len(f.data)
		if n != in.next {
			continue // it has come before
		}
		in.next++
		if f.more && !in.partial {
			in.left = f.total
		}
		if in.left -= len(f.data); f.more == (in.left <= 0) && (f.more || in.partial) {
			return messages, errPlain
		}
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
			if !in.partial {
				in.message = c.room(f.total)[:0]
			}
			in.message = append(in.message, f.data...)
			if !f.more {
				messages = append(messages, fragment{data: in.message, built: true})
			}
		}
		if in.partial = f.more; !f.more {
			in.message, in.left = nil, 0
		}
	}
	if flags&flagBye != 0 {
		c.end(ErrClosed)
	}
	return messages, nil
}

func (c *Conn) room(n int) []byte {
	if c.cfg.Room != nil {
		return c.cfg.Room(n)
	}
	return make([]byte, n)
}
