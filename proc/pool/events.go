package pool

import (
	"encoding/binary"
	"time"
)

// Ready implements Events.
func (m *member) Ready() {
	p := m.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	m.ready = true
	p.failedStart = 0
	p.schedule()
}

// Failed implements Events.
func (m *member) Failed(reason []byte) {
	p := m.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fail(&BrokenError{Reason: string(reason), Setup: true})
}

// Reported implements Events.
func (m *member) Reported(list []Report) {
	p := m.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	m.heard = time.Now()
	var told *Call
	for _, r := range list {
		ch := m.chunk(r.Chunk)
		if ch == nil {
			closeAll(r.Files) // too late
			continue
		}
		if ch.call != told {
			if told != nil {
				told.settle()
				told.tell()
			}
			told = ch.call
		}
		if r.N > 0 && r.Task+r.N <= ch.n && !ch.hasSome(r.Task, r.N) {
			m.resolve(ch, r)
			continue
		}
		for one := range r.All() {
			if one.Task >= ch.n || ch.has(one.Task) {
				closeAll(one.Files) // a second time, or too late
				continue
			}
			m.resolve(ch, one)
		}
	}
	if told != nil {
		told.settle()
		told.tell()
	}
}

// resolve gives tasks of a chunk that have no outcome the reported one.
func (m *member) resolve(ch *chunk, r Report) {
	n := max(1, r.N)
	ch.set(r.Task, n)
	ch.left -= n
	m.done += n
	o := Outcome{Index: ch.first + r.Task, Data: r.Data, Worker: m.worker()}
	switch {
	case r.Failed:
		o.Kind = Failed
	case r.Unsent:
		o.Kind = Unsent
		o.Extra = &Extra{Err: saidError(r.Data)}
	case r.Undelivered:
		o.Kind = Undelivered
		o.Extra = &Extra{Err: saidError(r.Data)}
	}
	if len(r.Files) > 0 {
		o.Extra = &Extra{Files: r.Files}
	}
	ch.call.resolve(o, r.N)
}

// saidError says why the other side could not send a result or a task, in its words.
type saidError string

func (e saidError) Error() string { return string(e) }

// Finished implements Events.
func (m *member) Finished(id uint64, spent time.Duration) {
	p := m.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	m.heard = time.Now()
	ch := m.chunk(id)
	if ch == nil {
		return
	}
	m.remove(ch)
	if c := ch.call; ch.n > 0 && ch.left == 0 {
		if each := max(1, float64(spent)/float64(ch.n)); c.perTask == 0 {
			c.perTask = each
		} else {
			c.perTask = (c.perTask + each) / 2
		}
		c.lastChunk = ch.n
		if !c.ended {
			c.tell() // it may want more
		}
	}
	if p.cfg.MaxTasks > 0 && m.given >= p.cfg.MaxTasks && len(m.chunks) == 0 && !m.ending && p.broken == nil && p.state != Terminated {
		m.ending = true
		m.link.Stop()
		p.replace()
	}
	p.scheduleAfter(m)
}

// Returned implements Events.
func (m *member) Returned(id uint64, n int) {
	p := m.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	ch := m.chunk(id)
	if ch == nil || n <= 0 || n > ch.left {
		return
	}
	m.returned(ch, n)
	ch.call.settle()
	ch.call.tell()
	p.schedule()
}

// TimedOut implements Events.
func (m *member) TimedOut(late Task) {
	p := m.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	m.late, m.ending = &late, true
	p.replace()
}

func (m *member) remove(ch *chunk) {
	for i, other := range m.chunks {
		if other == ch {
			m.chunks = append(m.chunks[:i:i], m.chunks[i+1:]...)
			return
		}
	}
}

// Gone implements Events.
func (m *member) Gone(code int, running Task, ran bool) {
	p := m.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	m.gone = true
	for i := len(m.chunks) - 1; i >= 0; i-- {
		ch := m.chunks[i]
		lost := -1
		if ran && running.Chunk == ch.id && !ch.has(running.At) {
			lost = running.At
		}
		m.giveOthers(ch, lost)
		if lost >= 0 {
			p.lose(m, ch, lost, &Extra{Code: code})
		}
		ch.call.settle()
		ch.call.tell()
	}
	m.chunks = nil
	switch {
	case m.ready || m.ending:
	case p.cfg.Setup != nil && code >= 0:
		p.fail(&BrokenError{Reason: exitReason(code), Setup: true})
	default:
		p.failedStart++
		if code >= 0 {
			p.failedStart += maxFailedStarts / 5 // it ended by itself: that counts more than a worker that was killed
		}
		if p.failedStart > maxFailedStarts {
			p.fail(&BrokenError{Reason: exitReason(code)})
		}
	}
	p.delist(m)
	p.replace()
	p.schedule()
}

// Vanished implements Events.
func (m *member) Vanished(why error) {
	p := m.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	m.gone = true
	for i := len(m.chunks) - 1; i >= 0; i-- {
		ch := m.chunks[i]
		for task := ch.n - 1; task >= 0; task-- {
			if !ch.has(task) {
				p.lose(m, ch, task, &Extra{Err: why})
			}
		}
		ch.call.settle()
		ch.call.tell()
	}
	m.chunks = nil
	p.delist(m)
	p.schedule()
}

// giveOthers makes those tasks of a chunk pending again that have no outcome, except the task but.
func (m *member) giveOthers(ch *chunk, but int) {
	var back []span
	at, open := 0, false // open: the last span ends at at
	for i := range ch.n {
		from := at
		at += 4 + int(binary.LittleEndian.Uint32(ch.tasks[at:]))
		switch {
		case ch.has(i) || i == but:
			open = false
		case open:
			s := &back[len(back)-1]
			s.n++
			s.tasks = ch.tasks[from-len(s.tasks) : at]
		default:
			back = append(back, span{ch.first + i, 1, ch.tasks[from:at]})
			open = true
		}
	}
	for i := len(back) - 1; i >= 0; i-- {
		ch.call.again(back[i])
	}
}

// lose decides what becomes of a task whose worker has died, or can't be reached: it is tried again, or lost.
func (p *Pool) lose(m *member, ch *chunk, task int, how *Extra) {
	c, index := ch.call, ch.first+task
	o := Outcome{Index: index, Kind: Lost, Worker: m.worker(), Extra: how}
	switch {
	case m.late != nil && m.late.Chunk == ch.id && m.late.At == task:
		o.Kind = TimedOut
	case c.tries[index] < p.cfg.Retries && !c.stopped:
		if c.tries == nil {
			c.tries = map[int]int{}
		}
		c.tries[index]++
		c.again(ch.one(task))
		return
	}
	c.resolve(o, 0)
}

// worker returns m as outcomes name it.
func (m *member) worker() *Worker {
	if m.who == nil {
		m.who = &Worker{Name: m.name, Host: hostOf(m.link), Pid: m.link.Pid()}
	}
	return m.who
}

// one returns a task of the chunk as a span.
func (ch *chunk) one(task int) span {
	tasks := ch.tasks
	for range task {
		_, tasks = CutTask(tasks)
	}
	_, rest := CutTask(tasks)
	return span{ch.first + task, 1, tasks[:len(tasks)-len(rest)]}
}
