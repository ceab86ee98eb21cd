package json

import (
	"fmt"
	"math"
	"slices"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/internal/lualib/arg"
)

// settings say how values become text, and the other way.
type settings struct {
	sparseConvert           bool // an array with many holes becomes an object; else it is an error
	sparseRatio, sparseSafe int  // of which length for an item, and from which on, it has many holes
	encodeDepth             int
	decodeDepth             int
	encodeInvalid           int // what NaN and the infinities become: offOn...
	decodeInvalid           int // whether they, hexadecimal numbers and the like are numbers
	precision               int // digits of a number; -1: as many as give it back
	emptyAsObject           bool
	escapeSlash             bool // and DEL
	skip                    bool // values that have no JSON
	decodeMark              bool // arrays get the metatable
	indent                  string
	keepBuffer              bool

	sorted bool // the fields of objects
	strict bool // nothing but JSON is read, and an empty array is marked
}

const (
	off = iota
	on
	asNull
)

// ownSettings are the settings of the module "json".
func ownSettings() *settings {
	return &settings{
		sparseConvert: true, sparseRatio: 2, sparseSafe: 10,
		encodeDepth: 1000, decodeDepth: 1000,
		precision: -1, emptyAsObject: true, strict: true,
	}
}

// cjsonSettings are those with which "cjson" begins.
func cjsonSettings() *settings {
	return &settings{
		sparseRatio: 2, sparseSafe: 10,
		encodeDepth: 1000, decodeDepth: 1000, decodeInvalid: on,
		precision: 14, emptyAsObject: true, escapeSlash: true, keepBuffer: true,
	}
}

func openCJSON(h *luabind.Host) (lua.LValue, error) { return newCJSON(inside.State(h), false), nil }
func openSafe(h *luabind.Host) (lua.LValue, error)  { return newCJSON(inside.State(h), true), nil }

// newCJSON makes a module with settings of its own. A safe one returns nil and the error
// where the other raises it.
func newCJSON(L *lua.LState, safe bool) *lua.LTable {
	m, s := marksOf(L), cjsonSettings()
	one := func(L *lua.LState) lua.LValue {
		if L.GetTop() != 1 {
			arg.Error(L, 1, "expected 1 argument")
		}
		return L.Get(1)
	}
	result := func(L *lua.LState, v lua.LValue, err error) int {
		switch {
		case err == nil:
			L.Push(v)
			return 1
		case safe:
			L.Push(lua.LNil)
			L.Push(lua.LString(err.Error()))
			return 2
		}
		arg.Raise(L, "%s", err)
		return 0
	}
	t := glua.NewFunctions(L, map[string]lua.LGFunction{
		"encode": func(L *lua.LState) int {
			text, err := encode(L, m, s, one(L))
			return result(L, text, err)
		},
		"decode": func(L *lua.LState) int {
			one(L)
			if safe && !lua.LVCanConvToString(L.Get(1)) {
				return result(L, nil, fmt.Errorf("bad argument #1 to '?' (string expected, got %s)", L.Get(1).Type()))
			}
			v, err := decode(L, m, s, arg.String(L, 1), m.null)
			return result(L, v, err)
		},
		"new": func(L *lua.LState) int {
			L.Push(newCJSON(L, safe))
			return 1
		},
		"encode_sparse_array": func(L *lua.LState) int {
			atMost(L, 3)
			flag(L, 1, &s.sparseConvert)
			number(L, 2, &s.sparseRatio, 0, math.MaxInt32)
			number(L, 3, &s.sparseSafe, 0, math.MaxInt32)
			return 3
		},
		"encode_max_depth":                    limit(&s.encodeDepth, math.MaxInt32),
		"decode_max_depth":                    limit(&s.decodeDepth, math.MaxInt32),
		"encode_number_precision":             limit(&s.precision, 14),
		"encode_keep_buffer":                  onOff(&s.keepBuffer),
		"encode_empty_table_as_object":        onOff(&s.emptyAsObject),
		"encode_escape_forward_slash":         onOff(&s.escapeSlash),
		"encode_skip_unsupported_value_types": onOff(&s.skip),
		"decode_array_with_array_mt":          onOff(&s.decodeMark),
		"encode_invalid_numbers":              choice(&s.encodeInvalid, "off", "on", "null"),
		"decode_invalid_numbers":              choice(&s.decodeInvalid, "off", "on"),
	}, 6)
	glua.SetNamed(t, "null", m.null)
	glua.SetNamed(t, "empty_array", m.emptyArray)
	glua.SetNamed(t, "array_mt", m.array)
	glua.SetNamed(t, "empty_array_mt", m.empty)
	glua.SetNamed(t, "_NAME", lua.LString("cjson"))
	glua.SetNamed(t, "_VERSION", lua.LString("2.1.0"))
	return t
}

// atMost refuses more than n arguments, and makes those nil that are missing.
func atMost(L *lua.LState, n int) {
	if L.GetTop() > n {
		arg.Error(L, n+1, "found too many arguments")
	}
	L.SetTop(n)
}

// limit is a function that sets a number from 1 on, if it is given one, and returns it.
func limit(n *int, most int) lua.LGFunction {
	return func(L *lua.LState) int {
		atMost(L, 1)
		number(L, 1, n, 1, most)
		return 1
	}
}

func number(L *lua.LState, place int, n *int, least, most int) {
	if L.Get(place) != lua.LNil {
		given := arg.Int32(L, place)
		if given < least || given > most {
			arg.Error(L, 1, fmt.Sprintf("expected integer between %d and %d", least, most))
		}
		*n = given
	}
	L.Push(lua.LNumber(*n))
}

// onOff is a function that sets a flag, if it is given one, and returns it.
func onOff(f *bool) lua.LGFunction {
	return func(L *lua.LState) int {
		atMost(L, 1)
		flag(L, 1, f)
		return 1
	}
}

func flag(L *lua.LState, place int, f *bool) {
	n := 0
	if *f {
		n = on
	}
	choose(L, place, &n, "off", "on")
	*f = n == on
}

// choice is a function that sets one of several, if it is given one, and returns it.
func choice(n *int, names ...string) lua.LGFunction {
	return func(L *lua.LState) int {
		atMost(L, 1)
		choose(L, 1, n, names...)
		return 1
	}
}

// choose pushes the choice: false and true for the first two.
func choose(L *lua.LState, place int, n *int, names ...string) {
	switch v := L.Get(place).(type) {
	case *lua.LNilType:
	case lua.LBool:
		*n = off
		if v {
			*n = on
		}
	default:
		name := arg.String(L, place)
		i := slices.Index(names, name)
		if i < 0 {
			arg.Error(L, place, "invalid option '"+name+"'")
		}
		*n = i
	}
	if *n <= on {
		L.Push(lua.LBool(*n == on))
		return
	}
	L.Push(lua.LString(names[*n]))
}
