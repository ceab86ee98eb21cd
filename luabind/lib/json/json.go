// Package json has the Lua modules "json", "cjson" and "cjson.safe".
//
// stub.lua says what scripts see of "json". "cjson" has the names, results, settings and error texts of
// lua-cjson 2.1.0, and the array metatables of OpenResty's.
//
//	text --decoder--> tokens --> Lua values         decode.go
//	Lua values --encoder--> text                    encode.go
//	what scripts set on cjson                       settings.go
//
// encoding/json isn't used, except by the tests, which compare with it: it replaces bytes that are no
// UTF-8, which strings of Lua may hold, doesn't say at which character it expected what, makes Go values
// first, and would be linked into every child.
//
// # Where cjson differs from lua-cjson
//
// Settings, and the modules that cjson.new() makes, belong to their process. encode_keep_buffer has no effect.
// A depth of more than 10,000 is refused whatever decode_max_depth says. tostring(cjson.null)
// is "null".
package json

import (
	_ "embed"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/internal/lualib/arg"
)

// Module is what require "json" returns, CJSON what require "cjson" does, Safe what require "cjson.safe" does.
var (
	Module = luabind.Module{Name: "json", Open: open, OnDemand: true, Manual: manual}
	CJSON  = luabind.Module{Name: "cjson", Open: openCJSON, OnDemand: true, Manual: cjsonManual}
	Safe   = luabind.Module{Name: "cjson.safe", Open: openSafe, OnDemand: true, Manual: safeManual}
)

var (
	//go:embed stub.lua
	manual string
	//go:embed stub_cjson.lua
	cjsonManual string
	//go:embed stub_safe.lua
	safeManual string
)

// marks are the values of an engine that stand for what Lua has no value for. The modules
// share them.
type marks struct {
	null       *lua.LUserData // JSON's null
	emptyArray *lua.LUserData // []
	array      *lua.LTable    // the metatable of a table that is an array whatever is in it
	empty      *lua.LTable    // the metatable of one that is an array where it is empty
}

const registryKey = "json.marks"

// marksOf returns the marks of L's engine.
func marksOf(L *lua.LState) *marks {
	registry := L.G.Registry
	if held, ok := glua.Named(registry, registryKey).(*lua.LUserData); ok {
		return held.Value.(*marks)
	}
	mark := func(name string) *lua.LUserData {
		mt := glua.NewTable(0, 1)
		glua.SetNamed(mt, "__tostring", L.NewFunction(func(L *lua.LState) int {
			L.Push(lua.LString(name))
			return 1
		}))
		return &lua.LUserData{Metatable: mt, Env: L.G.Global}
	}
	m := &marks{null: mark("null"), emptyArray: mark("[]"), array: glua.NewTable(0, 1), empty: glua.NewTable(0, 0)}
	glua.SetNamed(registry, registryKey, &lua.LUserData{Value: m, Metatable: lua.LNil})
	glua.SetNamed(registry, "json.null", m.null)
	glua.SetNamed(registry, "json.empty_array", m.emptyArray)
	glua.SetNamed(registry, "json.array_mt", m.array)
	glua.SetNamed(registry, "json.empty_array_mt", m.empty)
	return m
}

// open makes the module "json".
func open(h *luabind.Host) (lua.LValue, error) {
	L := inside.State(h)
	m := marksOf(L)
	t := glua.NewFunctions(L, map[string]lua.LGFunction{
		"encode": m.encode,
		"pretty": m.pretty,
		"decode": m.decode,
		"array":  m.asArray,
	}, 1)
	glua.SetNamed(t, "null", m.null)
	return t, nil
}

// encode is json.encode(v [, options]).
func (m *marks) encode(L *lua.LState) int {
	v := arg.Any(L, 1)
	s := ownSettings()
	if L.Get(2) != lua.LNil {
		m.options(L, s)
	}
	return push(L, m, s, v)
}

// options reads argument 2.
func (m *marks) options(L *lua.LState, s *settings) {
	for k, v := range glua.Pairs(arg.Table(L, 2)) {
		switch k {
		case lua.LString("indent"):
			switch v := v.(type) {
			case lua.LBool:
				if v {
					s.indent = "  "
				}
			case lua.LString:
				s.indent = string(v)
			default:
				arg.Raise(L, "indent must be a string, true or false")
			}
		case lua.LString("sorted"):
			s.sorted = lua.LVAsBool(v)
		default:
			arg.Raise(L, "encode() got an unexpected option '%s'", k)
		}
	}
}

// pretty is json.pretty(v).
func (m *marks) pretty(L *lua.LState) int {
	s := ownSettings()
	s.indent, s.sorted = "  ", true
	return push(L, m, s, arg.Any(L, 1))
}

func push(L *lua.LState, m *marks, s *settings, v lua.LValue) int {
	text, err := encode(L, m, s, v)
	if err != nil {
		arg.Raise(L, "%s", err)
	}
	L.Push(text)
	return 1
}

// decode is json.decode(text [, null]).
func (m *marks) decode(L *lua.LState) int {
	text := arg.String(L, 1)
	null := lua.LValue(m.null)
	if L.GetTop() > 1 {
		null = L.Get(2)
	}
	v, err := decode(L, m, ownSettings(), text, null)
	if err != nil {
		arg.Raise(L, "%s", err)
	}
	L.Push(v)
	return 1
}

// asArray is json.array([t]).
func (m *marks) asArray(L *lua.LState) int {
	t := glua.NewTable(0, 1)
	if L.Get(1) != lua.LNil {
		t = arg.Table(L, 1)
	}
	t.Metatable = m.array
	L.Push(t)
	return 1
}
