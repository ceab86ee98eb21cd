package multiprocessing

import (
	"sync"
	"time"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/lib/multiprocessing/internal/board"
	"luaspawn/luabind/lib/multiprocessing/internal/trace"
)

// A subject is what a script waits for.
type subject struct {
	why  uint16 // as package trace has it
	what string // a type, or a name
	of   object // nil: it is none that processes share
	pid  int    // of a process
	sets uint64 // of an event: how often it had been set

	// always says that it isn't worth looking first whether there is anything to wait for.
	always bool
}

// waits are the waits that the script is in: there can be several, since a callback or a handler that runs while the script
// waits may wait too.
type waits struct {
	lib    *library
	onPage *board.Page // nil: not opened yet, or there is none
	known  bool        // it was asked for

	mu    sync.Mutex // for who asks where the script is
	stack []pause
	quiet bool // the script stands still while it waits: no news can come
}

// A pause is one of the waits.
type pause struct {
	subject
	file  string
	line  int
	limit bool  // it doesn't last for ever
	since int64 // as events have it; 0: nobody wants them
}

// show writes the pause onto a page.
func (p *pause) show(page *board.Page) {
	if page == nil {
		return
	}
	w := board.Wait{Why: int(p.why), What: p.what, Fd: -1, Pid: p.pid, Limit: p.limit, Aux: p.sets, File: p.file, Line: p.line}
	if p.of != nil {
		w.Object, _ = p.of.ID()
		w.Fd = p.of.Descriptor()
	}
	page.Begin(&w)
}

// begin is called when the script really has to wait, and end when the wait is over.
func (w *waits) begin(s subject, timeout time.Duration) {
	p := pause{subject: s, limit: !w.lib.forEver(timeout)}
	p.file, p.line = place(inside.State(w.lib.engine).G.CurrentThread)
	if !w.known {
		w.onPage, w.known = w.lib.page(), true
	}
	p.show(w.onPage)
	p.since = w.lib.seen.time()
	w.mu.Lock()
	w.stack = append(w.stack, p)
	w.quiet = !w.lib.engine.Awaited()
	w.mu.Unlock()
	if o := w.lib.seen; o != nil {
		e := trace.Event{Kind: trace.Wait, Time: p.since, Aux: s.why | o.number, A: uint32(s.pid), Text: s.what, File: p.file, Line: p.line}
		if s.of != nil {
			e.Object, _ = s.of.ID()
		}
		o.add(e, luabind.EventWait)
	}
}

func (w *waits) end(vain bool) {
	w.mu.Lock()
	last := len(w.stack) - 1
	since := w.stack[last].since
	w.stack[last] = pause{}
	w.stack = w.stack[:last]
	w.mu.Unlock()
	if w.onPage != nil {
		w.onPage.End()
		if last > 0 {
			w.stack[last-1].show(w.onPage) // it goes on with that
		}
	}
	if o := w.lib.seen; o != nil {
		e := trace.Event{Kind: trace.Resume, Time: o.now(), Aux: o.number}
		if vain {
			e.Aux |= 1
		}
		o.waited = since
		o.add(e, luabind.EventResume)
	}
}

// Pauses and Resumes implement luabind.Watcher, for waits of other modules.
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
