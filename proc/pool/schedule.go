package pool

import (
	"encoding/binary"
	"math"
	"os"
	"slices"
	"time"
)

const (
	chunkTime = 10 * time.Millisecond  // of work in a chunk
	leastTime = 100 * time.Microsecond // what is shorter isn't made smaller, so that it is worth its way
	queueTime = time.Millisecond       // a worker that has less than that waiting gets a further chunk
	stealTime = 200 * time.Microsecond // what is shorter isn't worth to be taken from who has it
	quietTime = time.Millisecond       // after it, a worker takes longer than it was thought to
	stopTime  = 5 * time.Millisecond   // after it, one that has not begun is taken to be stopped
	growth    = 8                      // at most, from one chunk to the next
	maxFiles  = 64                     // of the tasks of a chunk
	queueSize = 32 << 20               // bytes; a worker that has more than that waiting gets no further chunk
)

// schedule gives tasks to workers that have too few.
func (p *Pool) schedule() {
	if p.broken != nil || p.state == Terminated {
		return
	}
	depth := p.transport.Depth()
	for {
		given := false
		for has, more := p.least(), true; has < depth && more; has++ {
			more = false // there may be somebody with more than that
			for _, m := range p.members {
				if len(p.calls) == 0 {
					break
				}
				if len(m.chunks) == has && m.takes() && m.wants() {
					p.give(m)
					given = true
				}
				more = more || len(m.chunks) > has
			}
		}
		if !given && (len(p.calls) > 0 || !p.steal()) {
			return
		}
	}
}

// least returns the smallest number of chunks that a worker has.
func (p *Pool) least() int {
	n := math.MaxInt
	for _, m := range p.members {
		n = min(n, len(m.chunks))
	}
	return n
}

// many is the number of workers from which on a chunk's end is no occasion to look at all workers.
const many = 64

// scheduleAfter does what schedule does, after m has finished a chunk. As long as there are tasks that no worker
// has, the other workers have enough, so it looks only at m.
func (p *Pool) scheduleAfter(m *member) {
	if !p.elastic || len(p.members) < many || len(p.calls) == 0 || p.broken != nil || p.state == Terminated {
		p.schedule()
		return
	}
	for depth := p.transport.Depth(); len(p.calls) > 0 && m.takes() && len(m.chunks) < depth && m.wants(); {
		p.give(m)
	}
	if len(p.calls) == 0 { // it may be one who has nothing
		p.schedule()
	}
}

// takes reports whether m can get a chunk.
func (m *member) takes() bool {
	return m.there() && !m.ending && (m.ready || m.pool.cfg.Setup == nil) &&
		(m.pool.cfg.MaxTasks == 0 || m.given < m.pool.cfg.MaxTasks)
}

// wants reports whether m should get another chunk, where the transport has room for one.
func (m *member) wants() bool {
	return len(m.chunks) < m.pool.eager || m.waiting() < m.pool.ahead && m.waitingSize() < queueSize
}

// waitingSize is how many bytes the chunks have that wait behind the one that m runs.
func (m *member) waitingSize() (n int) {
	for _, ch := range m.chunks[min(1, len(m.chunks)):] {
		n += len(ch.tasks)
	}
	return n
}

// waiting returns how long the chunks that m has will take, as far as that is known.
func (m *member) waiting() time.Duration {
	total := 0.0
	for _, ch := range m.chunks {
		if ch.call.perTask == 0 {
			return time.Hour
		}
		total += ch.call.perTask * float64(ch.left)
	}
	return time.Duration(total)
}

// give gives m a chunk of the call whose turn it is.
func (p *Pool) give(m *member) {
	c := p.calls[0]
	n := c.size(true)
	if p.cfg.MaxTasks > 0 {
		n = min(n, p.cfg.MaxTasks-m.given)
	}
	s, files := c.cut(n)
	c.pend(-s.n)
	if c.pending > 0 && len(p.calls) > 1 {
		p.calls = append(p.calls[1:], c)
	}
	p.lastChunk++
	ch := &chunk{id: p.lastChunk, call: c, span: s, got: make([]uint64, (s.n+63)/64), left: s.n}
	m.chunks = append(m.chunks, ch)
	m.given += s.n
	if len(m.chunks) == 1 {
		m.heard = time.Now()
	}
	var blob *Blob
	if !m.defined[c.id] {
		blob = &c.blob
		m.defined[c.id] = true
	}
	only := c.ended && c.added == s.n
	err := m.link.Send(Chunk{ID: ch.id, Call: c.id, First: s.first, N: s.n, Tasks: s.tasks, Files: files, Exact: c.opt.Timeout > 0, Timeout: c.opt.Timeout, More: c.pending > 0 || !c.ended, Only: only}, blob)
	if only {
		delete(m.defined, c.id)
	}
	if err != nil { // none of it was sent
		m.chunks = m.chunks[:len(m.chunks)-1]
		m.given -= s.n
		delete(m.defined, c.id) // or it was: once more does no harm
		for i := range s.n {
			c.resolve(Outcome{Index: s.first + i, Kind: Undelivered, Extra: &Extra{Err: err}}, 0)
		}
		c.settle()
		c.tell()
		return
	}
	if c.opt.Timeout > 0 && !p.elastic {
		p.alarm.Set(time.Now().Add(c.opt.Timeout))
	}
}

// size returns how many tasks the next chunk should have. If spread is true the chunk is cut off the tasks that wait, of which it
// leaves the other workers their share.
func (c *Call) size(spread bool) int {
	if c.opt.Chunk > 0 {
		return min(c.opt.Chunk, maxTasks-1)
	}
	if c.perTask == 0 {
		return 1
	}
	n := int(min(float64(chunkTime)/c.perTask, float64(growth*c.lastChunk), largeRecord/max(c.perBytes, 1), maxTasks-1))
	if spread {
		share := c.pending
		if c.ended {
			share = (c.pending + 1) / 2
		}
		workers := max(1, c.pool.cfg.Workers)
		share = (share + workers - 1) / workers
		n = min(n, max(share, int(float64(leastTime)/c.perTask)))
	}
	return max(1, n)
}

// cut takes up to n tasks that are pending, as many as can travel together.
func (c *Call) cut(n int) (span, map[int][]*os.File) {
	s := &c.spans[0]
	var files map[int][]*os.File
	count, end, carried := 0, 0, 0
	for count < min(n, s.n) {
		next := end + 4 + int(binary.LittleEndian.Uint32(s.tasks[end:]))
		var list []*os.File
		if len(c.files) > 0 { // most calls have none
			list = c.files[s.first+count]
		}
		carried += len(list)
		if count > 0 && (next > largeRecord || carried > maxFiles) {
			break
		}
		if list != nil {
			if files == nil {
				files = map[int][]*os.File{}
			}
			files[count] = list
		}
		count, end = count+1, next
	}
	taken := span{s.first, count, s.tasks[:end:end]}
	s.first, s.n, s.tasks = s.first+count, s.n-count, s.tasks[end:]
	if s.n == 0 {
		c.spans = slices.Delete(c.spans, 0, 1)
	}
	return taken, files
}

// takeBack takes back up to n tasks, which m has not begun, from the end of a chunk; they
// are pending again.
func (m *member) takeBack(ch *chunk, n int) int {
	if !m.there() {
		return 0
	}
	n = m.link.TakeBack(ch.id, min(n, ch.left))
	if n > 0 {
		m.returned(ch, n)
	}
	return n
}

// returned makes n tasks at the end of a chunk, which m has given back, pending again.
func (m *member) returned(ch *chunk, n int) {
	end := 0
	for range ch.n - n {
		end += 4 + int(binary.LittleEndian.Uint32(ch.tasks[end:]))
	}
	back := span{ch.first + ch.n - n, n, ch.tasks[end:]}
	ch.n, ch.left, ch.tasks = ch.n-n, ch.left-n, ch.tasks[:end]
	m.given -= n
	ch.call.again(back)
}

// again makes the tasks of a span pending again.
func (c *Call) again(s span) {
	if c.stopped {
		c.resolved += s.n
		c.drop(s.first, s.n)
		return
	}
	c.spans = slices.Insert(c.spans, 0, s)
	c.pend(s.n)
}

// giveBack takes back all tasks that m has not begun.
func (p *Pool) giveBack(m *member) {
	for i := len(m.chunks) - 1; i >= 0; i-- {
		m.takeBack(m.chunks[i], m.chunks[i].n)
	}
}

// steal takes half of the tasks that the worker with most of them has not begun, for a worker that has nothing. It
// reports whether it did.
func (p *Pool) steal() bool {
	idle := slices.ContainsFunc(p.members, func(m *member) bool { return len(m.chunks) == 0 && m.takes() })
	if !idle {
		return false
	}
	var from *member
	most, soon := 0, false
	for _, m := range p.members {
		left := 0
		for _, ch := range m.chunks {
			left += ch.left
		}
		if left == 0 {
			continue
		}
		_, busy := m.runningNow()
		if busy {
			left--
		}
		quiet := time.Since(m.heard)
		switch {
		case left <= most:
		case quiet >= stopTime, busy && quiet >= quietTime, (busy || left > 1) && m.waiting() >= stealTime:
			from, most = m, left
		default:
			soon = true
		}
	}
	if from == nil {
		if soon {
			p.alarm.Set(time.Now().Add(quietTime))
		}
		return false
	}
	want, taken := (most+1)/2, 0
	for i := len(from.chunks) - 1; i >= 0 && taken < want; i-- {
		taken += from.takeBack(from.chunks[i], want-taken)
	}
	return taken > 0
}

// runningNow returns the task that m runs.
func (m *member) runningNow() (Task, bool) {
	if !m.there() {
		return Task{}, false
	}
	return m.link.Running()
}

// runs returns which task of a call m runs.
func (m *member) runs(c *Call) (Task, bool) {
	r, ok := m.runningNow()
	if !ok {
		return r, false
	}
	ch := m.chunk(r.Chunk)
	return r, ch != nil && ch.call == c
}
