package socket

import (
	_ "embed"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
)

// The sources and sinks of LuaSocket, and what makes them, are Lua functions, so that they
// can travel. They are compiled when the first of them is asked for: most processes never do.

//go:embed lua/parts.lua
var partsSource string

// openParts lets the fields of t that parts.lua sets be there when they are asked for.
func (lib *library) openParts(L *lua.LState, t *lua.LTable) {
	mt := glua.NewTable(0, 1)
	glua.SetNamed(mt, "__index", L.NewFunction(func(L *lua.LState) int {
		switch L.Get(2) {
		case lua.LString("sink"), lua.LString("source"), lua.LString("sinkt"), lua.LString("sourcet"), lua.LString("choose"):
		default:
			return 0
		}
		t.Metatable = lua.LNil
		f, err := lib.engine.Load("socket", partsSource)
		if err != nil {
			arg.Raise(L, "%s", err) // a bug of ours
		}
		key := L.Get(2)
		L.Push(f)
		L.Push(t)
		glua.Call(L, 1, 0)
		L.Push(glua.Get(t, key))
		return 1
	}))
	t.Metatable = mt
}

// Core is what require "socket.core" returns, on which LuaSocket's own files stand: the table
// of the module "socket".
var Core = luabind.Module{Name: "socket.core", Open: func(h *luabind.Host) (lua.LValue, error) { return h.Open(Module) }, OnDemand: true, Manual: coreManual}

//go:embed stub_core.lua
var coreManual string
