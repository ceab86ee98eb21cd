package vm

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// branch skips the jump after a comparison unless it came out as inst wants it.
func branch(f *glua.Frame, inst uint32, holds bool) int {
	if holds == (glua.A(inst) == 0) {
		f.Pc++
	}
	return 0
}

func equal(L *lua.LState, inst uint32, _ *glua.Frame) int {
	s := glua.Inside(L)
	f := s.Frame()
	x, y := s.RK(f, glua.B(inst)), s.RK(f, glua.C(inst))
	return branch(f, inst, equals(L, x, y))
}

// equals is x == y.
func equals(L *lua.LState, x, y lua.LValue) bool {
	if a, ok := x.(lua.LNumber); ok {
		b, ok := y.(lua.LNumber)
		return ok && a == b
	}
	if x == y {
		return true
	}
	if t := x.Type(); t != y.Type() || t != lua.LTTable && t != lua.LTUserData {
		return false
	}
	handler := common(L, x, y, "__eq")
	return handler != lua.LNil && lua.LVAsBool(call(L, handler, x, y))
}

func less(L *lua.LState, inst uint32, _ *glua.Frame) int {
	s := glua.Inside(L)
	f := s.Frame()
	x, y := s.RK(f, glua.B(inst)), s.RK(f, glua.C(inst))
	if a, ok := x.(lua.LNumber); ok {
		if b, ok := y.(lua.LNumber); ok {
			return branch(f, inst, a < b)
		}
	}
	return branch(f, inst, Less(L, x, y))
}

// Less is x < y.
func Less(L *lua.LState, x, y lua.LValue) bool {
	switch a := x.(type) {
	case lua.LNumber:
		if b, ok := y.(lua.LNumber); ok {
			return a < b
		}
	case lua.LString:
		if b, ok := y.(lua.LString); ok {
			return a < b
		}
	}
	if x.Type() == y.Type() {
		if handler := common(L, x, y, "__lt"); handler != lua.LNil {
			return lua.LVAsBool(call(L, handler, x, y))
		}
	}
	compareError(L, x, y)
	return false
}

func lessOrEqual(L *lua.LState, inst uint32, _ *glua.Frame) int {
	s := glua.Inside(L)
	f := s.Frame()
	x, y := s.RK(f, glua.B(inst)), s.RK(f, glua.C(inst))
	switch a := x.(type) {
	case lua.LNumber:
		if b, ok := y.(lua.LNumber); ok {
			return branch(f, inst, a <= b)
		}
	case lua.LString:
		if b, ok := y.(lua.LString); ok {
			return branch(f, inst, a <= b)
		}
	}
	if x.Type() == y.Type() {
		if handler := common(L, x, y, "__le"); handler != lua.LNil {
			return branch(f, inst, lua.LVAsBool(call(L, handler, x, y)))
		}
		if handler := common(L, y, x, "__lt"); handler != lua.LNil {
			return branch(f, inst, !lua.LVAsBool(call(L, handler, y, x)))
		}
	}
	compareError(L, x, y)
	return 0
}

// common returns the metamethod for a comparison, which both must have.
func common(L *lua.LState, x, y lua.LValue, event string) lua.LValue {
	handler := metamethod(L, x, event)
	if handler == lua.LNil || handler != metamethod(L, y, event) {
		return lua.LNil
	}
	return handler
}

func compareError(L *lua.LState, x, y lua.LValue) {
	a, b := x.Type().String(), y.Type().String()
	if a == b {
		throw(L, "attempt to compare two "+a+" values")
	}
	throw(L, "attempt to compare "+a+" with "+b)
}
