package baselib

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
)

// newproxy is newproxy([boolean or proxy]): a userdata without a metatable, with
// a new one, or with that of another proxy. No other userdata is without a value.
func newproxy(L *lua.LState) int {
	ud := &lua.LUserData{Env: L.Env, Metatable: lua.LNil}
	switch v := L.Get(1).(type) {
	case *lua.LNilType:
	case lua.LBool:
		if v {
			ud.Metatable = glua.NewTable(0, 0)
		}
	case *lua.LUserData:
		if v.Value != nil || v.Metatable == lua.LNil {
			notProxy(L)
		}
		ud.Metatable = v.Metatable
	default:
		notProxy(L)
	}
	L.Push(ud)
	return 1
}

func notProxy(L *lua.LState) { arg.Error(L, 1, "boolean or proxy expected") }
