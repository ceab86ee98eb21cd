package vm

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/numeral"
)

// gopher-lua's arithmetic takes "010" for octal, loses the sign of zero, gives
// 5 % math.huge as 5, calls no metamethod that isn't a function itself, and
// words errors otherwise.

func add(L *lua.LState, inst uint32, _ *glua.Frame) int {
	s := glua.Inside(L)
	f := s.Frame()
	x, y := s.RK(f, glua.B(inst)), s.RK(f, glua.C(inst))
	if a, ok := x.(lua.LNumber); ok {
		if b, ok := y.(lua.LNumber); ok {
			s.Reg.SetNumber(f.LocalBase+glua.A(inst), a+b)
			return 0
		}
	}
	return arithmetic(L, inst, x, y)
}

func sub(L *lua.LState, inst uint32, _ *glua.Frame) int {
	s := glua.Inside(L)
	f := s.Frame()
	x, y := s.RK(f, glua.B(inst)), s.RK(f, glua.C(inst))
	if a, ok := x.(lua.LNumber); ok {
		if b, ok := y.(lua.LNumber); ok {
			s.Reg.SetNumber(f.LocalBase+glua.A(inst), a-b)
			return 0
		}
	}
	return arithmetic(L, inst, x, y)
}

func mul(L *lua.LState, inst uint32, _ *glua.Frame) int {
	s := glua.Inside(L)
	f := s.Frame()
	x, y := s.RK(f, glua.B(inst)), s.RK(f, glua.C(inst))
	if a, ok := x.(lua.LNumber); ok {
		if b, ok := y.(lua.LNumber); ok {
			s.Reg.SetNumber(f.LocalBase+glua.A(inst), a*b)
			return 0
		}
	}
	return arithmetic(L, inst, x, y)
}

func div(L *lua.LState, inst uint32, _ *glua.Frame) int {
	s := glua.Inside(L)
	f := s.Frame()
	x, y := s.RK(f, glua.B(inst)), s.RK(f, glua.C(inst))
	if a, ok := x.(lua.LNumber); ok {
		if b, ok := y.(lua.LNumber); ok {
			s.Reg.SetNumber(f.LocalBase+glua.A(inst), a/b)
			return 0
		}
	}
	return arithmetic(L, inst, x, y)
}

func mod(L *lua.LState, inst uint32, _ *glua.Frame) int {
	s := glua.Inside(L)
	f := s.Frame()
	x, y := s.RK(f, glua.B(inst)), s.RK(f, glua.C(inst))
	if a, ok := x.(lua.LNumber); ok {
		if b, ok := y.(lua.LNumber); ok {
			s.Reg.SetNumber(f.LocalBase+glua.A(inst), numeral.Modulo(a, b))
			return 0
		}
	}
	return arithmetic(L, inst, x, y)
}

func pow(L *lua.LState, inst uint32, _ *glua.Frame) int {
	s := glua.Inside(L)
	f := s.Frame()
	return arithmetic(L, inst, s.RK(f, glua.B(inst)), s.RK(f, glua.C(inst)))
}

func unm(L *lua.LState, inst uint32, _ *glua.Frame) int {
	s := glua.Inside(L)
	f := s.Frame()
	x := s.RK(f, glua.B(inst))
	return arithmetic(L, inst, x, x)
}

// arithmetic is the operation of inst on any two values.
func arithmetic(L *lua.LState, inst uint32, x, y lua.LValue) int {
	a, okA := toNumber(L, x)
	b, okB := toNumber(L, y)
	s := glua.Inside(L)
	to := s.Frame().LocalBase + glua.A(inst)
	if okA && okB {
		s.Reg.SetNumber(to, numeral.Operate(glua.Opcode(inst), a, b))
		return 0
	}
	event := events[glua.Opcode(inst)]
	handler := metamethod(L, x, event)
	if handler == lua.LNil {
		handler = metamethod(L, y, event)
	}
	if handler == lua.LNil {
		wrong, operand := x, glua.B(inst)
		if okA {
			wrong, operand = y, glua.C(inst)
		}
		typeError(L, "perform arithmetic on", wrong, operand)
	}
	result := call(L, handler, x, y)
	s.Reg.Set(to, result)
	return 0
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

// prepareFor is the start of a numeric for.
func prepareFor(L *lua.LState, inst uint32, _ *glua.Frame) int {
	s := glua.Inside(L)
	f := s.Frame()
	at := f.LocalBase + glua.A(inst)
	var values [3]lua.LNumber
	for i, what := range [...]string{"initial value", "limit", "step"} {
		v := s.Reg.Values()[at+i]
		n, ok := toNumber(L, v)
		if !ok {
			throw(L, "'for' "+what+" must be a number")
		}
		values[i] = n
		if v.Type() == lua.LTString {
			s.Reg.SetNumber(at+i, n)
		}
	}
	s.Reg.SetNumber(at, values[0]-values[2])
	f.Pc += glua.SBx(inst)
	return 0
}
