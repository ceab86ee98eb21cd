package pool

import (
	"iter"
	"os"
	"slices"
	"time"
)

// Options say how the tasks of a Call are run.
type Options struct {
	// Chunk is how many tasks travel together; 0: as many as fit, see the package.
	Chunk int

	// Timeout is how long each task may take; 0: Config.Timeout.
	Timeout time.Duration

	// KeepGoing lets the tasks that have not begun go on after one that failed, was lost
	// or took too long. Otherwise they are dropped, and have no outcome.
	KeepGoing bool

	// Over is called once, when the call is over, as Take reports; it must not call the pool.
	// It may be nil.
	Over func()

	// The call sends to Ready, without waiting, when there is something to Take, or more tasks should
	// be added. Nil: the call has a channel of its own, see Call.Ready.
	Ready chan struct{}
}

// A Call has tasks that share one blob. They are numbered from 0, in the order in which they are added.
type Call struct {
	pool  *Pool
	id    uint64
	blob  Blob
	opt   Options
	ready chan struct{}

	spans     []span             // tasks that no worker has; the first are handed out next
	pending   int                // how many tasks spans has
	files     map[int][]*os.File // of tasks without an outcome
	added     int
	ended     bool // nothing more is added
	stopped   bool // tasks that have not begun are dropped
	resolved  int  // tasks that have an outcome, or were dropped
	out       Outcomes
	tries     map[int]int // starts of tasks that were lost
	perTask   float64     // nanoseconds, 0: not known
	perBytes  float64     // bytes of a task
	lastChunk int         // the size of the last chunk that was measured
}

// span is tasks with successive numbers.
type span struct {
	first, n int
	tasks    []byte
}

// chunk is a span that a worker holds.
type chunk struct {
	id   uint64
	call *Call
	span
	got  []uint64 // a bit for each task that has an outcome
	left int      // tasks that have none
}

// Call begins a call. Each worker that gets tasks of it is given the blob once, see Handler.Define. The blob's files stay
// the caller's, and must be open until the call is over.
func (p *Pool) Call(blob Blob, opt Options) (*Call, error) {
	if len(blob.Files) > 0 && !p.transport.CarriesFiles() {
		return nil, ErrNoFiles
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.broken != nil:
		return nil, p.broken
	case p.state != Running:
		return nil, ErrNotRunning
	}
	if opt.Timeout == 0 {
		opt.Timeout = p.cfg.Timeout
	}
	p.lastCall++
	c := &Call{pool: p, id: p.lastCall, blob: blob, opt: opt, ready: opt.Ready}
	if c.ready == nil {
		c.ready = make(chan struct{}, 1)
	}
	p.live[c] = true
	return c, nil
}

// Add adds n tasks, a list that AppendTask has made. files are the files of tasks, by the tasks'
// numbers in this list; they become the call's.
func (c *Call) Add(tasks []byte, n int, files map[int][]*os.File) error {
	return c.add(tasks, n, files, false)
}

// AddLast calls Add and then End.
func (c *Call) AddLast(tasks []byte, n int, files map[int][]*os.File) error {
	return c.add(tasks, n, files, true)
}

func (c *Call) add(tasks []byte, n int, files map[int][]*os.File, last bool) error {
	p := c.pool
	if len(files) > 0 && !p.transport.CarriesFiles() {
		closeFiles(files)
		return ErrNoFiles
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	first := c.added
	switch {
	case p.broken != nil:
		closeFiles(files)
		return p.broken
	case !p.live[c]:
		closeFiles(files)
		return ErrNotRunning
	}
	c.added += n
	c.ended = c.ended || last
	if last {
		defer c.settle() // if there was nothing to add, or the call was stopped
	}
	if c.stopped {
		closeFiles(files)
		c.resolved += n
		return nil
	}
	for task, list := range files {
		if c.files == nil {
			c.files = map[int][]*os.File{}
		}
		c.files[first+task] = list
	}
	if n > 0 {
		if size := float64(len(tasks)) / float64(n); c.perBytes == 0 {
			c.perBytes = size
		} else {
			c.perBytes = (c.perBytes + size) / 2
		}
		c.spans = append(c.spans, span{first, n, tasks})
		c.pend(n)
		p.schedule()
	}
	return nil
}

// End says that nothing more is added. It has to be called, also after Stop.
func (c *Call) End() {
	p := c.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	c.ended = true
	c.settle()
}

// Want returns how many more tasks should be added now to keep the workers busy. through is how many outcomes the caller is
// done with. Outcomes that it holds back count like tasks that are not done, so that not too many pile up.
func (c *Call) Want(through int) int {
	p := c.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.stopped || !p.live[c] {
		return 0
	}
	each := 1
	switch {
	case c.opt.Chunk > 0:
		each = c.opt.Chunk
		if c.perTask*float64(each) < float64(chunkTime)/10 && c.perTask > 0 {
			each *= 4
		}
	case c.perTask > 0:
		each = c.size(false)
	}
	return max(0, 2*max(1, p.cfg.Workers)*each-(c.added-through))
}

// Take returns the outcomes that have come since. over says that all tasks have one, or were
// dropped, and none will be added.
func (c *Call) Take() (some Outcomes, over bool) {
	c.pool.mu.Lock()
	defer c.pool.mu.Unlock()
	some, c.out = c.out, Outcomes{}
	return some, !c.pool.live[c]
}

// Ready returns a channel that receives when there may be something to Take, or tasks to be added.
func (c *Call) Ready() <-chan struct{} { return c.ready }

// Stop drops the tasks that no worker has begun.
func (c *Call) Stop() {
	c.pool.mu.Lock()
	defer c.pool.mu.Unlock()
	c.stop()
}

// Cancel stops the call if no task of it has begun, and reports whether that is so. Otherwise it does
// nothing.
func (c *Call) Cancel() bool {
	p := c.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.live[c] {
		return false
	}
	c.takeBack()
	if c.pending < c.added {
		p.schedule()
		return false
	}
	c.stop()
	return true
}

// Begun reports whether a worker has begun with a task of the call.
func (c *Call) Begun() bool {
	p := c.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.resolved > 0 {
		return true
	}
	return slices.ContainsFunc(p.members, func(m *member) bool {
		_, ok := m.runs(c)
		return ok
	})
}

// Abort stops the call, and ends the workers that run tasks of it.
func (c *Call) Abort() {
	p := c.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	c.stop()
	for _, m := range slices.Clone(p.members) {
		if l, ok := m.link.(Dropper); ok && m.there() {
			if m.holds(c) {
				l.Abort(c.id)
			}
			continue
		}
		p.giveBack(m)
		if r, ok := m.runs(c); ok {
			m.killFor(r)
		}
	}
	p.schedule()
}

func (c *Call) stop() {
	if c.stopped || !c.pool.live[c] {
		return
	}
	c.takeBack()
	c.stopped = true
	c.resolved += c.pending
	for _, s := range c.spans {
		c.drop(s.first, s.n)
	}
	c.spans = nil
	c.pend(-c.pending)
	c.settle()
}

// pend adds n to the tasks that no worker has. As long as there are any, the call is in the pool's list of calls that get turns.
func (c *Call) pend(n int) {
	p := c.pool
	had := c.pending > 0
	if c.pending += n; (c.pending > 0) == had {
		return
	}
	switch {
	case had && p.calls[0] == c: // the usual case: the tasks were given to a worker
		p.calls[0] = nil
		p.calls = p.calls[1:]
	case had:
		p.calls = slices.DeleteFunc(p.calls, func(other *Call) bool { return other == c })
	default:
		p.calls = append(p.calls, c)
	}
}

// takeBack takes back all tasks that workers have not begun.
func (c *Call) takeBack() {
	for _, m := range c.pool.members {
		if l, ok := m.link.(Dropper); ok && m.there() {
			if m.holds(c) {
				l.Drop(c.id)
			}
			continue
		}
		for i := len(m.chunks) - 1; i >= 0; i-- {
			if ch := m.chunks[i]; ch.call == c {
				m.takeBack(ch, ch.n)
			}
		}
	}
}

// drop closes the files of n tasks.
func (c *Call) drop(first, n int) {
	for i := first; i < first+n && len(c.files) > 0; i++ {
		if list, ok := c.files[i]; ok {
			closeAll(list)
			delete(c.files, i)
		}
	}
}

// resolve gives one task its outcome, if n is 0, or n tasks in a row, see run.
func (c *Call) resolve(o Outcome, n int) {
	tasks := max(1, n)
	c.drop(o.Index, tasks)
	c.resolved += tasks
	c.out.add(o, n)
	if o.Kind != Done && !c.opt.KeepGoing {
		c.stop()
	}
}

// abandon gives the outcome o to all tasks that have none.
func (c *Call) abandon(o Outcome) {
	c.opt.KeepGoing = true
	tell := func(first, n int) {
		if o.Index = first; n > 0 {
			c.resolve(o, n)
		}
	}
	for _, m := range c.pool.members {
		for _, ch := range m.chunks {
			if ch.call != c {
				continue
			}
			from := 0
			for i := range ch.n {
				if ch.has(i) {
					tell(ch.first+from, i-from)
					from = i + 1
				}
			}
			tell(ch.first+from, ch.n-from)
		}
	}
	for _, s := range c.spans {
		tell(s.first, s.n)
	}
	c.spans, c.pending = nil, 0
	c.finish()
	c.tell()
}

// finish makes the call over.
func (c *Call) finish() {
	delete(c.pool.live, c)
	if c.opt.Over != nil {
		c.opt.Over()
	}
}

// settle ends the call if no further outcome can come.
func (c *Call) settle() {
	if c.ended && c.resolved == c.added && c.pool.live[c] {
		c.finish()
		for _, m := range c.pool.members {
			if m.defined[c.id] {
				delete(m.defined, c.id)
				if m.there() {
					m.link.Forget(c.id)
				}
			}
		}
		c.pool.settle()
		c.tell()
	}
}

// tell sends to the call's channel: there is something to take, or to add.
func (c *Call) tell() {
	select {
	case c.ready <- struct{}{}:
	default:
	}
}

func (ch *chunk) has(task int) bool { return ch.got[task/64]>>(task%64)&1 != 0 }

// hasSome says whether one of n tasks has an outcome.
func (ch *chunk) hasSome(first, n int) bool {
	for word, mask := range wordsOf(first, n) {
		if ch.got[word]&mask != 0 {
			return true
		}
	}
	return false
}

// set says that n tasks have an outcome.
func (ch *chunk) set(first, n int) {
	for word, mask := range wordsOf(first, n) {
		ch.got[word] |= mask
	}
}

// wordsOf yields the words of got in which n tasks are, and their bits there.
func wordsOf(first, n int) iter.Seq2[int, uint64] {
	return func(yield func(int, uint64) bool) {
		for end := first + n; first < end; {
			word, from := first/64, first%64
			n := min(64-from, end-first)
			if !yield(word, (1<<n-1)<<from) {
				return
			}
			first += n
		}
	}
}

func closeFiles(files map[int][]*os.File) {
	for _, list := range files {
		closeAll(list)
	}
}
