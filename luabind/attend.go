package luabind

import (
	"context"
	"slices"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/iolib"
	"luaspawn/luabind/internal/vm"
)

// What comes from outside while a script runs, a signal or the result of a pool's
// task, is told to the script by one way:
//
//	any goroutine                    the goroutine of the script
//
//	a send on News       ------->    a wait ends its select, or Wait its context,
//	Post: the same                   and goes on when Attended has run
//	  and the VM's alarm ------->    between two instructions Attended is run
//
// Attended runs what was posted, and what modules have entered by Attend. So a handler
// runs in the script, where nothing else of the engine's runs; what it raises is the
// script's error at that place.

// attention is what an engine has for that.
type attention struct {
	news     chan struct{} // room for one
	sources  []NewsSource
	between  bool   // the VM knows whom to call
	expected int    // who may post
	rounds   uint64 // see Rounds

	forFiles *iolib.News // see attended

	mu     sync.Mutex
	posts  []func(*lua.LState)
	ctx    context.Context // of the Wait under way, or of one before; nil: there was none
	cancel context.CancelFunc
	outer  context.Context // whose child that is
}

// A NewsSource is what a module has to tell of.
type NewsSource struct {
	// Run does what the news is about, in the goroutine of the script. It may call Lua
	// functions, wait itself, and raise an error.
	Run func(*lua.LState)

	// Awaited says whether there may be news now: a wait that wouldn't notice by itself
	// takes more trouble then.
	Awaited func() bool

	// Sends says that the module itself sends on News.
	Sends bool
}

// Attend enters a source. It is for the Open of a module.
func (h *Host) Attend(s NewsSource) { h.attention.sources = append(h.attention.sources, s) }

// News is received from by what waits with a select; Attended is called when something
// has come. Whoever has news sends, unless something is in it already.
func (h *Host) News() chan struct{} { return h.attention.news }

// Attended does what the news is about, on the goroutine of the script.
func (h *Host) Attended() { h.attentive(h.state.G.CurrentThread) }

func (h *Host) attentive(L *lua.LState) {
	h.attention.rounds++
	all := false
	defer func() {
		if !all { // an error keeps the rest from being done now; the next wait does it
			h.tell()
		}
	}()
	h.runPosts(L)
	for _, s := range h.attention.sources {
		s.Run(L)
	}
	all = true
}

// Rounds returns how often Attended has run. Who waits for News alone calls it before and after Attended: if there was
// more than one round, a handler or a callback has waited too, and may have received what was sent for others.
func (h *Host) Rounds() uint64 { return h.attention.rounds }

// attended is for files.
func (h *Host) attended() *iolib.News {
	if !h.Awaited() {
		return nil
	}
	if h.attention.forFiles == nil {
		h.attention.forFiles = &iolib.News{Come: h.attention.news, Run: h.Attended}
	}
	return h.attention.forFiles
}

// Awaited reports whether there may be news of anything.
func (h *Host) Awaited() bool {
	if h.attention.expected > 0 {
		return true
	}
	for _, s := range h.attention.sources {
		if s.Awaited() {
			return true
		}
	}
	return false
}

// ExpectPosts comes before Post, where nobody else uses the engine: posts says whether there
// may be any from now on. Those who expect them are counted.
func (h *Host) ExpectPosts(posts bool) {
	h.AllowPosts()
	a := &h.attention
	if posts {
		a.expected++
	} else {
		a.expected--
	}
}

// AllowPosts lets Post work between two instructions, where no wait need be ended by it. It is
// called where nobody else uses the engine.
func (h *Host) AllowPosts() {
	if a := &h.attention; !a.between {
		a.between = true
		vm.OnInterrupt(h.state, h.attentive)
	}
}

// ExpectedPosts returns how many expect posts.
func (h *Host) ExpectedPosts() int { return h.attention.expected }

// Post lets f be called in the goroutine of the script, where it waits, or between two
// instructions. It may call Lua functions, wait itself, and raise an error. Any goroutine may
// call Post. While no script runs nothing is called.
func (h *Host) Post(f func(*lua.LState)) {
	a := &h.attention
	if glua.IsForeign(f) {
		within := f
		f = func(L *lua.LState) {
			glua.Inside(L).Expose()
			within(L)
		}
	}
	a.mu.Lock()
	a.posts = append(a.posts, f)
	a.mu.Unlock()
	h.interrupt()
}

func (h *Host) interrupt() {
	vm.Interrupt(h.state)
	h.tell()
	h.attention.end()
}

// tell sends on News.
func (h *Host) tell() {
	select {
	case h.attention.news <- struct{}{}:
	default:
	}
}

// runPosts calls what was posted.
func (h *Host) runPosts(L *lua.LState) {
	a := &h.attention
	for {
		a.mu.Lock()
		if len(a.posts) == 0 {
			a.mu.Unlock()
			return
		}
		f := a.posts[0]
		a.posts = a.posts[1:]
		more := len(a.posts) > 0
		a.mu.Unlock()
		if more { // an error that f raises must not leave them there
			h.interrupt()
		}
		f(L)
	}
}

// Wait calls try, which waits for something and takes nothing if its context ends
// before. By news the context ends; what that is about is done, and try called again. Wait
// returns the error of the last one. A try that has got what it waits for returns nil,
// whatever has become of its context.
func (h *Host) Wait(try func(ctx context.Context) error) error {
	if !h.Awaited() {
		return try(h.runContext())
	}
	for {
		outer := h.runContext()
		ctx := h.attention.begin(outer) // before the look, so that no news is lost
		h.Attended()
		stop := h.forward()
		err := try(ctx)
		received := stop()
		if err == nil || ctx.Err() == nil || outer.Err() != nil {
			if received {
				h.tell() // nobody has done what it is about
			}
			return err
		}
	}
}

// forward lets what is sent on News end the wait that is under way. stop reports whether something was.
func (h *Host) forward() (stop func() (received bool)) {
	if !slices.ContainsFunc(h.attention.sources, func(s NewsSource) bool { return s.Sends && s.Awaited() }) {
		return func() bool { return false }
	}
	over, stopped := make(chan struct{}), make(chan bool, 1)
	go func() {
		select {
		case <-h.attention.news:
			h.attention.end()
			stopped <- true
		case <-over:
			stopped <- false
		}
	}()
	return func() bool {
		close(over)
		return <-stopped
	}
}

// begin returns a context for a wait. Most waits have the same one.
func (a *attention) begin(outer context.Context) context.Context {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ctx == nil || a.ctx.Err() != nil || a.outer != outer {
		if a.ctx != nil {
			a.cancel()
		}
		a.ctx, a.cancel = context.WithCancel(outer)
		a.outer = outer
	}
	return a.ctx
}

// end ends the wait that is under way.
func (a *attention) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ctx != nil {
		a.cancel()
	}
}
