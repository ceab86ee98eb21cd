package vm

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/numeral"
)

// maxString is the most bytes that one string has.
const maxString = 1 << 30

// concat is the operator "..", of the registers from first to last: gopher-lua writes
// numbers as Go does.
func (o *operation) concat(first, last int) {
	L := o.L
	values := make([]lua.LValue, 0, 8) // which is room enough for most
	for i := first; i <= last; i++ {
		values = append(values, o.register(i))
	}
	// From right to left, as many as can be joined, else two by a metamethod.
	for len(values) > 1 {
		if n := joinable(values); n > 1 {
			rest := values[:len(values)-n]
			values = append(rest, o.join(values[len(rest):]))
			continue
		}
		left, right := values[len(values)-2], values[len(values)-1]
		handler := glua.Metamethod(L, left, "__concat")
		if handler == lua.LNil {
			handler = glua.Metamethod(L, right, "__concat")
		}
		if handler == lua.LNil {
			wrong, operand := left, first+len(values)-2
			if joinable([]lua.LValue{left}) == 1 {
				wrong, operand = right, operand+1
			}
			typeError(L, "concatenate", wrong, operand)
		}
		values = append(values[:len(values)-2], callHandler(L, handler, left, right))
	}
	o.set(glua.A(o.inst), values[0])
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
func (o *operation) join(values []lua.LValue) lua.LString {
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
		throw(o.L, "string length overflow")
	}
	joined := &o.c.Methods().Joined
	if first, ok := values[0].(lua.LString); ok {
		if b := joined.Bytes(string(first)); b != nil {
			return lua.LString(joined.String(appendAll(b, values[1:])))
		}
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
	joined.Made(b.String())
	return lua.LString(b.String())
}

// appendAll appends strings and numbers to b.
func appendAll(b []byte, values []lua.LValue) []byte {
	for _, v := range values {
		switch v := v.(type) {
		case lua.LString:
			b = append(b, v...)
		case lua.LNumber:
			b = numeral.Append(b, float64(v))
		}
	}
	return b
}
