package multiprocessing

import (
	"cmp"
	"slices"

	lua "github.com/yuin/gopher-lua"
)

// callbacks are the Futures that have callbacks to be called.
type callbacks struct {
	of   map[*poolCall]*future
	over completions // those whose calls are over, and not in due yet
	due  []*future   // those whose calls are over, in the order in which they got callbacks
	last int         // the number of the one that got some last
}

// add adds f.
func (cb *callbacks) add(f *future) {
	if cb.of == nil {
		cb.of = map[*poolCall]*future{}
	}
	cb.last++
	f.serial = cb.last
	cb.of[f.poolCall] = f
	cb.over.watch(f.poolCall)
}

// next returns the first one whose call is over, nil if there is none. It stays until it is removed.
func (cb *callbacks) next() *future {
	if len(cb.of) == 0 {
		return nil
	}
	if over := cb.over.take(); len(over) > 0 {
		for _, c := range over {
			cb.due = append(cb.due, cb.of[c])
		}
		slices.SortFunc(cb.due, func(a, b *future) int { return cmp.Compare(a.serial, b.serial) })
	}
	if len(cb.due) == 0 {
		return nil
	}
	return cb.due[0]
}

// remove removes the one that next returns.
func (cb *callbacks) remove() {
	delete(cb.of, cb.due[0].poolCall)
	cb.due[0].ud = nil
	cb.due[0] = nil
	cb.due = cb.due[1:]
}

// onDone has callback called when f is done.
func (lib *library) onDone(f *future, ud *lua.LUserData, callback func(*lua.LState, *lua.LUserData)) {
	f.callbacks = append(f.callbacks, callback)
	if f.ud == nil {
		f.ud = ud
		lib.pools.callbacks.add(f)
	}
}

// callBack calls the callbacks of futures that are done. An error of a callback is raised in the script, where it
// waits. A callback may wait itself, and so call others.
func (lib *library) callBack(L *lua.LState) {
	for {
		f := lib.pools.callbacks.next()
		switch {
		case f == nil:
			return
		case !f.done:
			lib.update(L, f)
		case len(f.callbacks) == 0:
			lib.pools.callbacks.remove()
		default:
			callback := f.callbacks[0]
			f.callbacks = slices.Delete(f.callbacks, 0, 1)
			callback(L, f.ud)
		}
	}
}
