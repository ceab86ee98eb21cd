package luabind

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/vm"
)

// RawGet returns t[key], as rawget does in Lua; lua.LNil: there is none.
func RawGet(t *lua.LTable, key lua.LValue) lua.LValue { return vm.Get(t, key) }

// RawSet does t[key] = value, as rawset does in Lua. The key is neither nil nor NaN.
func RawSet(t *lua.LTable, key, value lua.LValue) { vm.Set(t, key, value) }
