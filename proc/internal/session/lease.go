package session

import "time"

// silent returns since when the other side could have been heard, and was not.
func (c *Conn) silent() time.Time {
	if c.cfg.Reading != nil {
		if since := c.cfg.Reading(); since.After(c.heard) {
			return since
		}
	}
	return c.heard
}

// plan sets the alarm to the time when something is to be done next.
func (c *Conn) plan() {
	if c.state == closed {
		return
	}
	at := c.silent().Add(c.lease)
	sooner := func(t time.Time) {
		if t.Before(at) {
			at = t
		}
	}
	switch c.state {
	case opening:
		if c.hello.script != nil {
			sooner(c.spoke.Add(helloEach))
		}
	default:
		sooner(c.spoke.Add(c.lease / 3))
		if c.out.next > 0 {
			sooner(c.out.moved.Add(c.out.resend))
		}
		if !c.in.owing.IsZero() {
			sooner(c.in.owing.Add(ackDelay))
		}
	}
	c.alarm.Set(at) // if it rings before that, tick plans anew
}

// tick is called by the alarm: it repeats what has not been answered, says that this side lives, and ends a session whose lease
// is over.
func (c *Conn) tick() {
	c.mu.Lock()
	defer c.unlock()
	now := time.Now()
	c.alarm.Rang()
	if c.state == closed {
		return
	}
	if now.Sub(c.silent()) >= c.lease {
		if c.state != opening {
			c.beat(flagBye)
		}
		c.end(ErrLease)
		return
	}
	switch c.state {
	case opening:
		if c.hello.script != nil && now.Sub(c.spoke) >= helloEach {
			c.raw(c.hello.hello)
		}
	default:
		if o := &c.out; o.next > 0 && now.Sub(o.moved) >= o.resend {
			o.resend = min(2*o.resend, maxResend)
			o.window = maxFragment // one packet, until something comes
			o.moved = now
			c.rewind()
			o.moved = now
		}
		if !c.in.owing.IsZero() && now.Sub(c.in.owing) >= ackDelay || now.Sub(c.spoke) >= c.lease/3 {
			c.beat(0)
		}
	}
	c.plan()
}
