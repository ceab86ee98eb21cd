package multiprocessing

import (
	"context"
	"os"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/scarce"
	"luaspawn/luabind/lib/multiprocessing/internal/trace"
	"luaspawn/proc/ipc"
)

// A locker has what acquire, release and hold need.
type locker interface {
	sharedObject
	acquire(context.Context, time.Duration) (ipc.Acquired, error)
	release(context.Context) error
	locked(context.Context) (bool, error)
	subject() subject // what acquire waits for
}

// A lock is a Lock or an RLock. The lock of an array gets its object from the array when it is used, since it may be
// unpacked before the array is.
type lock struct {
	lib  *sharing
	name string
	own  *ipc.Lock
	of   *lua.LUserData // the array; nil: it belongs to nobody
}

func (l *lock) typeName() string { return l.name }

func (l *lock) shared() *ipc.Lock {
	if l.own == nil {
		l.own = l.of.Value.(*array).Lock
	}
	return l.own
}

func (l *lock) acquire(ctx context.Context, timeout time.Duration) (ipc.Acquired, error) {
	return l.shared().Acquire(ctx, timeout)
}
func (l *lock) release(ctx context.Context) error    { return l.shared().Release(ctx) }
func (l *lock) locked(context.Context) (bool, error) { return l.shared().Locked() }

func (l *lock) subject() subject {
	return subject{why: trace.ForLock, what: l.name, of: l.shared()}
}

func (l *lock) Pack() (luabind.Parcel, error) {
	if l.of != nil {
		return luabind.Parcel{Kind: kindArrayLock, Value: l.of}, nil
	}
	files, err := scarce.Retry(nil, l.own.Files)
	return luabind.Parcel{Kind: l.name, Files: files}, err
}

const kindArrayLock = "lock of Array"

// A semaphore is a Semaphore or a BoundedSemaphore.
type semaphore struct {
	*ipc.Semaphore
	name string
}

func (m *semaphore) typeName() string { return m.name }

func (m *semaphore) acquire(ctx context.Context, timeout time.Duration) (ipc.Acquired, error) {
	return m.Acquire(ctx, timeout)
}
func (m *semaphore) release(ctx context.Context) error { return m.Release(ctx) }
func (m *semaphore) locked(ctx context.Context) (bool, error) {
	n, err := m.Value(ctx)
	return n == 0, err
}

func (m *semaphore) subject() subject {
	return subject{why: trace.ForSemaphore, what: m.name, of: m.Semaphore}
}

func (m *semaphore) Pack() (luabind.Parcel, error) {
	files, err := scarce.Retry(nil, m.Files)
	return luabind.Parcel{Kind: m.name, Files: files}, err
}

func (lib *sharing) openLocks(L *lua.LState, module *lua.LTable) {
	type opener struct {
		make func() (*ipc.Lock, error)
		open func([]*os.File) (*ipc.Lock, error)
	}
	for name, o := range map[string]opener{
		"Lock":  {ipc.NewLock, ipc.OpenLock},
		"RLock": {ipc.NewRLock, ipc.OpenRLock},
	} {
		methods := lib.turns(func(L *lua.LState) locker { return check[*lock](L, 1, name) })
		acquire, release := methods["acquire"], methods["release"]
		// Most of the time the lock is free.
		methods["acquire"] = func(L *lua.LState) int {
			if l, ok := arg.Value(L, 1).(*lock); ok && L.GetTop() == 1 && l.shared().TryAcquire() {
				if lib.seen != nil {
					lib.seen.acquired(l.name, l.own)
				}
				L.Push(lua.LTrue)
				return 1
			}
			return acquire(L)
		}
		methods["release"] = func(L *lua.LState) int {
			if l, ok := arg.Value(L, 1).(*lock); ok && lib.seen == nil && l.shared().TryRelease() {
				return 0
			}
			return release(L)
		}
		lib.newType(L, name, methods)
		glua.SetNamed(module, name, L.NewFunction(func(L *lua.LState) int {
			l, err := scarce.Retry(L, o.make)
			lib.fail(L, err)
			lib.push(L, lib.newLock(name, l))
			return 1
		}))
		lib.unpacker(name, func(p luabind.Parcel) (sharedObject, error) {
			l, err := o.open(p.Files)
			if err != nil {
				return nil, err
			}
			return lib.newLock(name, l), nil
		})
	}
	lib.engine.RegisterUnpacker(kindArrayLock, func(ud *lua.LUserData, p luabind.Parcel) error {
		of, _ := p.Value.(*lua.LUserData)
		if of == nil {
			return ipc.ErrBad
		}
		ud.Value = &lock{lib: lib, name: "RLock", of: of}
		return nil
	})

	for name, bounded := range map[string]bool{"Semaphore": false, "BoundedSemaphore": true} {
		methods := lib.turns(func(L *lua.LState) locker { return check[*semaphore](L, 1, name) })
		methods["get_value"] = func(L *lua.LState) int {
			n, err := check[*semaphore](L, 1, name).Value(lib.engine.Context())
			lib.fail(L, err)
			L.Push(lua.LNumber(n))
			return 1
		}
		lib.newType(L, name, methods)
		glua.SetNamed(module, name, L.NewFunction(func(L *lua.LState) int {
			n := uint32(optCount(L, 1, 1, 0))
			m, err := scarce.Retry(L, func() (*ipc.Semaphore, error) { return ipc.NewSemaphore(n, bounded) })
			lib.fail(L, err)
			lib.push(L, lib.newSemaphore(name, m))
			return 1
		}))
		lib.unpacker(name, func(p luabind.Parcel) (sharedObject, error) {
			m, err := ipc.OpenSemaphore(p.Files)
			if err != nil {
				return nil, err
			}
			return lib.newSemaphore(name, m), nil
		})
	}
}

func (lib *sharing) newLock(name string, own *ipc.Lock) *lock {
	l := &lock{lib: lib, name: name, own: own}
	keep(lib, l, own)
	return l
}

func (lib *sharing) newSemaphore(name string, own *ipc.Semaphore) *semaphore {
	m := &semaphore{own, name}
	keep(lib, m, own)
	return m
}

// turns are the methods of a type that can be acquired.
func (lib *sharing) turns(self func(*lua.LState) locker) functions {
	return functions{
		"acquire": func(L *lua.LState) int { return lib.acquire(L, self(L)) },
		"release": func(L *lua.LState) int {
			lib.fail(L, lib.release(lib.engine.Context(), self(L)))
			return 0
		},
		"locked": func(L *lua.LState) int {
			locked, err := self(L).locked(lib.engine.Context())
			lib.fail(L, err)
			L.Push(lua.LBool(locked))
			return 1
		},
		"hold": func(L *lua.LState) int { return lib.hold(L, self(L)) },
	}
}

// acquire is acquire([block [, timeout]]).
func (lib *sharing) acquire(L *lua.LState, l locker) int {
	var timeout time.Duration = ipc.Forever
	if L.GetTop() > 1 {
		if timeout = optTimeout(L, 3); L.Get(2) != lua.LNil && !lua.LVAsBool(L.Get(2)) {
			timeout = 0
		}
	}
	how := ipc.NotAcquired
	_, err := lib.attended(timeout, l.subject(), func(ctx context.Context, timeout time.Duration) (_ bool, err error) {
		how, err = l.acquire(ctx, timeout)
		return how != ipc.NotAcquired, err
	})
	if err != nil {
		lib.fail(L, err)
	}
	if lib.seen != nil && how != ipc.NotAcquired {
		lib.seen.acquired(l.subject().what, l.subject().of)
	}
	L.Push(lua.LBool(how != ipc.NotAcquired))
	if how == ipc.Abandoned {
		L.Push(lua.LString("abandoned"))
		return 2
	}
	return 1
}

// release releases l.
func (lib *sharing) release(ctx context.Context, l locker) error {
	if lib.seen == nil {
		return l.release(ctx)
	}
	when := lib.seen.now()
	err := l.release(ctx)
	if err == nil {
		lib.seen.released(when, l.subject().what, l.subject().of)
	}
	return err
}

// hold is hold(f, ...).
func (lib *sharing) hold(L *lua.LState, l locker) int {
	f := L.Get(2)
	if !arg.IsCallable(L, f) {
		arg.TypeError(L, 2, "function")
	}
	_, err := lib.attended(ipc.Forever, l.subject(), func(ctx context.Context, timeout time.Duration) (bool, error) {
		how, err := l.acquire(ctx, timeout)
		return how != ipc.NotAcquired, err
	})
	lib.fail(L, err)
	if lib.seen != nil {
		lib.seen.acquired(l.subject().what, l.subject().of)
	}
	held := true
	defer func() {
		if held { // f has raised an error, or ended the script
			lib.release(context.WithoutCancel(lib.engine.Context()), l)
		}
	}()
	top := L.GetTop()
	L.Push(f)
	for i := 3; i <= top; i++ {
		L.Push(L.Get(i))
	}
	glua.Call(L, top-2, lua.MultRet)
	held = false
	lib.fail(L, lib.release(lib.engine.Context(), l))
	return L.GetTop() - top
}
