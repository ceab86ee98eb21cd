package vm

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// length is the operator "#". Unlike gopher-lua's it asks no __len of a table, as
// in Lua 5.1, and finds a border also where items were stored from the end.
func (o *operation) length(v lua.LValue) {
	to := o.c.Register(o.f, glua.A(o.inst))
	switch v := v.(type) {
	case *lua.LTable:
		to.SetNumber(float64(glua.Len(v)))
	case lua.LString:
		to.SetNumber(float64(len(v)))
	default:
		handler := glua.Metamethod(o.L, v, "__len")
		if handler == lua.LNil {
			typeError(o.L, "get length of", v, glua.B(o.inst))
		}
		o.set(glua.A(o.inst), callHandler(o.L, handler, v, lua.LNil))
	}
}

// callHandler calls a metamethod, which may be any value that can be called.
func callHandler(L *lua.LState, handler, x, y lua.LValue) lua.LValue {
	if !callable(L, handler) {
		throw(L, string(notCallable(handler)))
	}
	if f, ok := handler.(*lua.LFunction); ok {
		return call2(L, f, x, y)
	}
	L.Push(handler)
	L.Push(x)
	L.Push(y)
	glua.Call(L, 2, 1)
	v := L.Get(-1)
	L.Pop(1)
	return v
}

// call2 returns the first result of f(x, y).
func call2(L *lua.LState, f *lua.LFunction, x, y lua.LValue) lua.LValue {
	if f.IsG {
		return glua.Call2(L, f, x, y)
	}
	v := First(L, f, glua.ValueOf(x), glua.ValueOf(y))
	return v.LValue(glua.Inside(L).Reg.Numbers)
}

func isNil(v lua.LValue) bool {
	_, ok := v.(*lua.LNilType)
	return ok
}

// ToString returns what __tostring returns for v, or how v is written.
func ToString(L *lua.LState, v lua.LValue) string {
	if f, ok := glua.Metamethod(L, v, "__tostring").(*lua.LFunction); ok {
		return call2(L, f, v, lua.LNil).String()
	}
	return v.String()
}
