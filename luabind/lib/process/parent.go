package process

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/vm"
)

// newParent makes what parent_process() returns: a table with name and pid,
// and the methods is_alive and join.
func (lib *library) newParent(name lua.LString, pid int) *lua.LTable {
	L := lib.engine.State()
	parent := vm.NewTable(0, 2)
	parent.RawSetString("name", name)
	parent.RawSetString("pid", lua.LNumber(pid))
	parent.Metatable = L.G.Registry.RawGetString(registryKey + ".parent")
	return parent
}

// parentMethods is kept in the registry, which gives the methods a name: a
// parent's table may be among what goes to a child.
func (lib *library) parentMethods(L *lua.LState) *lua.LTable {
	check := func(L *lua.LState, verb string) {
		if L.CheckTable(1) != lib.parent {
			L.RaiseError("can only %s the parent process", verb)
		}
	}
	methods := vm.NewFunctions(L, map[string]lua.LGFunction{
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
			lib.await(L, child.ParentGone(), optTimeout(L, 2))
			return 0
		},
	}, 1)
	methods.RawSetString("__index", methods)
	return methods
}
