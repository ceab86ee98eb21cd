package multiprocessing

import (
	"context"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/lib/multiprocessing/internal/trace"
)

// parentKey is the name of the metatable of what parent_process() returns, as in the stub.
const parentKey = "multiprocessing.Parent"

// newParent makes what parent_process() returns: a table with name, pid and
// sentinel, and the methods is_alive and join.
func (lib *library) newParent(name lua.LString, pid int) *lua.LTable {
	L := inside.State(lib.engine)
	lib.parentIs = subject{why: trace.ForProcess, what: string(name), pid: pid}
	parent := glua.NewTable(0, 3)
	glua.SetNamed(parent, "name", name)
	glua.SetNamed(parent, "pid", lua.LNumber(pid))
	lib.lastSentinel++
	lib.parentSentinel = lib.lastSentinel
	glua.SetNamed(parent, "sentinel", lua.LNumber(lib.parentSentinel))
	parent.Metatable = glua.Named(L.G.Registry, parentKey)
	return parent
}

// parentMethods returns the metatable. It is in the registry, by which its methods have names: a
// parent's table may travel to a child.
func (lib *library) parentMethods(L *lua.LState) *lua.LTable {
	check := func(L *lua.LState, verb string) {
		if L.CheckTable(1) != lib.parent {
			L.RaiseError("can only %s the parent process", verb)
		}
	}
	methods := glua.NewFunctions(L, map[string]lua.LGFunction{
		"is_alive": func(L *lua.LState) int {
			check(L, "test")
			select {
			case <-child.ParentGone():
				L.Push(lua.LFalse)
			default:
				L.Push(lua.LTrue)
			}
			return 1
		},
		"join": func(L *lua.LState) int {
			check(L, "join")
			lib.await(L, lib.parentIs, awaited{done: child.ParentGone(), timeout: optTimeout(L, 2)})
			return 0
		},
	}, 1)
	glua.SetNamed(methods, "__index", methods)
	return methods
}

// waitableParent returns v, the parent or its sentinel, as an item for wait, which is ready when the parent
// has ended.
func waitableParent(v lua.LValue) waitable {
	gone := child.ParentGone()
	return waitable{value: v, object: gone, await: func(ctx context.Context) error {
		select {
		case <-gone:
			return nil
		default:
		}
		select {
		case <-gone:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}
}
