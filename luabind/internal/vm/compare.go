package vm

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

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
	return handler != lua.LNil && lua.LVAsBool(callHandler(L, handler, x, y))
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
			return lua.LVAsBool(callHandler(L, handler, x, y))
		}
	}
	compareError(L, x, y)
	return false
}

// lessOrEqual is x <= y.
func lessOrEqual(L *lua.LState, x, y lua.LValue) bool {
	switch a := x.(type) {
	case lua.LNumber:
		if b, ok := y.(lua.LNumber); ok {
			return a <= b
		}
	case lua.LString:
		if b, ok := y.(lua.LString); ok {
			return a <= b
		}
	}
	if x.Type() == y.Type() {
		if handler := common(L, x, y, "__le"); handler != lua.LNil {
			return lua.LVAsBool(callHandler(L, handler, x, y))
		}
		if handler := common(L, y, x, "__lt"); handler != lua.LNil {
			return !lua.LVAsBool(callHandler(L, handler, y, x))
		}
	}
	compareError(L, x, y)
	return false
}

// common returns the metamethod for a comparison, which both must have.
func common(L *lua.LState, x, y lua.LValue, event string) lua.LValue {
	handler := glua.Metamethod(L, x, event)
	if handler == lua.LNil || handler != glua.Metamethod(L, y, event) {
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
