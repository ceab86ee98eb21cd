package glua

import lua "github.com/yuin/gopher-lua"

// NewFunctions returns a table of functions, with room for more fields. One that grows
// while it is filled leaves several of its maps behind, and of a library each engine
// pays for that, in touched memory above all.
func NewFunctions(L *lua.LState, functions map[string]lua.LGFunction, more int) *lua.LTable {
	return SetFuncs(L, NewTable(0, len(functions)+more), functions)
}

// NewLibrary is NewFunctions for a library: the global of that name, and what require
// returns for it, in the place of any other.
func NewLibrary(L *lua.LState, name string, functions map[string]lua.LGFunction, more int) *lua.LTable {
	t := NewFunctions(L, functions, more)
	SetNamed(L.G.Global, name, t)
	SetNamed(Loaded(L), name, t)
	return t
}

// Loaded returns the table of require in L, which the registry holds.
func Loaded(L *lua.LState) *lua.LTable {
	return Named(L.G.Registry, "_LOADED").(*lua.LTable)
}
