package draw

import (
	"fmt"
	"io"
	"strconv"

	"luaspawn/luabind/lib/multiprocessing/internal/trace"
)

// The trace event format is that of chrome://tracing, which Perfetto opens too. Times are
// microseconds. A process of ours is one there, with one thread, where what it does nests; what further engines of the process
// do is on threads of their own.
//
//	X  something with a duration    M  name of a process
//	i  something that has happened  s, f  the ends of an arrow

// jsonEvent is one of the format. Fields that its phase hasn't are zero.
type jsonEvent struct {
	name, category string
	phase          byte
	at, took       int64 // ns
	id             int   // of an arrow
	bound          bool  // an arrow ends at what is around its end
	args           []argument
	engine         int // of the process; 0: the first one
}

// An argument says more about an event.
type argument struct {
	name  string
	value any // as jsonText.member has it
}

// micro writes ns in microseconds, no digit lost.
func (t *jsonText) micro(ns int64) {
	t.next()
	*t = strconv.AppendInt(*t, ns/1000, 10)
	rest := ns % 1000
	*t = append(*t, '.', byte('0'+rest/100), byte('0'+rest/10%10), byte('0'+rest%10))
}

// event writes one of r.
func (t *jsonText) event(r *row, e *jsonEvent) {
	t.open('{')
	t.member("name", e.name)
	if e.category != "" {
		t.member("cat", e.category)
	}
	t.key("ph")
	*t = append(*t, '"', e.phase, '"')
	if e.phase != 'M' {
		t.key("ts")
		t.micro(e.at)
	}
	if e.phase == 'X' {
		t.key("dur")
		t.micro(max(e.took, 0))
	}
	t.key("pid")
	t.int(r.number)
	t.key("tid")
	t.int(e.engine<<24 + r.number) // no number is as large
	if e.id != 0 {
		t.key("id")
		t.int(e.id)
	}
	if e.bound {
		t.member("bp", "e")
	}
	if e.phase == 'i' {
		t.member("s", "p") // it is the whole process's
	}
	if len(e.args) > 0 {
		t.key("args")
		t.open('{')
		for _, a := range e.args {
			t.member(a.name, a.value)
		}
		t.shut('}')
	}
	t.shut('}')
}

func (p *picture) json(w io.Writer) error {
	var text jsonText
	text.open('{')
	text.member("displayTimeUnit", "ms")
	text.key("otherData")
	text.open('{')
	text.member("program", "luaspawn")
	text.member("title", p.title)
	if p.full {
		text.member("missing", notWhole)
	}
	text.shut('}')
	text.key("traceEvents")
	text.open('[')
	var failed error
	flush := func() { // all but the last byte, which says whether a comma comes
		last := len(text) - 1
		if failed == nil {
			_, failed = w.Write(text[:last])
		}
		text = append(text[:0], text[last])
	}
	put := func(r *row, e jsonEvent) {
		text.line()
		text.event(r, &e)
		if len(text) > 32<<10 {
			flush()
		}
	}
	for i, r := range p.rows {
		r.number = r.pid
		if p.pidTwice(i) {
			r.number = 1<<23 + i // the system has used the pid again
		}
	}
	for i, r := range p.rows {
		put(r, jsonEvent{name: "process_name", phase: 'M', args: []argument{{"name", r.name}}})
		put(r, jsonEvent{name: "thread_name", phase: 'M', args: []argument{{"name", r.name}}})
		put(r, jsonEvent{name: "process_sort_index", phase: 'M', args: []argument{{"sort_index", i}}})
		from := max(r.begin, 0)
		if r.begin < 0 && r.starts >= 0 {
			from = r.starts
		}
		args := []argument{{"pid", r.pid}}
		if r.ended {
			args = append(args, argument{"exit code", r.code})
		}
		if r.used > 0 {
			args = append(args, argument{"processor time, ms", float64(r.used) / 1e6})
		}
		if r.memory > 0 {
			args = append(args, argument{"memory at most, MiB", float64(r.memory) / (1 << 20)})
		}
		put(r, jsonEvent{name: r.name, category: "process", phase: 'X', at: from, took: r.end - from, args: args})
		if r.ready >= 0 {
			put(r, jsonEvent{name: "kept ready", category: "ready", phase: 'X', at: r.ready, took: r.readyUntil() - r.ready})
		}
		for i := range r.spans {
			s := &r.spans[i]
			args = args[:0]
			if s.file != "" {
				args = append(args, argument{"at", s.file + ":" + strconv.Itoa(s.line)})
			}
			if s.object != 0 {
				args = append(args, argument{"object", s.object})
			}
			if s.failed {
				args = append(args, argument{"in vain", true})
			}
			put(r, jsonEvent{name: s.title(), category: s.category(), phase: 'X', at: s.from, took: s.to - s.from, args: args, engine: s.engine})
		}
		for _, m := range r.killed {
			put(r, jsonEvent{name: "signal " + signalName(m.signal), category: "signal", phase: 'i', at: m.at})
		}
		if r.ended && r.code != 0 {
			put(r, jsonEvent{name: endOf(r.code), category: "end", phase: 'i', at: r.end})
		}
	}
	for i, a := range p.arrows {
		name := [...]string{"start", "item", "release", "end", "result"}[a.kind]
		put(a.from, jsonEvent{name: name, category: "flow", phase: 's', at: a.at, id: i + 1})
		put(a.to, jsonEvent{name: name, category: "flow", phase: 'f', at: a.then, id: i + 1, bound: true})
	}
	text = append(text, "\n]}\n\n"...)
	flush()
	return failed
}

// pidTwice reports whether a row before has the pid of row i.
func (p *picture) pidTwice(i int) bool {
	if p.pids == nil {
		p.pids = map[int]int{}
		for j, r := range p.rows {
			if _, ok := p.pids[r.pid]; !ok {
				p.pids[r.pid] = j
			}
		}
	}
	return p.pids[p.rows[i].pid] != i
}

// category is what a span is, in a word.
func (s *span) category() string {
	switch s.kind {
	case spanStart:
		return "start"
	case spanTask:
		return "task"
	}
	return "wait"
}

// title says what a span is.
func (s *span) title() string {
	switch s.kind {
	case spanStart:
		return "start " + s.text
	case spanTask:
		return fmt.Sprintf("task %d", s.number)
	}
	return waitTitle(s.kind-spanWait, s.text)
}

// waitTitle says what is waited for.
func waitTitle(why int, text string) string {
	switch why {
	case trace.ForProcess:
		return "join " + text
	case trace.ForItem:
		return text + ": get"
	case trace.ForRoom:
		return text + ": put"
	case trace.ForDone:
		return text + ": join"
	case trace.ForPool:
		return "results of " + text
	case trace.ForTask:
		return "waits for work"
	case trace.ForSleep:
		return "sleep"
	}
	return text
}
