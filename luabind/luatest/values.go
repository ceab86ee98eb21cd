package luatest

import (
	"fmt"
	"math"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
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
	glua.ForEach(b, func(k, v lua.LValue) { missing++ })
	glua.ForEach(a, func(k, v lua.LValue) { missing--; equal = equal && same(L, v, glua.Get(b, k), depth+1) })
	return equal && missing == 0
}

// show writes a value for a report: strings quoted, plain tables with what they hold.
func show(v lua.LValue) string {
	var b strings.Builder
	write(&b, v, nil)
	return b.String()
}

// longest is how many bytes of a table are shown, more or less.
const longest = 4000

// write is show for a value inside the tables around.
func write(b *strings.Builder, v lua.LValue, around []*lua.LTable) {
	if s, ok := v.(lua.LString); ok {
		fmt.Fprintf(b, "%.2000q", string(s))
		return
	}
	t, ok := v.(*lua.LTable)
	switch {
	case !ok || t.Metatable != lua.LNil:
		b.WriteString(v.String())
		return
	case slices.Contains(around, t) || len(around) > 100:
		b.WriteString("{...}") // it is in itself
		return
	}
	b.WriteString("{")
	separator := ""
	for k, item := glua.Next(t, lua.LNil); k != lua.LNil; k, item = glua.Next(t, k) {
		b.WriteString(separator)
		separator = ", "
		if b.Len() > longest {
			b.WriteString("...")
			break
		}
		b.WriteString("[")
		write(b, k, append(around, t))
		b.WriteString("] = ")
		write(b, item, append(around, t))
	}
	b.WriteString("}")
}

// note is what a script says of a check in argument n, if anything.
func note(L *lua.LState, n int) string {
	if n > L.GetTop() {
		return ""
	}
	return L.Get(n).String()
}
