package luabind

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/vm"
)

// module is module(name [, ...]), after the reference manual, 5.3: it makes a
// table, a global and what require returns, and the environment of its caller.
func module(L *lua.LState) int {
	name := arg.String(L, 1)
	loaded := glua.Loaded(L)
	t, ok := glua.Named(loaded, name).(*lua.LTable)
	if !ok {
		if t = moduleTable(L, name); t == nil {
			arg.Raise(L, "name conflict for module '%s'", name)
		}
		glua.Set(loaded, lua.LString(name), t)
	}
	if vm.Field(L, t, "_NAME") == lua.LNil {
		vm.SetField(L, t, "_M", t)
		vm.SetField(L, t, "_NAME", lua.LString(name))
		vm.SetField(L, t, "_PACKAGE", lua.LString(name[:strings.LastIndexByte(name, '.')+1]))
	}
	caller, ok := glua.LevelAt(L, 1)
	if !ok || caller.Frame == nil || caller.Fn.IsG {
		arg.Raise(L, "'module' not called from a Lua function")
	}
	caller.Fn.Env = t
	for i := 2; i <= L.GetTop(); i++ {
		arg.Callable(L, L.Get(i))
		L.Push(L.Get(i))
		L.Push(t)
		glua.Call(L, 1, 0)
	}
	return 0
}

// moduleTable returns the table under a dotted name in the globals, and makes
// those on the way that aren't there. It is nil where something else is.
func moduleTable(L *lua.LState, name string) *lua.LTable {
	t := L.Env
	pace := arg.Pace{L: L}
	for field := range strings.SplitSeq(name, ".") {
		pace.Go(256)
		v := glua.Named(t, field)
		if v == lua.LNil {
			next := glua.NewTable(0, 0)
			vm.SetField(L, t, field, next)
			t = next
			continue
		}
		next, ok := v.(*lua.LTable)
		if !ok {
			return nil
		}
		t = next
	}
	return t
}

// seeAll is package.seeall(module).
func seeAll(L *lua.LState) int {
	t := arg.Table(L, 1)
	metatable, ok := t.Metatable.(*lua.LTable)
	if !ok {
		metatable = glua.NewTable(0, 0)
		glua.SetMetatable(L, t, metatable)
	}
	vm.SetField(L, metatable, "__index", L.Env)
	return 0
}
