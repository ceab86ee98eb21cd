package glua

import (
	"math"

	lua "github.com/yuin/gopher-lua"
)

// What Go code does with tables in values of gopher-lua, without metamethods.

// Get returns t[key].
func Get(t *lua.LTable, key lua.LValue) lua.LValue {
	k := ValueOf(key)
	v := InsideTable(t).Get(&k)
	return v.LValue(nil)
}

// Set is t[key] = v, for a key that is neither nil nor NaN.
func Set(t *lua.LTable, key, v lua.LValue) {
	k, w := ValueOf(key), ValueOf(v)
	InsideTable(t).Set(&k, &w)
}

// Named returns the field of t with that name, or lua.LNil.
func Named(t *lua.LTable, name string) lua.LValue {
	in := InsideTable(t)
	if !in.IsOwn() {
		return in.foreign().get(lua.LString(name))
	}
	if n := in.nodeOfString(name, in.placeOf(hashString(name))); n != nil {
		return n.value.LValue(nil)
	}
	return lua.LNil
}

// SetNamed is t[name] = v, for the names that stand in a program.
func SetNamed(t *lua.LTable, name string, v lua.LValue) {
	in, w := InsideTable(t), ValueOf(v)
	k := KeyOf(name).Value()
	in.setNamed(&k, in.Named(&k), &w)
}

// Item returns t[n].
func Item(t *lua.LTable, n int) lua.LValue {
	v := InsideTable(t).Item(n)
	return v.LValue(nil)
}

// SetItem is t[n] = v.
func SetItem(t *lua.LTable, n int, v lua.LValue) {
	w := ValueOf(v)
	InsideTable(t).SetItem(n, &w)
}

// SetItems lets values be t[1] and those behind it, in a table that has none.
func SetItems(t *lua.LTable, values []lua.LValue) {
	list := make([]Value, len(values))
	for i, v := range values {
		list[i] = ValueOf(v)
	}
	InsideTable(t).SetList(1, list)
}

// Append adds an item behind the last one.
func Append(t *lua.LTable, v lua.LValue) { SetItem(t, Len(t)+1, v) }

// Len returns a border of t.
func Len(t *lua.LTable) int { return InsideTable(t).Len() }

// MaxN returns the largest positive number that is a key of t, or 0.
func MaxN(t *lua.LTable) float64 {
	most := 0.0
	for k := range InsideTable(t).All() {
		if k.IsNumber() {
			most = math.Max(most, k.Float())
		}
	}
	return most
}

// ForEach calls f with each key and value.
func ForEach(t *lua.LTable, f func(k, v lua.LValue)) {
	for k, v := range Pairs(t) {
		f(k, v)
	}
}

// Next is Lua's next for a key that is in the table, or lua.LNil.
func Next(t *lua.LTable, key lua.LValue) (k, v lua.LValue) {
	from := ValueOf(key)
	next, value, _ := InsideTable(t).Next(&from)
	return next.LValue(nil), value.LValue(nil)
}

// SetFuncs enters functions into t.
func SetFuncs(L *lua.LState, t *lua.LTable, functions map[string]lua.LGFunction) *lua.LTable {
	// Most of them no program ever names: they get no Key, which would take as much memory again.
	for name, f := range functions {
		k, v := TextValue(name), FunctionValue(L.NewFunction(f))
		InsideTable(t).Set(&k, &v)
	}
	return t
}
