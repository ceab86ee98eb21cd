package iolib

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/lualib/arg"
)

func checkTable(L *lua.LState, n int) *lua.LTable {
	t, ok := L.Get(n).(*lua.LTable)
	if !ok {
		arg.TypeError(L, n, "table")
	}
	return t
}

// checkOption returns the index of argument n among the options.
func checkOption(L *lua.LState, n int, options ...string) int {
	s := arg.String(L, n)
	for i, o := range options {
		if s == o {
			return i
		}
	}
	arg.Error(L, n, "invalid option '"+s+"'")
	return 0
}
