package vm

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/numeral"
)

// gopher-lua's arithmetic takes "010" for octal, loses the sign of zero, gives
// 5 % math.huge as 5, calls no metamethod that isn't a function itself, and
// words errors otherwise.

// arithmetic is the operation of the instruction on any two values.
func (o *operation) arithmetic(x, y lua.LValue) {
	L, inst := o.L, o.inst
	a, okA := toNumber(L, x)
	b, okB := toNumber(L, y)
	if okA && okB {
		*o.c.Register(o.f, glua.A(inst)) = glua.NumberValue(float64(numeral.Operate(glua.Opcode(inst), a, b)))
		return
	}
	event := events[glua.Opcode(inst)]
	handler := glua.Metamethod(L, x, event)
	if handler == lua.LNil {
		handler = glua.Metamethod(L, y, event)
	}
	if handler == lua.LNil {
		wrong, operand := x, glua.B(inst)
		if okA {
			wrong, operand = y, glua.C(inst)
		}
		typeError(L, "perform arithmetic on", wrong, operand)
	}
	o.set(glua.A(inst), callHandler(L, handler, x, y))
}

var events = [...]string{
	lua.OP_ADD: "__add", lua.OP_SUB: "__sub", lua.OP_MUL: "__mul", lua.OP_DIV: "__div",
	lua.OP_MOD: "__mod", lua.OP_POW: "__pow", lua.OP_UNM: "__unm",
}

// toNumber converts a number, or a string that reads as one.
func toNumber(L *lua.LState, v lua.LValue) (lua.LNumber, bool) {
	switch v := v.(type) {
	case lua.LNumber:
		return v, true
	case lua.LString:
		return glua.Number(L, string(v), numeral.Parse)
	}
	return 0, false
}

// modulo is x % y, where that is quick for whole numbers.
func modulo(x, y float64) float64 {
	if x >= 0 && y > 0 && x < 1<<53 && y < 1<<53 {
		if i, j := int64(x), int64(y); float64(i) == x && float64(j) == y {
			return float64(i % j)
		}
	}
	if x != x {
		return x
	}
	return float64(numeral.Modulo(lua.LNumber(x), lua.LNumber(y)))
}
