package progress

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
)

// A Bar shows how far something has come: on the terminal that standard error leads to. Where
// that is none it shows nothing, or lines. Any goroutine may call Add.
type Bar struct {
	lib   *library // nil: it is never shown
	label string
	total float64 // below 0: it isn't known
	began time.Time
	lines bool // where there is no terminal

	done   number
	resume atomic.Bool // the next Add shows it again

	// Of the goroutine that uses the engine.
	forget func() // lets the loop be followed no more; nil: none is

	mu       sync.Mutex
	closed   bool
	shown    bool
	terminal *terminal   // shows it, or
	writer   *lineWriter // does; both nil: there is nothing to show it

	// Of the terminal, under its mutex.
	pace  pace
	slot  int    // which of the last rows it has, 0 is the lowest; noSlot: none
	drawn string // what stands there
	inner bool   // it began beside another one: nothing is left of it
}

// New returns a bar of an engine that is shown from now on: in a tenth of a second, if it isn't closed by then. A
// total below 0 isn't known. It is for a Go function that a script has called. Where the module isn't
// open there nothing is shown; a module that has bars opens it, by Host.Open, in its own Open.
func New(h *luabind.Host, label string, total float64) *Bar {
	return newBar(libraryOf(h), label, total, false)
}

func newBar(lib *library, label string, total float64, lines bool) *Bar {
	b := &Bar{lib: lib, label: label, total: total, lines: lines, began: time.Now(), slot: noSlot}
	b.pace.began = b.began
	b.show()
	if b.visible() {
		lib.host.Hold()
	}
	return b
}

// show begins to show b, or to show it again.
func (b *Bar) show() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || b.shown || b.lib == nil || !b.lib.enter(b) {
		return
	}
	b.shown = true
	if b.terminal = terminalOf(b.lib.host); b.terminal != nil {
		b.terminal.add(b)
	} else if b.lines {
		b.writer = newLineWriter(b, linesInterval)
	}
}

// Add adds to what is done.
func (b *Bar) Add(n float64) {
	b.done.add(n)
	if b.resume.Load() && b.resume.CompareAndSwap(true, false) {
		b.show()
	}
}

// Close takes the bar from the terminal; a line with what was done stays. A second call does
// nothing. The goroutine that uses the engine calls it, or after Follow no other one does.
func (b *Bar) Close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.unfollow()
	b.pause()
}

// Follow is called by a Go function that runs in L, whenever a script calls it. Where it is the
// iterator of a loop, the bar ends with that. If the iterator is used again behind the loop,
// it is shown again.
func (b *Bar) Follow(L *lua.LState) {
	if b.forget != nil || b.lib == nil {
		return
	}
	b.forget = func() {}
	if !b.visible() { // the script needn't look for the end of its loop at each call
		return
	}
	forget, ok := b.lib.host.FollowLoop(L, func() {
		b.forget = nil
		b.pause()
	})
	if ok {
		b.forget = forget
	}
}

// visible says whether there is anything to see of b.
func (b *Bar) visible() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.terminal != nil || b.writer != nil
}

func (b *Bar) unfollow() {
	if b.forget != nil {
		b.forget()
		b.forget = nil
	}
}

// pause takes b from the terminal until something is added.
func (b *Bar) pause() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.shown {
		return
	}
	b.shown = false
	b.lib.leave(b)
	switch {
	case b.terminal != nil:
		b.terminal.remove(b)
	case b.writer != nil:
		b.writer.stop()
	}
	b.terminal, b.writer = nil, nil
	b.resume.Store(true)
}

// at returns what there is to say of b. The last word is of all the time that it took.
func (b *Bar) at(now time.Time, last bool) state {
	s := state{label: b.label, done: b.done.get(), total: b.total, elapsed: now.Sub(b.began)}
	if last {
		s.rate = per(s.done, s.elapsed)
	} else {
		s.rate = b.pace.rate(now, s.done)
	}
	return s
}

// byAge sorts the youngest first: those leave nothing behind that began beside others.
func byAge(bars []*Bar) []*Bar {
	slices.SortFunc(bars, func(a, b *Bar) int { return cmp.Compare(b.began.UnixNano(), a.began.UnixNano()) })
	return bars
}

// A lineWriter writes a line now and then where there is no terminal.
type lineWriter struct {
	bar         *Bar
	quit, ended chan struct{}
}

func newLineWriter(b *Bar, interval time.Duration) *lineWriter {
	w := &lineWriter{b, make(chan struct{}), make(chan struct{})}
	go w.run(interval)
	return w
}

func (w *lineWriter) run(interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer close(w.ended)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			w.write(now, false)
		case <-w.quit:
			return
		}
	}
}

func (w *lineWriter) write(now time.Time, last bool) {
	w.bar.lib.host.WriteError(w.bar.at(now, last).plain() + "\n")
}

// stop writes the last line.
func (w *lineWriter) stop() {
	close(w.quit)
	<-w.ended
	w.write(time.Now(), true)
}
