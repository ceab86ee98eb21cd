package draw

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"luaspawn/proc/trace"
)

// The trace event format is that of chrome://tracing, which Perfetto opens too. Times are
// microseconds. A process of ours is one there, with one thread: what it does nests.
//
//	X  something with a duration    M  name of a process
//	i  something that has happened  s, f  the ends of an arrow

// jsonEvent is one of the format.
type jsonEvent struct {
	Name  string         `json:"name"`
	Cat   string         `json:"cat,omitempty"`
	Phase string         `json:"ph"`
	Ts    json.Number    `json:"ts,omitempty"`
	Dur   json.Number    `json:"dur,omitempty"`
	Pid   int            `json:"pid"`
	Tid   int            `json:"tid"`
	ID    int            `json:"id,omitempty"`
	Bind  string         `json:"bp,omitempty"`
	Scope string         `json:"s,omitempty"`
	Args  map[string]any `json:"args,omitempty"`
}

// micro is ns in microseconds, no digit lost.
func micro(ns int64) json.Number {
	return json.Number(fmt.Sprintf("%d.%03d", ns/1000, ns%1000))
}

func (p *picture) json(w io.Writer) error {
	out := bufio.NewWriter(w)
	out.WriteString(`{"displayTimeUnit":"ms","otherData":{"program":"luaspawn","title":`)
	title, _ := json.Marshal(p.title)
	out.Write(title)
	if p.full {
		out.WriteString(`,"missing":"` + notWhole + `"`)
	}
	out.WriteString("},\"traceEvents\":[\n")
	first := true
	var failed error
	put := func(r *row, e jsonEvent) {
		e.Pid, e.Tid = r.number, r.number
		b, err := json.Marshal(e)
		if err != nil {
			failed = err
			return
		}
		if !first {
			out.WriteString(",\n")
		}
		first = false
		out.Write(b)
	}
	for i, r := range p.rows {
		r.number = r.pid
		if p.pidTwice(i) {
			r.number = 1<<23 + i // the system has used the pid again
		}
	}
	for i, r := range p.rows {
		put(r, jsonEvent{Name: "process_name", Phase: "M", Args: map[string]any{"name": r.name}})
		put(r, jsonEvent{Name: "thread_name", Phase: "M", Args: map[string]any{"name": r.name}})
		put(r, jsonEvent{Name: "process_sort_index", Phase: "M", Args: map[string]any{"sort_index": i}})
		from := max(r.begin, 0)
		if r.begin < 0 && r.starts >= 0 {
			from = r.starts
		}
		args := map[string]any{"pid": r.pid}
		if r.ended {
			args["exit code"] = r.code
		}
		if r.used > 0 {
			args["processor time, ms"] = float64(r.used) / 1e6
		}
		if r.memory > 0 {
			args["memory at most, MiB"] = float64(r.memory) / (1 << 20)
		}
		put(r, jsonEvent{Name: r.name, Cat: "process", Phase: "X", Ts: micro(from), Dur: micro(max(r.end-from, 0)), Args: args})
		if r.ready >= 0 {
			put(r, jsonEvent{Name: "kept ready", Cat: "ready", Phase: "X", Ts: micro(r.ready), Dur: micro(max(r.readyUntil()-r.ready, 0))})
		}
		for _, s := range r.spans {
			args := map[string]any{}
			if s.file != "" {
				args["at"] = fmt.Sprintf("%s:%d", s.file, s.line)
			}
			if s.object != 0 {
				args["object"] = s.object
			}
			if s.failed {
				args["in vain"] = true
			}
			put(r, jsonEvent{Name: s.title(), Cat: s.category(), Phase: "X", Ts: micro(s.from), Dur: micro(max(s.to-s.from, 0)), Args: args})
		}
		for _, m := range r.killed {
			put(r, jsonEvent{Name: "signal " + signalName(m.signal), Cat: "signal", Phase: "i", Ts: micro(m.at), Scope: "p"})
		}
		if r.ended && r.code != 0 {
			put(r, jsonEvent{Name: endOf(r.code), Cat: "end", Phase: "i", Ts: micro(r.end), Scope: "p"})
		}
	}
	for i, a := range p.arrows {
		name := [...]string{"start", "item", "release", "end", "result"}[a.kind]
		put(a.from, jsonEvent{Name: name, Cat: "flow", Phase: "s", Ts: micro(a.at), ID: i + 1})
		put(a.to, jsonEvent{Name: name, Cat: "flow", Phase: "f", Bind: "e", Ts: micro(a.then), ID: i + 1})
	}
	out.WriteString("\n]}\n")
	if failed != nil {
		return failed
	}
	return out.Flush()
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
