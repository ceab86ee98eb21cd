package glua

import lua "github.com/yuin/gopher-lua"

// What Go code of the house does with tables, without metamethods.

// Named returns the field of t with that name, or lua.LNil.
func Named(t *lua.LTable, name string) lua.LValue { return t.RawGetString(name) }

// SetNamed is t[name] = v.
func SetNamed(t *lua.LTable, name string, v lua.LValue) { t.RawSetString(name, v) }

// Item returns t[n].
func Item(t *lua.LTable, n int) lua.LValue { return InsideTable(t).Item(n) }

// SetItem is t[n] = v.
func SetItem(t *lua.LTable, n int, v lua.LValue) { InsideTable(t).SetItem(n, v) }

// Append adds an item behind the last one.
func Append(t *lua.LTable, v lua.LValue) { t.Append(v) }

// Len returns a border of t.
func Len(t *lua.LTable) int { return t.Len() }

// MaxN returns the largest n with t[n] among the items that stand in one piece.
func MaxN(t *lua.LTable) int { return t.MaxN() }

// ForEach calls f with each key and value.
func ForEach(t *lua.LTable, f func(k, v lua.LValue)) { t.ForEach(f) }

// Next is Lua's next for a key that is in the table, or lua.LNil.
func Next(t *lua.LTable, key lua.LValue) (k, v lua.LValue) {
	k, v, _ = InsideTable(t).Next(key)
	return k, v
}

// SetFuncs enters functions into t.
func SetFuncs(L *lua.LState, t *lua.LTable, functions map[string]lua.LGFunction) *lua.LTable {
	return L.SetFuncs(t, functions)
}
