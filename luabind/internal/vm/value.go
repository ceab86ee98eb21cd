package vm

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// length is the operator "#". Unlike gopher-lua's it asks no __len of a table, as
// in Lua 5.1, and finds a border also where items were stored from the end.
func length(L *lua.LState, inst uint32, _ *glua.Frame) int {
	s := glua.Inside(L)
	f := s.Frame()
	to := f.LocalBase + glua.A(inst)
	switch v := s.RK(f, glua.B(inst)).(type) {
	case *lua.LTable:
		s.Reg.SetNumber(to, lua.LNumber(Len(v)))
	case lua.LString:
		s.Reg.SetNumber(to, lua.LNumber(len(v)))
	default:
		handler := metamethod(L, v, "__len")
		if handler == lua.LNil {
			typeError(L, "get length of", v, glua.B(inst))
		}
		s.Reg.Set(to, call(L, handler, v, v))
	}
	return 0
}

// Len returns a border of t: an n with t[n] ~= nil, or 0, and t[n+1] == nil.
func Len(t *lua.LTable) int {
	in := glua.InsideTable(t)
	n := in.Border()
	if n < len(in.List()) || in.Item(n+1) == lua.LNil {
		return n
	}
	present, missing := n+1, 2*(n+1)
	for in.Item(missing) != lua.LNil {
		present, missing = missing, missing*2
	}
	for missing-present > 1 {
		if middle := present + (missing-present)/2; in.Item(middle) == lua.LNil {
			missing = middle
		} else {
			present = middle
		}
	}
	return present
}

// metamethod returns that of v for event, or lua.LNil.
func metamethod(L *lua.LState, v lua.LValue, event string) lua.LValue {
	if t, ok := Metatable(L, v).(*lua.LTable); ok {
		return t.RawGetString(event)
	}
	return lua.LNil
}

// Metatable returns the metatable of v, or lua.LNil. No __metatable hides it.
func Metatable(L *lua.LState, v lua.LValue) lua.LValue {
	switch v := v.(type) {
	case *lua.LTable:
		return v.Metatable
	case *lua.LUserData:
		return v.Metatable
	}
	if t := glua.Inside(L).G.BuiltinMts[int(v.Type())]; t != nil {
		return t
	}
	return lua.LNil
}

// call calls a metamethod, which may be any value that can be called.
func call(L *lua.LState, handler, x, y lua.LValue) lua.LValue {
	if !callable(L, handler) {
		throw(L, string(notCallable(handler)))
	}
	if f, ok := handler.(*lua.LFunction); ok {
		return glua.Call2(L, f, x, y)
	}
	L.Push(handler)
	L.Push(x)
	L.Push(y)
	L.Call(2, 1)
	v := L.Get(-1)
	L.Pop(1)
	return v
}
