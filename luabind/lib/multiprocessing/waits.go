package multiprocessing

import (
	"time"

	"luaspawn/luabind"
	"luaspawn/proc/trace"
)

// A subject is what a script waits for.
type subject struct {
	why  uint16 // as package trace has it
	what string // a type, or a name
	of   object // nil: it is none that processes share
	pid  int    // of a process

	// always says that to look first, whether there is anything to wait for, isn't worth it.
	always bool
}

// waits are those that are under way: a callback or a handler that runs while the script
// waits may wait too.
type waits struct {
	lib   *library
	stack []pause
}

// A pause is one of them.
type pause struct {
	subject
	file  string
	line  int
	since int64
}

// begin is called where the script really waits, and end when that is over.
func (w *waits) begin(s subject, _ time.Duration) {
	p := pause{subject: s}
	p.file, p.line = place(w.lib.engine.State().G.CurrentThread)
	w.stack = append(w.stack, p)
	if o := w.lib.seen; o != nil {
		e := trace.Event{Kind: trace.Wait, Time: o.now(), Aux: s.why, A: uint32(s.pid), Text: s.what, File: p.file, Line: p.line}
		if s.of != nil {
			e.Object, _ = s.of.ID()
		}
		o.waited = e.Time
		o.add(e, luabind.EventWait)
	}
}

func (w *waits) end(vain bool) {
	last := len(w.stack) - 1
	if o := w.lib.seen; o != nil {
		e := trace.Event{Kind: trace.Resume, Time: o.now()}
		if vain {
			e.Aux = 1
		}
		o.add(e, luabind.EventResume)
	}
	w.stack[last] = pause{}
	w.stack = w.stack[:last]
}

// Pauses and Resumes are those of luabind.Watcher, for waits of other modules.
func (w *waits) Pauses(what string) {
	why := uint16(trace.ForOther)
	switch what {
	case "sleep":
		why = trace.ForSleep
	case "socket":
		why = trace.ForSocket
	}
	w.begin(subject{why: why, what: what}, -1)
}

func (w *waits) Resumes() { w.end(false) }
