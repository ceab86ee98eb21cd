package numeral

import (
	"math"

	lua "github.com/yuin/gopher-lua"
)

// Operate is what an instruction of arithmetic gives.
func Operate(opcode int, a, b lua.LNumber) lua.LNumber {
	switch opcode {
	case lua.OP_ADD:
		return a + b
	case lua.OP_SUB:
		return a - b
	case lua.OP_MUL:
		return a * b
	case lua.OP_DIV:
		return a / b
	case lua.OP_MOD:
		return Modulo(a, b)
	case lua.OP_POW:
		if b == 2 {
			return a * a
		}
		result := lua.LNumber(math.Pow(float64(a), float64(b)))
		if result != result { // NaN as it is: Go's has a sign of its own
			result = a + b
			if result == result {
				result = (a - a) / (a - a)
			}
		}
		return result
	default: // OP_UNM
		return -a
	}
}

// Modulo is a - floor(a/b)*b, with the two roundings that it has in C.
func Modulo(a, b lua.LNumber) lua.LNumber {
	if a >= 0 && b > 0 && a <= 1<<53 && b <= 1<<53 {
		if i, j := int64(a), int64(b); lua.LNumber(i) == a && lua.LNumber(j) == b {
			return lua.LNumber(i % j)
		}
	}
	return a - lua.LNumber(lua.LNumber(math.Floor(float64(a/b)))*b) // the conversion rounds
}
