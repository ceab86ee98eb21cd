package multiprocessing

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/proc/ipc"
	"luaspawn/proc/pool"
)

// A future stands for the outcome of a call: the results of one task, or a list with the first result of each of
// several.
type future struct {
	*poolCall
	list      bool
	n         int // tasks
	done      bool
	cancelled bool
	values    []lua.LValue // results, or those of the list so far
	err       *lua.LTable  // nil: it hasn't failed
	callbacks []func(L *lua.LState, ud *lua.LUserData)
	ud        *lua.LUserData // while there are callbacks
	serial    int            // orders those that have callbacks
	bar       *progressBar
}

func (*future) typeName() string { return "Future" }

// Pack refuses: a copy in another process would never be done.
func (f *future) Pack() (luabind.Parcel, error) {
	return luabind.Parcel{}, &luabind.Refusal{Why: "a Future stays in the process that made it", Instead: "send its result"}
}

// AwaitReadable lets multiprocessing.wait wait for f.
func (f *future) AwaitReadable(ctx context.Context) error {
	select {
	case <-f.over:
		return nil
	default:
	}
	select {
	case <-f.over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// openFutures makes the type Future.
func (lib *library) openFutures(L *lua.LState, s *sharing) {
	get := func(L *lua.LState) int {
		return lib.pushResult(L, lib.awaitFuture(L))
	}
	ready := func(L *lua.LState) int {
		f := lib.checkFuture(L)
		L.Push(lua.LBool(f.done))
		return 1
	}
	meta := s.newType(L, "Future", functions{
		"get":    get,
		"result": get,
		"wait": func(L *lua.LState) int {
			f := lib.checkFuture(L)
			f.await(L, optTimeout(L, 2))
			L.Push(lua.LBool(f.done))
			return 1
		},
		"ready": ready,
		"done":  ready,
		"successful": func(L *lua.LState) int {
			f := lib.checkFuture(L)
			if !f.done {
				s.raise(L, "ValueError", "the Future is not ready")
			}
			L.Push(lua.LBool(f.err == nil))
			return 1
		},
		"exception": func(L *lua.LState) int {
			f := lib.awaitFuture(L)
			if f.cancelled {
				lib.raiseError(L, f.err)
			}
			if f.err == nil {
				L.Push(lua.LNil)
			} else {
				L.Push(f.err)
			}
			return 1
		},
		"running": func(L *lua.LState) int {
			f := lib.checkFuture(L)
			L.Push(lua.LBool(!f.done && f.Begun()))
			return 1
		},
		"cancel": func(L *lua.LState) int {
			f := lib.checkFuture(L)
			if !f.done && f.Cancel() {
				f.done, f.cancelled = true, true
				f.err = lib.newError("CancelledError", "the task was cancelled")
				f.bar.close(L)
			}
			L.Push(lua.LBool(f.cancelled))
			lib.callBack(L)
			return 1
		},
		"cancelled": func(L *lua.LState) int {
			L.Push(lua.LBool(lib.checkFuture(L).cancelled))
			return 1
		},
		"add_done_callback": func(L *lua.LState) int {
			f := lib.checkFuture(L)
			arg.Callable(L, L.Get(2))
			callback := L.Get(2)
			lib.onDone(f, L.Get(1).(*lua.LUserData), func(L *lua.LState, ud *lua.LUserData) {
				L.Push(callback)
				L.Push(ud)
				glua.Call(L, 1, 0)
			})
			lib.callBack(L)
			return 0
		},
	})
	glua.SetFuncs(L, meta, functions{"__tostring": func(L *lua.LState) int {
		f := lib.checkFuture(L)
		state := "pending"
		switch {
		case f.cancelled:
			state = "cancelled"
		case f.done && f.err != nil:
			state = "finished raised " + lua.LVAsString(glua.Named(f.err, "name"))
		case f.done:
			state = "finished"
		case f.Begun():
			state = "running"
		}
		L.Push(lua.LString("<Future state=" + state + ">"))
		return 1
	}})
}

// checkFuture returns the Future at argument 1, as it is now.
func (lib *library) checkFuture(L *lua.LState) *future {
	f := check[*future](L, 1, "Future")
	lib.update(L, f)
	return f
}

// awaitFuture returns the Future at argument 1 when it is done; argument 2 is a timeout.
func (lib *library) awaitFuture(L *lua.LState) *future {
	f := check[*future](L, 1, "Future")
	f.await(L, optTimeout(L, 2))
	if !f.done {
		lib.sharing.raise(L, "TimeoutError", "the result is not there within the time")
	}
	return f
}

// pushResult pushes the results of f, which is done, or raises its error.
func (lib *library) pushResult(L *lua.LState, f *future) int {
	if f.err != nil {
		lib.raiseError(L, f.err)
	}
	for _, v := range f.values {
		L.Push(v)
	}
	return len(f.values)
}

// update takes the outcomes that have come for f. What may run functions of the script, which may look at f too, or raise
// an error, comes when they are entered.
func (lib *library) update(L *lua.LState, f *future) {
	if f.done {
		return
	}
	some, over := f.Take()
	interrupted := false
	for out := range some.All() {
		interrupted = interrupted || interruptedBy(out)
		if f.err != nil {
			continue
		}
		if out.Kind != pool.Done {
			f.err = lib.errorOf(out)
			continue
		}
		var room [1]lua.LValue
		values, err := lib.valuesOf(room[:0], out)
		switch {
		case err != nil:
			f.err = lib.newError("TaskError", err.Error())
		case !f.list:
			f.values = slices.Clone(values)
		case len(values) > 0:
			f.values[out.Index] = values[0]
		}
	}
	if over {
		f.done = true
		switch {
		case f.err != nil:
			f.values = nil
		case f.list:
			f.values = []lua.LValue{listOf(f.values)}
		}
	}
	lib.awaitInterrupt(interrupted)
	f.bar.add(L, some.Len())
	if over {
		f.bar.close(L)
	}
}

// newFuture begins a call, the tasks of which are all packed, and returns its Future.
func (lib *library) newFuture(L *lua.LState, p *luaPool, f lua.LValue, o callOptions, list bool, b batch, bar *progressBar) (*future, *lua.LUserData) {
	c := lib.begin(L, p, f, o, list, false)
	fut := &future{poolCall: c, list: list, n: b.n, bar: bar}
	if list {
		fut.values = make([]lua.LValue, b.n)
		for i := range fut.values {
			fut.values[i] = lua.LNil
		}
	}
	if err := c.AddLast(b.tasks, b.n, b.files); err != nil {
		lib.cannotCall(L, err)
	}
	return fut, &lua.LUserData{Value: fut, Env: L.G.Global, Metatable: lib.sharing.metas["Future"]}
}

// callTask packs one task.
func (lib *library) callTask(L *lua.LState, p *luaPool, values []lua.LValue) batch {
	b, at := pool.BeginTask(nil)
	b, files := lib.packTask(L, p.far != nil, b, argsName, values)
	pool.EndTask(b, at)
	if len(files) == 0 {
		return batch{b, 1, nil}
	}
	return batch{b, 1, map[int][]*os.File{0: files}}
}

// argsOf returns the arguments of apply(f, args, kwargs).
func argsOf(L *lua.LState) (values []lua.LValue) {
	if L.Get(3) != lua.LNil {
		values = appendArgs(L, values, arg.Table(L, 3))
	}
	if L.Get(4) != lua.LNil {
		values = append(values, arg.Table(L, 4))
	}
	return values
}

// apply is pool:apply(f [, args [, kwargs]]).
func (lib *library) apply(L *lua.LState) int {
	p := checkPool(L)
	f, _ := lib.newFuture(L, p, L.Get(2), callOptions{}, false, lib.callTask(L, p, argsOf(L)), nil)
	lib.await(L, p.workers.subject(), awaited{done: f.over, timeout: ipc.Forever, lookOut: p.workers.LookOut, stopped: f.abort})
	lib.update(L, f)
	return lib.pushResult(L, f)
}

// submit is pool:submit(f, ...).
func (lib *library) submit(L *lua.LState) int {
	p := checkPool(L)
	var values []lua.LValue
	for i := 3; i <= L.GetTop(); i++ {
		values = append(values, L.Get(i))
	}
	_, ud := lib.newFuture(L, p, L.Get(2), callOptions{}, false, lib.callTask(L, p, values), nil)
	L.Push(ud)
	return 1
}

// applyAsync is pool:apply_async(f [, args [, kwargs [, callback [, error_callback]]]]).
func (lib *library) applyAsync(L *lua.LState) int {
	p := checkPool(L)
	callback, failed := lib.callbackArgs(L, 5)
	f, ud := lib.newFuture(L, p, L.Get(2), callOptions{}, false, lib.callTask(L, p, argsOf(L)), nil)
	lib.onResult(f, ud, callback, failed)
	L.Push(ud)
	return 1
}

// mapAsync is pool:map_async(f, items [, options [, callback [, error_callback]]]).
func (lib *library) mapAsync(L *lua.LState, method string, star bool) int {
	p := checkPool(L)
	o := lib.options(L, 4, method)
	callback, failed := lib.callbackArgs(L, 5)
	it := lib.items(L, p, 3, method, star)
	bar := lib.newBar(L, o.progress, it)
	defer bar.closeOnError(L)
	f, ud := lib.newFuture(L, p, L.Get(2), o, true, it.fill(L, maxInt, maxInt), bar)
	lib.onResult(f, ud, callback, failed)
	L.Push(ud)
	return 1
}

const maxInt = int(^uint(0) >> 1)

func (lib *library) callbackArgs(L *lua.LState, n int) (callback, failed lua.LValue) {
	for i := n; i < n+2; i++ {
		if L.Get(i) != lua.LNil {
			arg.Callable(L, L.Get(i))
		}
	}
	return L.Get(n), L.Get(n + 1)
}

// onResult has callback called with the result, or failed with the error.
func (lib *library) onResult(f *future, ud *lua.LUserData, callback, failed lua.LValue) {
	if callback == lua.LNil && failed == lua.LNil {
		return
	}
	lib.onDone(f, ud, func(L *lua.LState, _ *lua.LUserData) {
		switch {
		case f.err == nil && callback != lua.LNil:
			L.Push(callback)
			for _, v := range f.values {
				L.Push(v)
			}
			glua.Call(L, len(f.values), 0)
		case f.err != nil && failed != lua.LNil:
			L.Push(failed)
			L.Push(f.err)
			glua.Call(L, 1, 0)
		}
	})
}

// subjectOf names the pool that futures are of, or how many they are.
func subjectOf(futures []*future) subject {
	for _, f := range futures {
		if f.workers != futures[0].workers {
			return anyOf(len(futures))
		}
	}
	return futures[0].workers.subject()
}

// asCompleted is as_completed(list [, timeout]).
func (lib *library) asCompleted(L *lua.LState) int {
	list := arg.Table(L, 1)
	timeout := optTimeout(L, 2)
	var futures []*future
	values := map[*poolCall]*lua.LUserData{} // of those that are still to come
	var over completions
	for i := 1; i <= glua.Len(list); i++ {
		ud, _ := glua.Item(list, i).(*lua.LUserData)
		if ud == nil {
			L.RaiseError("bad argument #1 to 'as_completed' (item %d is not a Future)", i)
		}
		f, ok := ud.Value.(*future)
		if !ok {
			L.RaiseError("bad argument #1 to 'as_completed' (item %d is not a Future)", i)
		}
		if values[f.poolCall] == nil {
			values[f.poolCall] = ud
			futures = append(futures, f)
		}
	}
	for _, f := range futures {
		over.watch(f.poolCall)
	}
	total, waitedFor := len(futures), 0
	var ready []*poolCall
	var end time.Time
	if timeout >= 0 {
		end = time.Now().Add(timeout)
	}
	var those subject
	if total > 0 {
		those = subjectOf(futures)
	}
	L.Push(L.NewFunction(func(L *lua.LState) int {
		for len(values) > 0 {
			if len(ready) == 0 {
				ready = over.take()
			}
			if len(ready) > 0 {
				L.Push(values[ready[0]])
				delete(values, ready[0])
				ready = ready[1:]
				return 1
			}
			wait := time.Duration(ipc.Forever)
			if timeout >= 0 {
				wait = max(0, time.Until(end))
			}
			for waitedFor < total-1 && isClosed(futures[waitedFor].over) {
				waitedFor++
			}
			if !lib.await(L, those, awaited{timeout: wait, lookOut: futures[waitedFor].workers.LookOut}) {
				lib.sharing.raise(L, "TimeoutError", fmt.Sprintf("%d (of %d) futures unfinished", len(values), total))
			}
		}
		return 0
	}))
	return 1
}
