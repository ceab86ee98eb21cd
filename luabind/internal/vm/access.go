package vm

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// gopher-lua looks for items in the array of a table only; see glua.Get. So what may
// have a number as its key is read and written here.

// GetTable is L.GetTable.
func GetTable(L *lua.LState, v, key lua.LValue) lua.LValue {
	result, ok := get(L, v, key)
	if !ok {
		indexError(L, v, result, -1, "gettable")
	}
	return result
}

// SetTable is L.SetTable.
func SetTable(L *lua.LState, v, key, value lua.LValue) {
	if wrong, ok := set(L, v, key, value); !ok {
		setError(L, v, wrong, key, -1)
	}
}

// isNoKey says whether no field of a table can have this key.
func isNoKey(key lua.LValue) bool {
	n, isNumber := key.(lua.LNumber)
	return isNil(key) || isNumber && n != n
}

// Field is L.GetField.
func Field(L *lua.LState, v lua.LValue, name string) lua.LValue {
	return GetTable(L, v, lua.LString(name))
}

// SetField is L.SetField.
func SetField(L *lua.LState, v lua.LValue, name string, value lua.LValue) {
	SetTable(L, v, lua.LString(name), value)
}

// RawSet is L.RawSet. Its errors have no position, as they come from the table.
func RawSet(L *lua.LState, t *lua.LTable, key, value lua.LValue) {
	if isNoKey(key) {
		L.Error(lua.LString(keyError(key)), 0)
	}
	glua.Set(t, key, value)
}

// get returns v[key]. Not ok: it has come, by metamethods, to a value that has no fields,
// and returns that; nil: to no end.
func get(L *lua.LState, v, key lua.LValue) (result lua.LValue, ok bool) {
	for range lua.MaxTableGetLoop {
		t, isTable := v.(*lua.LTable)
		if isTable {
			if result := glua.Get(t, key); result != lua.LNil || isNil(t.Metatable) {
				return result, true
			}
		}
		handler := glua.Metamethod(L, v, "__index")
		switch handler := handler.(type) {
		case *lua.LNilType:
			if !isTable {
				return v, false
			}
			return lua.LNil, true
		case *lua.LFunction:
			return call2(L, handler, v, key), true
		}
		v = handler
	}
	return nil, false
}

// set does v[key] = value. Not ok: it has come, by metamethods, to a value that has no
// fields, or to a table that can't have this one, and returns that; nil: to no end.
func set(L *lua.LState, v, key, value lua.LValue) (wrong lua.LValue, ok bool) {
	for range lua.MaxTableGetLoop {
		t, isTable := v.(*lua.LTable)
		if isTable && isNoKey(key) {
			return v, false // whatever its metatable has
		}
		handler := lua.LValue(lua.LNil)
		if !isTable || !isNil(t.Metatable) && glua.Get(t, key) == lua.LNil {
			handler = glua.Metamethod(L, v, "__newindex")
		}
		switch handler := handler.(type) {
		case *lua.LNilType:
			if !isTable {
				return v, false
			}
			glua.Set(t, key, value)
			return nil, true
		case *lua.LFunction:
			if !handler.IsG {
				First(L, handler, glua.ValueOf(v), glua.ValueOf(key), glua.ValueOf(value))
				return nil, true
			}
			L.Push(handler)
			L.Push(v)
			L.Push(key)
			L.Push(value)
			glua.Call(L, 3, 0)
			return nil, true
		}
		v = handler
	}
	return nil, false
}

// setIndex does t[key] = v, unless that is something special.
func setIndex(t *glua.Table, key, v *glua.Value) bool {
	if key.IsNumber() {
		if t.IsOwn() {
			if place := t.ItemAt(key.Float()); place != nil && (!place.IsNil() || isNil(t.Metatable)) {
				place.Set(v)
				return true
			}
		}
		if f := key.Float(); f != f {
			return false
		}
	} else if key.IsNil() {
		return false
	}
	return t.SetIndex(key, v)
}
