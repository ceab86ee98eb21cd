// Package draw makes pictures of what package trace has recorded: a page (HTML), a file for
// Perfetto and chrome://tracing (JSON), and a still picture (SVG).
package draw

import (
	"cmp"
	"fmt"
	"slices"

	"luaspawn/luabind/lib/multiprocessing/internal/trace"
)

// A picture is a run as it is drawn: a row for each process. Times are nanoseconds since the
// run began.
type picture struct {
	title  string
	length int64
	wall   int64 // when it began, in ns since 1970
	full   bool
	rows   []*row // each behind its parent, those of one parent by their beginning
	arrows []arrow
	events int
	pids   map[int]int // the first row that has a pid; see pidTwice
}

// A row is a process.
type row struct {
	name     string
	pid      int
	parent   *row // nil: it is the first
	depth    int
	index    int
	daemon   bool
	worker   bool
	ready    int64 // since when it was kept ready; -1: it wasn't
	starts   int64 // when its starter began to start it; -1: unknown
	begin    int64 // with its job; -1: it never came to it
	end      int64
	ended    bool // it is known how: code
	code     int
	killed   []mark // signals that its parent has sent
	used     int64  // processor time
	memory   int64  // bytes
	spans    []span // by their beginning
	children []*row
	number   int
}

// What a span is.
const (
	spanRun = iota
	spanStart
	spanTask
	spanWait // and what for, as package trace has it, on top of that
)

// A span is something that has lasted. Tasks have waits in them.
type span struct {
	kind     int
	from, to int64
	text     string // what of
	object   uint64
	number   int // of a task
	pid      int // of who is waited for
	engine   int // of the process; see trace.Event
	failed   bool
	file     string
	line     int
}

// A mark is something that has happened.
type mark struct {
	at     int64
	signal int
	from   *row
}

// An arrow leads from who lets somebody go on to that one.
type arrow struct {
	kind     int // what it is
	from, to *row
	at, then int64
	text     string
}

const (
	arrowStart = iota
	arrowItem
	arrowRelease
	arrowEnd
	arrowResult // of a task
)

// started is what a process has said of one that it has started.
type started struct {
	by     *row
	name   string
	pid    int
	starts int64
	at     int64
}

// build makes a picture of a run.
func build(run *trace.Run, title string) *picture {
	p := &picture{title: title, full: run.Full}
	first, last := int64(1<<62), int64(0)
	for _, q := range run.Processes {
		for i := range q.Events {
			first, last = min(first, q.Events[i].Time), max(last, q.Events[i].Time)
		}
		p.events += len(q.Events)
	}
	if p.events == 0 {
		first, last = run.Clock, run.Clock
	}
	p.length = last - first
	p.wall = run.Wall.UnixNano() + first - run.Clock
	b := builder{picture: p, first: first, byPid: map[int][]*row{}}
	for _, q := range run.Processes {
		b.process(q)
	}
	b.tie()
	b.flows(run)
	b.order()
	return p
}

type builder struct {
	*picture
	first  int64
	all    []*row
	byPid  map[int][]*row
	starts []*started
	exits  []exit
	sent   []sent
}

type exit struct {
	pid, code    int
	at           int64
	used, memory int64
}

type sent struct {
	mark
	pid int
}

// process makes the row of who has recorded.
func (b *builder) process(q *trace.Process) {
	r := &row{pid: q.Pid, number: q.Number, ready: -1, starts: -1, begin: -1, name: fmt.Sprintf("process %d", q.Pid)}
	b.all = append(b.all, r)
	b.byPid[q.Pid] = append(b.byPid[q.Pid], r)
	waits := map[int]*span{} // of the engines
	var task *span
	begun := map[int]*started{}
	var usage trace.Event
	at := int64(0)
	finish := func(s *span, failed bool) {
		if s != nil {
			s.to, s.failed = at, failed
			r.spans = append(r.spans, *s)
		}
	}
	for i := range q.Events {
		e := &q.Events[i]
		at = e.Time - b.first
		r.end = max(r.end, at)
		switch e.Kind {
		case trace.Begin:
			if r.begin >= 0 {
				break // another engine of the same process
			}
			r.name, r.begin = e.Text, at
			r.daemon, r.worker = e.Aux&trace.FlagDaemon != 0, e.Aux&trace.FlagWorker != 0
		case trace.Ready:
			r.ready = max(int64(e.Object)-b.first, 0)
		case trace.End:
			r.used, r.memory = int64(usage.Object), int64(usage.A)<<10
			r.ended, r.code = true, int(int32(e.A))
		case trace.Usage:
			usage = *e
		case trace.Starts:
			begun[e.Engine()] = &started{by: r, name: e.Text, starts: at}
		case trace.Started:
			s := &started{by: r, starts: at}
			if begun := begun[e.Engine()]; begun != nil {
				s = begun
				r.spans = append(r.spans, span{kind: spanStart, from: s.starts, to: at, text: e.Text, pid: int(e.A), engine: e.Engine()})
			}
			delete(begun, e.Engine())
			s.name, s.pid, s.at = e.Text, int(e.A), at
			b.starts = append(b.starts, s)
		case trace.Exit:
			b.exits = append(b.exits, exit{int(e.A), e.Code(), at, int64(usage.Object), int64(usage.A) << 10})
		case trace.Signal:
			b.sent = append(b.sent, sent{mark{at, int(e.Aux), r}, int(e.A)})
		case trace.Wait:
			finish(waits[e.Engine()], false)
			waits[e.Engine()] = &span{kind: spanWait + e.Why(), from: at, text: e.Text, object: e.Object, pid: int(e.A), file: e.File, line: e.Line, engine: e.Engine()}
		case trace.Resume:
			finish(waits[e.Engine()], e.Vain())
			delete(waits, e.Engine())
		case trace.Task:
			finish(task, false)
			task = &span{kind: spanTask, from: at, text: e.Text, number: int(e.A)}
		case trace.Done:
			finish(task, e.Aux != 0)
			task = nil
		}
	}
	for _, wait := range waits {
		r.wasIn(wait)
	}
	r.wasIn(task)
}

// wasIn enters what a process was doing when it recorded last; tie says when that ended.
func (r *row) wasIn(s *span) {
	if s != nil {
		s.to = -1
		r.spans = append(r.spans, *s)
	}
}

// tie finds out who has started whom, and how each has ended.
func (b *builder) tie() {
	slices.SortFunc(b.starts, func(x, y *started) int { return cmp.Compare(x.at, y.at) })
	for _, s := range b.starts {
		r := b.find(s.pid, s.at)
		if r == nil { // it was killed before it could record anything
			r = &row{pid: s.pid, name: s.name, begin: -1, starts: -1, ready: -1}
			r.end = s.at
			b.all = append(b.all, r)
			b.byPid[s.pid] = append(b.byPid[s.pid], r)
		}
		r.parent, r.starts = s.by, s.starts
		b.arrows = append(b.arrows, arrow{arrowStart, s.by, r, s.starts, max(r.begin, s.starts), ""})
	}
	for _, x := range b.exits {
		if r := b.at(x.pid, x.at); r != nil {
			r.ended, r.code, r.end = true, x.code, max(r.end, x.at)
			r.used, r.memory = max(r.used, x.used), max(r.memory, x.memory)
		}
	}
	for _, s := range b.sent {
		if r := b.at(s.pid, s.mark.at); r != nil {
			r.killed = append(r.killed, s.mark)
		}
	}
	for _, r := range b.all {
		if !r.ended {
			r.end = b.length // nobody has said that it ended
		}
		for i := range r.spans {
			if r.spans[i].to < 0 {
				r.spans[i].to = r.end
			}
		}
		slices.SortStableFunc(r.spans, func(x, y span) int {
			return cmp.Or(cmp.Compare(x.from, y.from), cmp.Compare(y.to, x.to))
		})
	}
}

// find returns the process with a pid that was started about that time, and isn't tied yet.
func (b *builder) find(pid int, at int64) *row {
	for _, r := range b.byPid[pid] {
		if r.starts < 0 && r.end >= at {
			return r
		}
	}
	return nil
}

// at returns the process that had a pid at a time.
func (b *builder) at(pid int, at int64) (last *row) {
	for _, r := range b.byPid[pid] {
		if last == nil || max(r.begin, r.starts) <= at {
			last = r
		}
	}
	return last
}

// order puts the rows into the order of the tree.
func (b *builder) order() {
	var roots []*row
	for _, r := range b.all {
		if r.parent != nil && r.parent != r {
			r.parent.children = append(r.parent.children, r)
		} else {
			roots = append(roots, r)
		}
	}
	since := func(r *row) int64 {
		if r.starts >= 0 {
			return r.starts
		}
		return max(r.begin, 0)
	}
	var add func(list []*row, depth int)
	add = func(list []*row, depth int) {
		slices.SortStableFunc(list, func(x, y *row) int { return cmp.Compare(since(x), since(y)) })
		for _, r := range list {
			if r.index = len(b.rows); len(b.rows) > 0 && r == b.rows[0] {
				continue
			}
			r.depth = depth
			b.rows = append(b.rows, r)
			add(r.children, depth+1)
		}
	}
	add(roots, 0)
}

// readyUntil is until when a row that was kept ready was.
func (r *row) readyUntil() int64 {
	if r.starts >= 0 {
		return r.starts
	}
	return max(r.begin, r.ready)
}
