package luatest

import (
	"fmt"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/vm"
)

// same compares as eq does. Plain tables nested deeper than 100, cycles among them, differ.
func same(L *lua.LState, got, want lua.LValue, depth int) bool {
	a, aTable := got.(*lua.LTable)
	b, bTable := want.(*lua.LTable)
	if !aTable || !bTable || a == b || depth > 100 || a.Metatable != lua.LNil || b.Metatable != lua.LNil {
		x, xNumber := got.(lua.LNumber)
		y, yNumber := want.(lua.LNumber)
		nan := xNumber && yNumber && math.IsNaN(float64(x)) && math.IsNaN(float64(y))
		return nan || L.RawEqual(got, want)
	}
	missing, equal := 0, true
	b.ForEach(func(k, v lua.LValue) { missing++ })
	a.ForEach(func(k, v lua.LValue) { missing--; equal = equal && same(L, v, vm.Get(b, k), depth+1) })
	return equal && missing == 0
}

// show writes a value for a report: strings quoted, plain tables with what they hold.
func show(v lua.LValue) string {
	if s, ok := v.(lua.LString); ok {
		return fmt.Sprintf("%.2000q", string(s))
	}
	t, ok := v.(*lua.LTable)
	if !ok || t.Metatable != lua.LNil {
		return v.String()
	}
	var items []string
	for k, item := t.Next(lua.LNil); k != lua.LNil; k, item = t.Next(k) {
		items = append(items, fmt.Sprintf("[%s] = %.200q", k, item.String()))
	}
	return "{" + strings.Join(items, ", ") + "}"
}

// note is what a script says of a check in argument n, if anything.
func note(L *lua.LState, n int) string {
	if n > L.GetTop() {
		return ""
	}
	return L.Get(n).String()
}
