package pool

import (
	"slices"
	"time"
)

const (
	patience  = time.Second      // for a worker that begins none of its tasks, beside their timeout
	newcomers = 10 * time.Second // the same for one that was never ready
)

// Held is a chunk that a worker holds, as [Overdue] needs it.
type Held struct {
	ID      uint64
	Timeout time.Duration // of each of its tasks; 0: none
}

// Overdue looks for a task that takes longer than its timeout. The pool and the hosts of an Elastic transport, which end workers for
// that, call it.
//
// held are the chunks of the worker, in the order in which it runs them. heard is when it was given something last, or
// said something. If a task is overdue giveBack is called, which takes back all tasks that the worker has not begun, so that nothing
// else is lost with it. If ok is true the worker is to be killed for the task late, which is zero if it has not begun any.
// Otherwise next is when Overdue has to be called again; zero: when the worker is given another chunk.
func Overdue(l Link, held []Held, ready bool, heard time.Time, giveBack func()) (late Task, ok bool, next time.Time) {
	now := time.Now()
	at, since := 0, heard.Add(patience) // it may be stopped, and not even begin
	if !ready {
		since = heard.Add(newcomers)
	}
	r, runs := l.Running()
	if runs {
		at, since = slices.IndexFunc(held, func(h Held) bool { return h.ID == r.Chunk }), r.Since
	}
	soonest := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	for i, h := range held {
		switch end := since.Add(h.Timeout); {
		case h.Timeout == 0:
		case i != at: // its tasks begin later than now
			soonest(now.Add(h.Timeout))
		case now.Before(end):
			soonest(end)
		default:
			giveBack()
			if still, run := l.Running(); run == runs && still.Chunk == r.Chunk && still.At == r.At {
				return r, true, time.Time{}
			}
			soonest(now.Add(h.Timeout)) // another one has begun meanwhile
		}
	}
	return Task{}, false, next
}

// tick is called by the alarm. It looks for tasks that take too long, and for workers that take longer than was
// expected.
func (p *Pool) tick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.alarm.Rang()
	for _, m := range slices.Clone(p.members) {
		if len(m.chunks) == 0 || m.late != nil || m.link == nil || p.elastic {
			continue
		}
		var held []Held
		for _, ch := range m.chunks {
			held = append(held, Held{ch.id, ch.call.opt.Timeout})
		}
		late, ok, next := Overdue(m.link, held, m.ready, m.heard, func() { p.giveBack(m) })
		if ok {
			m.killFor(late)
		} else if !next.IsZero() {
			p.alarm.Set(next)
		}
	}
	p.schedule()
}

// killFor kills the worker for a task that it runs, and has another one take its place.
func (m *member) killFor(r Task) {
	m.late, m.ending = &r, true
	m.link.Kill()
	m.pool.replace()
}
