package multiprocessing

import (
	"context"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/scarce"
	"luaspawn/luabind/lib/multiprocessing/internal/trace"
	"luaspawn/proc/ipc"
)

type event struct{ *ipc.Event }

func (e *event) typeName() string { return "Event" }
func (e *event) Pack() (luabind.Parcel, error) {
	files, err := scarce.Retry(nil, e.Files)
	return luabind.Parcel{Kind: "Event", Files: files}, err
}

func (lib *sharing) openEvent(L *lua.LState, module *lua.LTable) {
	self := func(L *lua.LState) *event { return check[*event](L, 1, "Event") }
	newEvent := func(own *ipc.Event, err error) (sharedObject, error) {
		if err != nil {
			return nil, err
		}
		e := &event{own}
		keep(lib, e, own)
		return e, nil
	}
	answer := func(L *lua.LState, v bool, err error) int {
		lib.fail(L, err)
		L.Push(lua.LBool(v))
		return 1
	}
	lib.newType(L, "Event", functions{
		"set": func(L *lua.LState) int {
			e := self(L)
			when := lib.seen.time()
			lib.fail(L, e.Set(lib.engine.Context()))
			if lib.seen != nil {
				lib.seen.released(when, "Event", e.Event)
			}
			return 0
		},
		"clear": func(L *lua.LState) int {
			lib.fail(L, self(L).Clear(lib.engine.Context()))
			return 0
		},
		"is_set": func(L *lua.LState) int {
			set, err := self(L).IsSet(lib.engine.Context())
			return answer(L, set, err)
		},
		"wait": func(L *lua.LState) int {
			e := self(L)
			set, err := lib.attended(optTimeout(L, 2), subject{why: trace.ForEvent, what: "Event", of: e.Event, sets: e.Sets()}, e.Waiter())
			return answer(L, set, err)
		},
	})
	lib.constructor(L, module, "Event", func(*lua.LState) (sharedObject, error) { return newEvent(ipc.NewEvent()) })
	lib.unpacker("Event", func(p luabind.Parcel) (sharedObject, error) { return newEvent(ipc.OpenEvent(p.Files)) })
}

// constructor binds a function that makes an object.
func (lib *sharing) constructor(L *lua.LState, module *lua.LTable, name string, make func(*lua.LState) (sharedObject, error)) {
	glua.SetNamed(module, name, L.NewFunction(func(L *lua.LState) int {
		o, err := scarce.Retry(L, func() (sharedObject, error) { return make(L) })
		lib.fail(L, err)
		lib.push(L, o)
		return 1
	}))
}

// A condition keeps its lock as the object that scripts see.
type condition struct {
	*ipc.Condition
	lockValue *lua.LUserData
}

func (c *condition) typeName() string { return "Condition" }
func (c *condition) lock() *lock      { return c.lockValue.Value.(*lock) }

func (c *condition) acquire(ctx context.Context, timeout time.Duration) (ipc.Acquired, error) {
	return c.lock().acquire(ctx, timeout)
}
func (c *condition) release(ctx context.Context) error        { return c.lock().release(ctx) }
func (c *condition) locked(ctx context.Context) (bool, error) { return c.lock().locked(ctx) }

func (c *condition) subject() subject { return c.lock().subject() }

func (c *condition) Pack() (luabind.Parcel, error) {
	files, err := scarce.Retry(nil, c.Files)
	return luabind.Parcel{Kind: "Condition", Files: files, Value: c.lockValue}, err
}

func (lib *sharing) openCondition(L *lua.LState, module *lua.LTable) {
	self := func(L *lua.LState) *condition { return check[*condition](L, 1, "Condition") }
	newCondition := func(l *lua.LUserData, own *ipc.Condition, err error) (sharedObject, error) {
		if err != nil {
			return nil, err
		}
		c := &condition{own, l}
		keep(lib, c, own)
		return c, nil
	}
	methods := lib.turns(func(L *lua.LState) locker { return self(L) })
	methods["wait"] = func(L *lua.LState) int {
		c := self(L)
		return lib.awaitCondition(L, c, optTimeout(L, 2))
	}
	methods["wait_for"] = func(L *lua.LState) int { return lib.waitFor(L, self(L)) }
	methods["notify"] = func(L *lua.LState) int {
		c := self(L)
		n := optCount(L, 2, 1, 0)
		when := lib.seen.time()
		lib.fail(L, c.Notify(lib.engine.Context(), c.lock().shared(), n))
		if lib.seen != nil {
			lib.seen.released(when, "Condition", c.Condition)
		}
		return 0
	}
	methods["notify_all"] = func(L *lua.LState) int {
		c := self(L)
		when := lib.seen.time()
		lib.fail(L, c.NotifyAll(lib.engine.Context(), c.lock().shared()))
		if lib.seen != nil {
			lib.seen.released(when, "Condition", c.Condition)
		}
		return 0
	}
	lib.newType(L, "Condition", methods)
	lib.constructor(L, module, "Condition", func(L *lua.LState) (sharedObject, error) {
		l, _ := L.Get(1).(*lua.LUserData)
		switch {
		case L.Get(1) == lua.LNil:
			own, err := ipc.NewRLock()
			if err != nil {
				return nil, err
			}
			l = lib.push(L, lib.newLock("RLock", own))
		case l == nil:
			arg.TypeError(L, 1, "Lock")
		default:
			check[*lock](L, 1, "Lock")
		}
		own, err := ipc.NewCondition()
		return newCondition(l, own, err)
	})
	lib.unpacker("Condition", func(p luabind.Parcel) (sharedObject, error) {
		l, _ := p.Value.(*lua.LUserData)
		if l == nil {
			return nil, ipc.ErrBad
		}
		own, err := ipc.OpenCondition(p.Files)
		return newCondition(l, own, err)
	})
}

// awaitCondition is wait([timeout]) of a condition: whether it was notified, and
// "abandoned" if the lock came from a dead process.
func (lib *sharing) awaitCondition(L *lua.LState, c *condition, timeout time.Duration) int {
	notified, how, err := c.WaitAttended(lib.engine.Context(), c.lock().shared(), timeout, lib.attend(
		subject{why: trace.ForCondition, what: "Condition", of: c.Condition}, c.subject()))
	lib.fail(L, err)
	L.Push(lua.LBool(notified))
	if how == ipc.Abandoned {
		L.Push(lua.LString("abandoned"))
		return 2
	}
	return 1
}

// waitFor is wait_for(f [, timeout]): what f returned last.
func (lib *sharing) waitFor(L *lua.LState, c *condition) int {
	f, timeout := L.CheckFunction(2), optTimeout(L, 3)
	ends := time.Now().Add(timeout)
	for {
		L.Push(f)
		glua.Call(L, 0, 1)
		left := time.Until(ends)
		if lua.LVAsBool(L.Get(-1)) || timeout >= 0 && left <= 0 {
			return 1
		}
		L.Pop(1)
		if timeout < 0 {
			left = ipc.Forever
		}
		L.Pop(lib.awaitCondition(L, c, left))
	}
}

// A barrier keeps the arguments of Barrier(), which travel with it.
type barrier struct {
	*ipc.Barrier
	lib   *sharing
	rules *lua.LTable // action, timeout
}

func (b *barrier) typeName() string { return "Barrier" }
func (b *barrier) Pack() (luabind.Parcel, error) {
	files, err := scarce.Retry(nil, b.Files)
	return luabind.Parcel{Kind: "Barrier", Files: files, Value: b.rules}, err
}

func (lib *sharing) openBarrier(L *lua.LState, module *lua.LTable) {
	self := func(L *lua.LState) *barrier { return check[*barrier](L, 1, "Barrier") }
	newBarrier := func(rules *lua.LTable, own *ipc.Barrier, err error) (sharedObject, error) {
		if err != nil {
			return nil, err
		}
		b := &barrier{own, lib, rules}
		keep(lib, b, own)
		return b, nil
	}
	meta := lib.newType(L, "Barrier", functions{
		"wait": func(L *lua.LState) int { return lib.waitBarrier(L, self(L)) },
		"reset": func(L *lua.LState) int {
			lib.fail(L, self(L).Reset(lib.engine.Context()))
			return 0
		},
		"abort": func(L *lua.LState) int {
			lib.fail(L, self(L).Abort(lib.engine.Context()))
			return 0
		},
	})
	lib.addFields(L, meta, func(L *lua.LState, field string) lua.LValue {
		switch field {
		case "parties", "n_waiting", "broken":
		default:
			return nil
		}
		st, err := self(L).State(lib.engine.Context())
		lib.fail(L, err)
		switch field {
		case "parties":
			return lua.LNumber(st.Parties)
		case "n_waiting":
			return lua.LNumber(st.Waiting)
		}
		return lua.LBool(st.Broken)
	})
	lib.constructor(L, module, "Barrier", func(L *lua.LState) (sharedObject, error) {
		arg.Number(L, 1)
		parties := optCount(L, 1, 0, 1)
		if action := L.Get(2); action != lua.LNil && !arg.IsCallable(L, action) {
			arg.TypeError(L, 2, "function")
		}
		optTimeout(L, 3)
		rules := glua.NewTable(0, 0)
		glua.SetNamed(rules, "action", L.Get(2))
		glua.SetNamed(rules, "timeout", L.Get(3))
		own, err := ipc.NewBarrier(uint32(parties))
		return newBarrier(rules, own, err)
	})
	lib.unpacker("Barrier", func(p luabind.Parcel) (sharedObject, error) {
		rules, ok := p.Value.(*lua.LTable)
		if !ok {
			return nil, ipc.ErrBad
		}
		own, err := ipc.OpenBarrier(p.Files)
		return newBarrier(rules, own, err)
	})
}

// waitBarrier is wait([timeout]) of a barrier.
func (lib *sharing) waitBarrier(L *lua.LState, b *barrier) int {
	timeout := optTimeout(L, 2)
	if L.Get(2) == lua.LNil {
		L.SetTop(1)
		L.Push(glua.Named(b.rules, "timeout"))
		timeout = optTimeout(L, 2)
	}
	var action func() error
	if f := glua.Named(b.rules, "action"); f != lua.LNil {
		action = func() error {
			L.Push(f)
			glua.Call(L, 0, 0) // its error goes through, and breaks the barrier
			return nil
		}
	}
	index, err := b.WaitAttended(lib.engine.Context(), timeout, action, lib.attend(subject{why: trace.ForBarrier, what: "Barrier", of: b.Barrier}))
	lib.fail(L, err)
	L.Push(lua.LNumber(index))
	return 1
}

// addFields gives the objects of a metatable computed fields, which hide methods of the same names; get returns
// nil if there is no such field.
func (lib *sharing) addFields(L *lua.LState, meta *lua.LTable, get func(L *lua.LState, field string) lua.LValue) {
	methods := glua.Named(meta, "__index")
	glua.SetNamed(meta, "__index", L.NewClosure(func(L *lua.LState) int {
		key := L.Get(2)
		if name, ok := key.(lua.LString); ok {
			if v := get(L, string(name)); v != nil {
				L.Push(v)
				return 1
			}
		}
		L.Push(glua.Get(methods.(*lua.LTable), key))
		return 1
	}, methods))
}
