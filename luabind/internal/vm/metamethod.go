package vm

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// What run doesn't do by itself goes to byMetamethod first: it takes methods of strings, and calls metamethods that are
// functions in Lua, with values of registers. All else, and all errors, are plain's.

var (
	eventIndex     = eventOf("__index")
	eventNewIndex  = eventOf("__newindex")
	eventEqual     = eventOf("__eq")
	eventLess      = eventOf("__lt")
	eventLessEqual = eventOf("__le")
	eventUnm       = eventOf("__unm")
	eventCall      = eventOf("__call")

	// in the order of the instructions, three of which each has
	eventsOfArithmetic = [...]glua.Value{eventOf("__add"), eventOf("__sub"), eventOf("__mul"), eventOf("__div"), eventOf("__mod")}
)

func eventOf(name string) glua.Value { return glua.KeyOf(name).Value() }

// byMetamethod runs an instruction, behind which the current call f is, and says whether it has; else nothing has happened.
func byMetamethod(L *lua.LState, s *glua.State, c *glua.Frames, f *glua.Frame, code *glua.Code, in glua.Ins) (done bool) {
	r, k := glua.First(c.Registers()[f.R:]), glua.First(code.Constants)
	result := func(v glua.Value, ok bool) bool {
		if ok {
			c.Registers()[f.R:][in.A/glua.ValueSize].Set(&v)
		}
		return ok
	}
	switch in.Op {
	case opGetTable:
		return result(indexed(L, s, *glua.At(r, in.B), *glua.At(r, in.C), false))
	case opGetTableK:
		return result(indexed(L, s, *glua.At(r, in.B), *glua.At(k, in.C), false))
	case opGetField:
		return result(indexed(L, s, *glua.At(r, in.B), *glua.At(k, in.C), true))
	case opSelf:
		object := *glua.At(r, in.B)
		if !result(indexed(L, s, object, *glua.At(k, in.C), true)) {
			return false
		}
		c.Registers()[f.R:][in.A/glua.ValueSize+1].Set(&object)
		return true
	case opSetTableRR:
		return setIndexed(L, s, *glua.At(r, in.A), *glua.At(r, in.B), *glua.At(r, in.C))
	case opSetTableRK:
		return setIndexed(L, s, *glua.At(r, in.A), *glua.At(r, in.B), *glua.At(k, in.C))
	case opSetTableKR, opSetFieldR:
		return setIndexed(L, s, *glua.At(r, in.A), *glua.At(k, in.B), *glua.At(r, in.C))
	case opSetTableKK, opSetFieldK:
		return setIndexed(L, s, *glua.At(r, in.A), *glua.At(k, in.B), *glua.At(k, in.C))
	case opAddRR, opSubRR, opMulRR, opDivRR, opModRR:
		return result(calculated(L, s, &eventsOfArithmetic[(in.Op-opAddRR)/3], *glua.At(r, in.B), *glua.At(r, in.C)))
	case opAddRK, opSubRK, opMulRK, opDivRK, opModRK:
		return result(calculated(L, s, &eventsOfArithmetic[(in.Op-opAddRR)/3], *glua.At(r, in.B), *glua.At(k, in.C)))
	case opAddKR, opSubKR, opMulKR, opDivKR, opModKR:
		return result(calculated(L, s, &eventsOfArithmetic[(in.Op-opAddRR)/3], *glua.At(k, in.B), *glua.At(r, in.C)))
	case opUnm:
		return result(calculated(L, s, &eventUnm, *glua.At(r, in.B), *glua.At(r, in.B)))
	case opEqualRR, opNotEqualRR:
		return compared(L, s, f, &eventEqual, *glua.At(r, in.B), *glua.At(r, in.C))
	case opLessRR, opNotLessRR:
		return compared(L, s, f, &eventLess, *glua.At(r, in.B), *glua.At(r, in.C))
	case opLessEqualRR, opNotLessEqualRR:
		return compared(L, s, f, &eventLessEqual, *glua.At(r, in.B), *glua.At(r, in.C))
	}
	return false
}

func isLua(handler *glua.Value) bool {
	return handler != nil && handler.IsFunction() && !handler.Function().IsG
}

// indexed is object[key]. named says that the key is a glua.Key.
func indexed(L *lua.LState, s *glua.State, object, key glua.Value, named bool) (v glua.Value, ok bool) {
	for range lua.MaxTableGetLoop {
		if object.IsTable() {
			if !named {
				v = object.Table().Get(&key)
			} else if at := object.Table().Named(&key); at != nil {
				v = *at
			} else {
				v.SetNil()
			}
			if !v.IsNil() {
				return v, true
			}
		}
		handler := s.Handler(&object, &eventIndex)
		switch {
		case handler == nil:
			return glua.Nil, object.IsTable()
		case isLua(handler):
			return First(L, handler.Function(), object, key), true
		case handler.IsFunction():
			return glua.Nil, false
		}
		object = *handler
	}
	return glua.Nil, false
}

// setIndexed is object[key] = v.
func setIndexed(L *lua.LState, s *glua.State, object, key, v glua.Value) (ok bool) {
	for range lua.MaxTableGetLoop {
		if object.IsTable() {
			if setIndex(object.Table(), &key, &v) {
				return true
			}
			if f := key.Float(); key.IsNil() || key.IsNumber() && f != f {
				return false
			}
		}
		handler := s.Handler(&object, &eventNewIndex)
		switch {
		case isLua(handler):
			First(L, handler.Function(), object, key, v)
			return true
		case handler == nil || handler.IsFunction():
			return false
		}
		object = *handler
	}
	return false
}

// calculated is an operation on two values, one of which is a table or a userdata.
func calculated(L *lua.LState, s *glua.State, event *glua.Value, x, y glua.Value) (v glua.Value, ok bool) {
	if !isObject(&x) && !isObject(&y) {
		return glua.Nil, false
	}
	handler := s.Handler(&x, event)
	if handler == nil {
		handler = s.Handler(&y, event)
	}
	if !isLua(handler) {
		return glua.Nil, false
	}
	return First(L, handler.Function(), x, y), true
}

func isObject(v *glua.Value) bool { return v.IsTable() || v.IsUserData() }

// compared compares two tables, or two userdata, by the metamethod that both have, for an instruction that jumps.
func compared(L *lua.LState, s *glua.State, f *glua.Frame, event *glua.Value, x, y glua.Value) (ok bool) {
	if !isObject(&x) || x.Type() != y.Type() {
		return false
	}
	handler := s.Handler(&x, event)
	if !isLua(handler) {
		return false
	}
	if other := s.Handler(&y, event); other == nil || !other.Same(handler) {
		return false
	}
	v := First(L, handler.Function(), x, y)
	if v.Truth() == (glua.A(f.Fn.Proto.Code[f.Pc-1]) == 0) {
		f.Pc++
	}
	return true
}
