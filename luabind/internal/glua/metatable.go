package glua

import lua "github.com/yuin/gopher-lua"

// Metatable returns the metatable of v, or lua.LNil. No __metatable hides it.
func Metatable(L *lua.LState, v lua.LValue) lua.LValue {
	switch v := v.(type) {
	case *lua.LTable:
		return v.Metatable
	case *lua.LUserData:
		return v.Metatable
	}
	if t := Inside(L).G.BuiltinMts[int(v.Type())]; t != nil {
		return t
	}
	return lua.LNil
}

// SetMetatable sets the metatable of v, a table or lua.LNil. All values of a type that is
// neither table nor userdata have one.
func SetMetatable(L *lua.LState, v, metatable lua.LValue) {
	switch v := v.(type) {
	case *lua.LTable:
		if !InsideTable(v).IsOwn() {
			Turn(metatable)
		}
	default:
		Inside(L).Shown(metatable)
	}
	L.SetMetatable(v, metatable)
}

// Metamethod returns that of v for event, or lua.LNil.
func Metamethod(L *lua.LState, v lua.LValue, event string) lua.LValue {
	if t, ok := Metatable(L, v).(*lua.LTable); ok {
		return Named(t, event)
	}
	return lua.LNil
}

// Handler returns the metamethod of v for an event, a Key, or nil.
func (s *State) Handler(v, event *Value) *Value {
	switch {
	case v.IsTable():
		return handlerOf(v.LTable().Metatable, event)
	case v.IsUserData():
		return handlerOf(v.UserData().Metatable, event)
	}
	return handlerOf(s.G.BuiltinMts[int(v.Type())], event)
}

// handlerOf returns what a metatable, if it is one, has for a Key, or nil.
func handlerOf(metatable lua.LValue, k *Value) *Value {
	if t, ok := metatable.(*lua.LTable); ok {
		if v := InsideTable(t).Named(k); v != nil && !v.IsNil() {
			return v
		}
	}
	return nil
}
