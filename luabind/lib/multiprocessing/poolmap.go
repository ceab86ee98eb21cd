package multiprocessing

import (
	"context"
	"runtime"
	"slices"
	"weak"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/proc/pool"
)

// fillBytes is how many bytes of tasks of a list are handed over at a time, so that workers
// have something to do while the rest is packed.
const fillBytes = 256 << 10

// feed hands over as many items as the workers can use, and reports whether there were any.
// through is as in pool.Call.Want.
func (c *poolCall) feed(L *lua.LState, it *items, through int) bool {
	want := c.want(it, through)
	if want == 0 {
		return false
	}
	return c.add(it.fill(L, want, fillBytes), it.over)
}

// want returns how many items the workers can use now.
func (c *poolCall) want(it *items, through int) int {
	if it.over {
		return 0
	}
	want := c.Want(through)
	if want > 0 && it.list != nil {
		want = max(want, 64<<10) // to be asked often takes longer
	}
	return want
}

func (c *poolCall) add(b batch, last bool) bool {
	if last {
		c.AddLast(b.tasks, b.n, b.files)
	} else {
		c.Add(b.tasks, b.n, b.files) // where it fails, cutOff tells
	}
	return b.n > 0
}

// cutOff raises the error of a call that was over before all its items were handed over.
func (c *poolCall) cutOff(L *lua.LState) {
	c.workers.lib.cannotCall(L, c.Add(nil, 0, nil))
}

// abandon ends a call the results of which nobody will ask for any more: tasks that have begun go on.
func (c *poolCall) abandon() {
	c.Stop()
	c.End()
}

// leave calls abandon, or abort if the script is being stopped: tasks that run would occupy workers
// that the next run needs.
func (c *poolCall) leave() {
	if ctx := c.workers.lib.engine.Context(); ctx.Err() != nil {
		c.abort(ctx)
	} else {
		c.abandon()
	}
}

// A loop is the call of an iterator, and the run in which it was made.
type loop struct {
	ctx  context.Context
	call weak.Pointer[poolCall] // or it would live as long as the run
}

// abortLoops ends the calls of iterators that were made in a run, when that is stopped: whether the script was in the
// loop, or had not asked for the first result yet.
func (lib *library) abortLoops(ctx context.Context) {
	lib.pools.loops = slices.DeleteFunc(lib.pools.loops, func(l loop) bool {
		if l.ctx != ctx {
			return false
		}
		if c := l.call.Value(); c != nil && !isClosed(c.over) {
			c.abort(ctx)
		}
		return true
	})
}

// enoughRoom is for how many results there is room from the beginning, at most: the field n of items may be more than
// there are.
const enoughRoom = 1 << 20

// mapMethod is pool:map(f, items [, options]).
func (lib *library) mapMethod(L *lua.LState, method string, star bool) int {
	p := checkPool(L)
	o := lib.options(L, 4, method)
	it := lib.items(L, p, 3, method, star)
	bar := lib.newBar(L, o.progress, it)
	defer bar.closeOnError(L)
	c := lib.begin(L, p, L.Get(2), o, true, false)
	defer c.leave() // after an error; else it does nothing
	results := glua.InsideTable(glua.NewTable(min(it.n, enoughRoom), 1))
	list := results.Items()
	through := 0
	for {
		fed := c.feed(L, it, through)
		some, over := c.take()
		for out, n := range some.Runs() {
			if out.Kind != pool.Done {
				lib.raiseOutcome(L, out)
			}
			if end := out.Index + max(1, n); end > len(list) {
				results.GrowList(end)
				list = results.Items()
			}
			lib.firstOfEach(L, list[out.Index:], out, n)
		}
		through += some.Len()
		bar.add(L, some.Len())
		if over {
			break
		}
		if some.Len() == 0 && !fed {
			c.awaitNews(L)
		}
	}
	bar.close(L)
	if !it.over || through < it.at {
		c.cutOff(L)
	}
	glua.SetNamed(results.Outside(), "n", lua.LNumber(max(it.n, it.at)))
	L.Push(results.Outside())
	runtime.KeepAlive(p)
	return 1
}

// firstOfEach sets the first results of n tasks that are Done, as Outcomes.Runs has them.
func (lib *library) firstOfEach(L *lua.LState, list []glua.Value, o pool.Outcome, n int) {
	if n == 0 {
		v := lib.firstOf(L, &o)
		list[0].Set(&v)
		return
	}
	rest := o.Data
	for i := range n {
		o.Data, rest = pool.CutTask(rest)
		v := lib.firstOf(L, &o)
		list[i].Set(&v)
	}
}

// firstOf returns the first result of a task that is Done; nil if it has none.
func (lib *library) firstOf(L *lua.LState, o *pool.Outcome) glua.Value {
	if v, ok := unpackScalar(o.Data); ok {
		return v
	}
	var room [1]lua.LValue
	values, err := lib.valuesOf(room[:0], *o)
	if err != nil {
		L.RaiseError("%s", err.Error())
	}
	if len(values) == 0 {
		return glua.Nil
	}
	return glua.ValueOf(values[0])
}

// listOf returns a list of values, with their number as n.
func listOf(values []lua.LValue) *lua.LTable {
	t := glua.NewTable(len(values), 1)
	glua.SetItems(t, values)
	glua.SetNamed(t, "n", lua.LNumber(len(values)))
	return t
}

// A lazyCall is the call of an iterator: it packs items as the workers need them.
type lazyCall struct {
	*poolCall
	items      *items
	ordered    bool
	next       int                  // the item that comes next, if ordered
	through    int                  // items that the script has got
	queue      []pool.Outcome       // come next, if ordered one behind the other
	early      map[int]pool.Outcome // if ordered, those behind one that hasn't come
	earlyBytes int
	failed     *pool.Outcome
	begun      bool // it was asked for a result
	over       bool
	done       bool // the iterator is at its end
	bar        *progressBar

	fill   *lua.LFunction // packs so many items into batch
	asked  int
	batch  batch
	raised lua.LValue // by the items, to be raised behind the results of those before; nil: nothing
}

// imap is pool:imap(f, items [, options]).
func (lib *library) imap(L *lua.LState, method string, ordered bool) int {
	p := checkPool(L)
	o := lib.options(L, 4, method)
	it := lib.items(L, p, 3, method, false)
	c := &lazyCall{items: it, ordered: ordered, early: map[int]pool.Outcome{}, bar: lib.newBar(L, o.progress, it)}
	c.fill = L.NewFunction(func(L *lua.LState) int {
		it.fillInto(L, &c.batch, c.asked, fillBytes)
		return 0
	})
	defer c.bar.closeOnError(L)
	c.poolCall = lib.begin(L, p, L.Get(2), o, false, false)
	fine := false
	defer func() {
		if !fine {
			c.leave()
		}
	}()
	for other := range p.lazy {
		if isClosed(other.poolCall.over) { // its loop was left, or is about to end
			delete(p.lazy, other)
		}
	}
	c.feed(L, 0)
	p.lazy[c] = true
	lib.watch()
	lib.pools.loops = slices.DeleteFunc(lib.pools.loops, func(l loop) bool {
		c := l.call.Value()
		return c == nil || isClosed(c.over)
	})
	lib.pools.loops = append(lib.pools.loops, loop{lib.engine.Context(), weak.Make(c.poolCall)})
	f := L.NewFunction(func(L *lua.LState) int { return lib.nextOf(L, c) })
	runtime.AddCleanup(f, func(call *poolCall) { go call.abandon() }, c.poolCall) // a loop was left
	L.Push(f)
	fine = true
	return 1
}

// feed does what poolCall.feed does. If the items raise an error it keeps the error, since the results of earlier items come first.
func (c *lazyCall) feed(L *lua.LState, through int) bool {
	if c.asked = c.want(c.items, through); c.asked == 0 {
		return false
	}
	L.Push(c.workers.lib.pools.pcall)
	L.Push(c.fill)
	glua.Call(L, 1, 2)
	if L.Get(-2) != lua.LTrue {
		c.raised, c.items.over = L.Get(-1), true
	}
	L.Pop(2)
	b := c.batch
	c.batch = batch{}
	return c.add(b, c.items.over)
}

// nextOf is the iterator of imap.
func (lib *library) nextOf(L *lua.LState, c *lazyCall) int {
	c.begun = true
	c.bar.follow(L, lib.engine)
	for {
		if out, ok := c.take(); ok {
			return lib.yieldOutcome(L, c, out)
		}
		if c.done || c.over {
			if out := c.failed; out != nil && !c.done {
				return lib.yieldOutcome(L, c, *out)
			}
			raised := c.raised
			cut := !c.done && raised == nil && (!c.items.over || c.through < c.items.at)
			c.end(L)
			if raised != nil {
				glua.Raise(L, raised)
			}
			if cut {
				c.cutOff(L)
			}
			return 0
		}
		fed := c.feed(L, c.through+c.ahead())
		if !c.collect() && !fed && !c.over {
			c.awaitNews(L)
		}
	}
}

// finish hands over all items before the pool's join, as Python's pool has done at the call, and keeps what comes. But a
// loop that has begun and gets no further during the join was left: its items may be endless, and nobody asks for them.
func (c *lazyCall) finish(L *lua.LState) {
	for !c.begun && !c.items.over && !c.over && c.failed == nil {
		fed := c.feed(L, len(c.queue)+len(c.early))
		if !c.collect() && !fed && !c.over {
			c.awaitNews(L)
		}
	}
	c.End()
}

// How much an ordered call may hold back while one item takes long.
const (
	maxAhead      = 100_000
	maxAheadBytes = 16 << 20
)

// ahead returns how many outcomes count as taken although the script still waits for an earlier one. If they didn't count, the
// workers would have nothing to do until it comes.
func (c *lazyCall) ahead() int {
	if len(c.early) > maxAhead || c.earlyBytes > maxAheadBytes {
		return 0
	}
	return len(c.early)
}

// collect takes the outcomes that have come, and reports whether there were any.
func (c *lazyCall) collect() bool {
	some, over := c.poolCall.take()
	c.over = c.over || over
	for out := range some.All() {
		if c.ordered && out.Index != c.next+len(c.queue) {
			c.early[out.Index] = out
			c.earlyBytes += len(out.Data)
		} else {
			c.queue = append(c.queue, out)
		}
		if out.Kind != pool.Done && (c.failed == nil || out.Index < c.failed.Index) {
			failed := out // or each out would be on the heap
			c.failed = &failed
		}
	}
	return some.Len() > 0
}

// take returns the outcome that comes next, if it is there.
func (c *lazyCall) take() (out pool.Outcome, ok bool) {
	if c.done {
		return out, false
	}
	if ok = len(c.queue) > 0; ok {
		out = c.queue[0]
		c.queue[0] = pool.Outcome{}
		c.queue = c.queue[1:]
	} else if out, ok = c.early[c.next]; ok {
		delete(c.early, c.next)
		c.earlyBytes -= len(out.Data)
	}
	return out, ok
}

// yieldOutcome gives the script an outcome.
func (lib *library) yieldOutcome(L *lua.LState, c *lazyCall, out pool.Outcome) int {
	c.next++
	c.through++
	if out.Kind != pool.Done {
		c.end(L)
		lib.raiseOutcome(L, out)
	}
	c.bar.add(L, 1)
	values, err := lib.valuesOf(nil, out)
	if err != nil {
		L.RaiseError("%s", err.Error())
	}
	L.Push(lua.LNumber(out.Index + 1))
	for _, v := range values {
		L.Push(v)
	}
	return 1 + len(values)
}

// end is the end of the iterator.
func (c *lazyCall) end(L *lua.LState) {
	if c.done {
		return
	}
	c.done = true
	delete(c.workers.lazy, c)
	c.abandon()
	c.early, c.queue, c.raised = nil, nil, nil
	c.bar.close(L)
}
