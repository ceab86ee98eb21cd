package luastring

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/luaarg"
	"luaspawn/luabind/internal/luanumber"
)

// gopher-lua's VM converts the strings in arithmetic itself, and reads "010" as
// octal, "1_0" as 10 and "0x1.8" as no number. It asks for a metamethod first,
// though, so the metatable of strings has one for each operation. Without a
// string nothing here runs. They can go when upstream's parseNumber is strtod.

var arithmetic = map[string]func(a, b float64) float64{
	"__add": func(a, b float64) float64 { return a + b },
	"__sub": func(a, b float64) float64 { return a - b },
	"__mul": func(a, b float64) float64 { return a * b },
	"__div": func(a, b float64) float64 { return a / b },
	"__mod": func(a, b float64) float64 { return a - float64(math.Floor(a/b)*b) }, // two roundings, as in C
	"__pow": math.Pow,
	"__unm": func(a, _ float64) float64 { return -a },
}

// metamethod does what Lua does where an operand is a string: it converts both,
// and if one isn't a number, it calls the metamethod of the other.
func metamethod(event string, operate func(a, b float64) float64) lua.LGFunction {
	return func(L *lua.LState) int {
		a, b := L.Get(1), L.Get(2)
		if event == "__unm" {
			b = a
		}
		x, aIsNumber := convert(a)
		y, bIsNumber := convert(b)
		if aIsNumber && bIsNumber {
			L.Push(lua.LNumber(operate(x, y)))
			return 1
		}
		for _, v := range [...]lua.LValue{a, b} {
			if v.Type() == lua.LTString {
				continue
			}
			if f := L.GetMetaField(v, event); f != lua.LNil {
				L.Push(f)
				L.Push(a)
				L.Push(b)
				L.Call(2, 1)
				return 1
			}
		}
		wrong := a
		if aIsNumber {
			wrong = b
		}
		luaarg.Raise(L, "attempt to perform arithmetic on a %s value", wrong.Type())
		return 0
	}
}

func convert(v lua.LValue) (f float64, ok bool) {
	switch v := v.(type) {
	case lua.LNumber:
		return float64(v), true
	case lua.LString:
		n, ok := luanumber.Parse(string(v))
		return float64(n), ok
	}
	return 0, false
}
