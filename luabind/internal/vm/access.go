package vm

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// gopher-lua looks for items in the array of a table only; see glua.Get. So what may
// have a number as its key is read and written here.

// getTable is the expression t[key].
func getTable(L *lua.LState, inst uint32, base *glua.Frame) int {
	s := glua.Inside(L)
	f := s.Frame()
	v, ok := get(L, s.Reg.Values()[f.LocalBase+glua.B(inst)], s.RK(f, glua.C(inst)))
	if !ok {
		return glua.Ops[lua.OP_GETTABLE](L, inst, base) // raises the error
	}
	s.Reg.Set(f.LocalBase+glua.A(inst), v)
	return 0
}

// setTable is the statement t[key] = value.
func setTable(L *lua.LState, inst uint32, base *glua.Frame) int {
	s := glua.Inside(L)
	f := s.Frame()
	if !set(L, s.Reg.Values()[f.LocalBase+glua.A(inst)], s.RK(f, glua.B(inst)), s.RK(f, glua.C(inst))) {
		return glua.Ops[lua.OP_SETTABLE](L, inst, base) // raises the error
	}
	return 0
}

// setList stores a part of the list in a constructor.
func setList(L *lua.LState, inst uint32, _ *glua.Frame) int {
	s := glua.Inside(L)
	f := s.Frame()
	n, part := glua.B(inst), glua.C(inst)
	if part == 0 {
		part = int(f.Fn.Proto.Code[f.Pc])
		f.Pc++
	}
	at := f.LocalBase + glua.A(inst)
	if n == 0 {
		n = s.Reg.Top - at - 1
	}
	t := s.Reg.Values()[at].(*lua.LTable)
	glua.InsideTable(t).SetList(1+(part-1)*glua.ItemsPerFlush, s.Reg.Values()[at+1:at+1+n])
	return 0
}

// GetTable is L.GetTable.
func GetTable(L *lua.LState, v, key lua.LValue) lua.LValue {
	if result, ok := get(L, v, key); ok {
		return result
	}
	return L.GetTable(v, key) // raises the error
}

// SetTable is L.SetTable.
func SetTable(L *lua.LState, v, key, value lua.LValue) {
	if !set(L, v, key, value) {
		L.SetTable(v, key, value) // raises the error
	}
}

// RawSet is L.RawSet. Its errors have no position, as they come from the table.
func RawSet(L *lua.LState, t *lua.LTable, key, value lua.LValue) {
	if n, isNumber := key.(lua.LNumber); isNumber && n != n {
		L.Error(lua.LString("table index is NaN"), 0)
	} else if isNil(key) {
		L.Error(lua.LString("table index is nil"), 0)
	}
	glua.Set(t, key, value)
}

// get returns v[key]; not ok is an error that gopher-lua raises as well.
func get(L *lua.LState, v, key lua.LValue) (result lua.LValue, ok bool) {
	for range lua.MaxTableGetLoop {
		t, isTable := v.(*lua.LTable)
		if isTable {
			if result := glua.Get(t, key); result != lua.LNil || isNil(t.Metatable) {
				return result, true
			}
		}
		handler := metamethod(L, v, "__index")
		switch handler := handler.(type) {
		case *lua.LNilType:
			return lua.LNil, isTable
		case *lua.LFunction:
			return glua.Call2(L, handler, v, key), true
		}
		v = handler
	}
	return nil, false
}

// set does v[key] = value; not ok is an error that gopher-lua raises as well.
func set(L *lua.LState, v, key, value lua.LValue) (ok bool) {
	for range lua.MaxTableGetLoop {
		t, isTable := v.(*lua.LTable)
		handler := lua.LValue(lua.LNil)
		if !isTable || !isNil(t.Metatable) && glua.Get(t, key) == lua.LNil {
			handler = metamethod(L, v, "__newindex")
		}
		switch handler := handler.(type) {
		case *lua.LNilType:
			if n, isNumber := key.(lua.LNumber); !isTable || isNil(key) || isNumber && n != n {
				return false
			}
			glua.Set(t, key, value)
			return true
		case *lua.LFunction:
			L.Push(handler)
			L.Push(v)
			L.Push(key)
			L.Push(value)
			L.Call(3, 0)
			return true
		}
		v = handler
	}
	return false
}
