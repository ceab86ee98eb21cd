package luabind

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// RawGet returns t[key], as rawget does in Lua; lua.LNil: there is none.
func RawGet(t *lua.LTable, key lua.LValue) lua.LValue { return glua.Get(t, key) }

// RawSet does t[key] = value, as rawset does in Lua. The key is neither nil nor NaN.
func RawSet(t *lua.LTable, key, value lua.LValue) { glua.Set(t, key, value) }
