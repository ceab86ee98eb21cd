package vm

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/numeral"
)

// maxString is the most bytes that one string has.
const maxString = 1 << 30

// concat is the operator "..": gopher-lua writes numbers as Go does.
func concat(L *lua.LState, inst uint32, _ *glua.Frame) int {
	s := glua.Inside(L)
	f := s.Frame()
	to, from, last := f.LocalBase+glua.A(inst), f.LocalBase+glua.B(inst), f.LocalBase+glua.C(inst)
	values := s.Reg.Values()[from : last+1]
	if len(values) == 2 {
		if a, ok := values[0].(lua.LString); ok {
			if b, ok := values[1].(lua.LString); ok && len(a)+len(b) <= maxString {
				s.Reg.Set(to, a+b)
				return 0
			}
		}
	}
	n := joinable(values)
	if n == len(values) {
		s.Reg.Set(to, join(L, values))
		return 0
	}
	// From right to left, as many as can be joined, else two by a metamethod.
	// The registers move when a metamethod needs more of them.
	right := values[len(values)-1]
	for i := len(values) - 2; i >= 0; {
		left := s.Reg.Values()[from+i]
		if joinable([]lua.LValue{left, right}) == 2 {
			rest := append([]lua.LValue(nil), s.Reg.Values()[from:from+i+1]...)
			n := joinable(rest)
			right = join(L, append(rest[len(rest)-n:], right))
			i -= n
			continue
		}
		handler := metamethod(L, left, "__concat")
		if handler == lua.LNil {
			handler = metamethod(L, right, "__concat")
		}
		if handler == lua.LNil {
			wrong, operand := left, glua.B(inst)+i
			if joinable([]lua.LValue{left}) == 1 {
				wrong, operand = right, glua.B(inst)+i+1
			}
			typeError(L, "concatenate", wrong, operand)
		}
		right = call(L, handler, left, right)
		i--
	}
	s.Reg.Set(to, right)
	return 0
}

// joinable returns how many of the last values are strings or numbers.
func joinable(values []lua.LValue) int {
	for i := len(values) - 1; i >= 0; i-- {
		switch values[i].(type) {
		case lua.LString, lua.LNumber:
		default:
			return len(values) - 1 - i
		}
	}
	return len(values)
}

// join joins strings and numbers.
func join(L *lua.LState, values []lua.LValue) lua.LString {
	const number = 24 // the most bytes that one takes
	size := 0
	for _, v := range values {
		if s, ok := v.(lua.LString); ok {
			size += len(s)
		} else {
			size += number
		}
	}
	if size > maxString {
		throw(L, "string length overflow")
	}
	var b strings.Builder // unlike make it doesn't clear what is written anyway
	b.Grow(size)
	for _, v := range values {
		switch v := v.(type) {
		case lua.LString:
			b.WriteString(string(v))
		case lua.LNumber:
			var digits [number]byte
			b.Write(numeral.Append(digits[:0], float64(v)))
		}
	}
	return lua.LString(b.String())
}
