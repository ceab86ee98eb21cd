// The part of the module by which processes talk and take turns.

package multiprocessing

import (
	"errors"
	"maps"
	"math"
	"time"
	"weak"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/internal/lualib/arg"
	luatime "luaspawn/luabind/lib/time"
	"luaspawn/proc/ipc"
	"luaspawn/proc/mpconn"
)

// sharing is the module's part in one engine.
type sharing struct {
	engine          *luabind.Host
	classes         map[string]*lua.LTable
	metas           map[string]*lua.LTable
	toString, equal *lua.LFunction   // of all metatables
	known           map[uint64]entry // open objects by ID
	authkey         func() string    // of this process
	closed          bool             // the engine is
	seen            *observer        // nil: nobody is told what happens
	waits           *waits           // those under way
	plain           plainUnpacker

	listeners []*mpconn.Listener // whose names are removed at the end
	conns     []weak.Pointer[conn]
	tidyConns int // when there are so many of them, those that are gone go

	tidy int // when there are so many of them, those that are gone go
}

// A sharedObject is what every userdata of this package holds.
type sharedObject interface {
	luabind.Portable
	typeName() string
}

// metatablesKey is the registry's key for a table of metatables. They travel by name: in this table the metatable of Lock has the name
// that it has in the stub, multiprocessing.Lock.
const metatablesKey = "multiprocessing"

// openSharing adds the names to module, the table of require "multiprocessing". authkey
// returns the key of this process; more adds further types.
func openSharing(e *luabind.Host, module *lua.LTable, authkey func() string, more func(*sharing)) *sharing {
	L := inside.State(e)
	lib := &sharing{
		engine:  e,
		classes: map[string]*lua.LTable{},
		metas:   map[string]*lua.LTable{},
		known:   map[uint64]entry{},
		authkey: authkey,
	}
	lib.toString, lib.equal = L.NewFunction(toString), L.NewFunction(equal)
	lib.openErrors(L, module)
	lib.openLocks(L, module)
	lib.openEvent(L, module)
	lib.openCondition(L, module)
	lib.openBarrier(L, module)
	lib.openArray(L, module)
	lib.openQueues(L, module)
	lib.openConnections(L, module)
	more(lib)
	metas := glua.NewTable(0, len(lib.metas))
	for name, meta := range lib.metas {
		glua.Guard(L, meta)
		glua.SetNamed(metas, name, meta)
	}
	glua.SetNamed(L.G.Registry, metatablesKey, metas)
	e.OnClose(lib.close)
	return lib
}

// close closes the objects that scripts have here, so that other processes can go on, before the engine waits
// for children.
func (lib *sharing) close() {
	lib.closed = true
	leave := ipc.Handle.Close
	if lib.engine.Failed() {
		leave = ipc.Handle.Fail
	}
	for _, e := range lib.known {
		leave(e.handle)
	}
	for _, l := range lib.listeners {
		l.Close()
	}
	for _, p := range lib.conns {
		if c := p.Value(); c != nil && !c.shut {
			c.shut = true
			c.Close()
		}
	}
}

// functions are functions by their names, as L.SetFuncs takes them.
type functions = map[string]lua.LGFunction

func toString(L *lua.LState) int {
	name := "?"
	if o, ok := arg.Value(L, 1).(sharedObject); ok {
		name = o.typeName()
	}
	L.Push(lua.LString("<" + name + ">"))
	return 1
}

// equal is __eq of userdata: whether two of them are the same object.
func equal(L *lua.LState) int {
	a, _ := L.Get(1).(*lua.LUserData)
	b, _ := L.Get(2).(*lua.LUserData)
	L.Push(lua.LBool(a != nil && b != nil && a.Value == b.Value))
	return 1
}

// newType makes the metatable of a type, with its methods.
func (lib *sharing) newType(L *lua.LState, name string, methods functions) *lua.LTable {
	// Of exact sizes: Go doesn't hash the keys of maps with up to eight entries.
	meta := glua.NewTable(0, 4)
	glua.SetNamed(meta, "__index", glua.NewFunctions(L, methods, 0))
	glua.SetNamed(meta, "__tostring", lib.toString)
	glua.SetNamed(meta, "__eq", lib.equal)
	lib.metas[name] = meta
	return meta
}

// push returns o to the script as a userdata.
func (lib *sharing) push(L *lua.LState, o sharedObject) *lua.LUserData {
	ud := &lua.LUserData{Value: o, Env: L.G.Global, Metatable: lib.metas[o.typeName()]}
	L.Push(ud)
	return ud
}

// identified is implemented by all objects of proc/ipc.
type identified interface {
	ID() (uint64, error)
	Handle() ipc.Handle
}

// An entry is an object that an engine has open. An object in use, such as a lock that
// is held, stays open when no script refers to it any more.
type entry struct {
	handle ipc.Handle
	object func() sharedObject // nil: nobody refers to it
}

// keep adds an object to those that lib has open.
func keep[T any, P interface {
	*T
	sharedObject
}](lib *sharing, o P, of identified) {
	id, err := of.ID()
	if err != nil {
		return // it was closed
	}
	if len(lib.known) >= lib.tidy {
		maps.DeleteFunc(lib.known, func(_ uint64, e entry) bool { return e.handle.Closed() })
		lib.tidy = 2*len(lib.known) + 100
	}
	p := weak.Make((*T)(o))
	lib.known[id] = entry{of.Handle(), func() sharedObject {
		if o := P(p.Value()); o != nil {
			return o
		}
		return nil
	}}
}

// unpacker returns the Unpacker of a kind: open makes the object, unless the
// engine has it already.
func (lib *sharing) unpacker(kind string, open func(luabind.Parcel) (sharedObject, error)) {
	lib.engine.RegisterUnpacker(kind, func(ud *lua.LUserData, p luabind.Parcel) error {
		if id, err := ipc.FileID(p.Files); err == nil {
			if e, ok := lib.known[id]; ok {
				if o := e.object(); o != nil {
					for _, f := range p.Files {
						f.Close()
					}
					ud.Value = o
					return nil
				}
			}
		}
		o, err := open(p)
		if err == nil {
			ud.Value = o
		}
		return err
	})
}

// check returns the object of a type that is argument n.
func check[T sharedObject](L *lua.LState, n int, name string) T {
	o, ok := arg.Value(L, n).(T)
	if !ok {
		arg.TypeError(L, n, name)
	}
	return o
}

// optTimeout reads a timeout in seconds: nil is for ever, and with 0 or less nothing is waited for.
func optTimeout(L *lua.LState, n int) time.Duration {
	if L.Get(n) == lua.LNil {
		return ipc.Forever
	}
	seconds := arg.Number(L, n)
	if math.IsNaN(seconds) {
		arg.Error(L, n, "timeout is not a number")
	}
	return luatime.Duration(max(seconds, 0))
}

// optCount reads a whole number from low to the highest that an object can count to.
func optCount(L *lua.LState, n int, or, low int) int {
	if L.Get(n) == lua.LNil {
		return or
	}
	v := arg.Number(L, n)
	if v != math.Trunc(v) || !(v >= float64(low)) || v > math.MaxInt32 {
		arg.Error(L, n, "number out of range")
	}
	return int(v)
}

// fail raises err, if it isn't nil. Errors of proc/ipc become errors of the classes that scripts know.
func (lib *sharing) fail(L *lua.LState, err error) {
	if err != nil {
		lib.failed(L, err)
	}
}

func (lib *sharing) failed(L *lua.LState, err error) {
	switch {
	case lib.engine.Context().Err() != nil:
		L.RaiseError("%s", lib.engine.Context().Err().Error())
	case errors.Is(err, ipc.ErrClosed):
		arg.Error(L, 1, "it was closed")
	case errors.Is(err, ipc.ErrReleased):
		lib.raise(L, "ValueError", err.Error())
	case errors.Is(err, ipc.ErrNotOwner):
		lib.raise(L, "AssertionError", err.Error())
	case errors.Is(err, ipc.ErrNotOwned), errors.Is(err, ipc.ErrWaiting):
		lib.raise(L, "RuntimeError", err.Error())
	case errors.Is(err, ipc.ErrBroken):
		lib.raise(L, "BrokenBarrierError", err.Error())
	case errors.Is(err, ipc.ErrTasks):
		lib.raise(L, "ValueError", err.Error())
	default:
		lib.raise(L, "OSError", err.Error())
	}
}
