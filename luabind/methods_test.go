package luabind_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
)

// things is a module whose global f is a userdata of a guarded type, with a method
// seek that returns 0.
var things = luabind.Module{Name: "things", Open: func(e *luabind.Host) (lua.LValue, error) {
	L := e.State()
	metatable := L.NewTypeMetatable("thing")
	metatable.RawSetString("__index", L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"seek": func(L *lua.LState) int {
			L.Push(lua.LNumber(0))
			return 1
		},
	}))
	glua.Guard(L, metatable)
	L.SetGlobal("f", &lua.LUserData{Metatable: metatable, Env: L.G.Global})
	return nil, nil
}}

// warm lets one instruction find a method of f often enough to remember it.
const warm = `
	function at(o) return (o:seek()) end
	function new() return "new" end
	for i = 1, 3 do assert(at(f) == 0) end
	`

// A method that a script replaces is found at once by what has called the one
// before, in whatever way the script gets at it.
func TestReplacedMethods(t *testing.T) {
	for _, source := range []string{
		"getmetatable(f).__index.seek = new",
		"getmetatable(f).__index = {seek = new}",
		"getmetatable(f).__index = function() return new end",
		"rawset(getmetatable(f).__index, 'seek', new)",
		"rawset(debug.getmetatable(f), '__index', {seek = new})",
		"debug.getmetatable(f).__index.seek = new",
		"debug.getregistry().thing.__index.seek = new",
		"debug.setmetatable(f, {__index = {seek = new}})",
		"local new = new setfenv(function() seek = new end, getmetatable(f).__index)()",
		"coroutine.wrap(function() getmetatable(f).__index.seek = new end)()",
		"local m = getmetatable(f).__index assert(at(f) == 0) m.seek = new",
		"local m = getmetatable(f).__index coroutine.wrap(function() assert(at(f) == 0) m.seek = new end)()",
		"local m = getmetatable(f).__index assert(at(f) == 0) m.seek = nil setmetatable(m, {__index = {seek = new}})",
		"local m = getmetatable(f) m.__index.seek, m.__metatable = nil, {} assert(not pcall(at, f)) m.__index.seek = new",
		"local p = newproxy(true) getmetatable(p).__index = {seek = new} f, g = p, f assert(at(g) == 0)",
		"f = setmetatable({}, {__index = {seek = new}})",
		"f = '' string.seek = new",
	} {
		e := newEngine(t, luabind.Config{Modules: []luabind.Module{things}})
		v, err := e.Eval(context.Background(), warm+source+" return at(f)")
		if err != nil || v[0] != "new" {
			t.Errorf("%s: got %v, %v", source, v, err)
		}
	}
}

// The table of a file's methods is a field of the file.
func TestReplacedFileMethods(t *testing.T) {
	for _, source := range []string{
		"f.__index.seek = new",
		"getmetatable(f).seek = new",
		"debug.getregistry()['FILE*'].seek = new",
	} {
		e := newEngine(t, luabind.Config{})
		v, err := e.Eval(context.Background(), `f = io.open("f", "w")`+warm+source+" return at(f)")
		if err != nil || v[0] != "new" {
			t.Errorf("%s: got %v, %v", source, v, err)
		}
	}
}

// One that shows its own table of methods is looked up each time.
func TestSealedNot(t *testing.T) {
	e := newEngine(t, luabind.Config{Modules: []luabind.Module{things}})
	L := e.State()
	metatable := L.GetGlobal("f").(*lua.LUserData).Metatable.(*lua.LTable)
	own := L.NewTable()
	own.RawSetString("__index", metatable.RawGetString("__index"))
	own.RawGetString("__index").(*lua.LTable).RawSetString("methods", metatable.RawGetString("__index"))
	glua.Guard(L, own)
	L.SetGlobal("f", &lua.LUserData{Metatable: own, Env: L.G.Global})
	v, err := e.Eval(context.Background(), warm+"f.methods.seek = new return at(f)")
	if err != nil || v[0] != "new" {
		t.Errorf("got %v, %v", v, err)
	}
}

// Errors name the method that is missing, first and later.
func TestMissingMethods(t *testing.T) {
	for _, source := range []string{
		"for i = 1, 2 do ok, message = pcall(function() f:nothing() end) end",
		"function nothing() f:nothing() end for i = 1, 3 do ok, message = pcall(nothing) end",
		"function nothing(i) if i == 3 then getmetatable(f).__index.nothing = nil end f:nothing() end getmetatable(f).__index.nothing = new " +
			"for i = 1, 3 do ok, message = pcall(nothing, i) end",
	} {
		e := newEngine(t, luabind.Config{Modules: []luabind.Module{things}})
		v, err := e.Eval(context.Background(), warm+source+" return message")
		if want := "attempt to call method 'nothing' (a nil value)"; err != nil || !strings.HasSuffix(fmt.Sprint(v[0]), want) {
			t.Errorf("%s: got %v, %v", source, v, err)
		}
	}
}

// A method name that is constant 300 of its function stands in a register.
func TestManyConstants(t *testing.T) {
	e := newEngine(t, luabind.Config{Modules: []luabind.Module{things}})
	v, err := e.Eval(context.Background(), warm+`
		local text = {"local o = ... local t = {"}
		for i = 1, 300 do text[#text + 1] = "'c" .. i .. "'," end
		at = assert(loadstring(table.concat(text) .. "} return (o:seek())"))
		for i = 1, 3 do assert(at(f) == 0) end
		getmetatable(f).__index.seek = new
		return at(f)`)
	if err != nil || v[0] != "new" {
		t.Errorf("got %v, %v", v, err)
	}
}

// What a script replaces is its engine's own, until it travels: then what the
// other one remembers is forgotten there.
func TestMethodsTravel(t *testing.T) {
	for _, test := range []struct{ name, here, there string }{
		{"a changed table of methods", "local m = getmetatable(f).__index m.seek = new function root() return m end", ""},
		{"a reference to it", "local m = getmetatable(f).__index function root() m.seek = function() return 'new' end end", "root()"},
		{"an object that has it", "local t = setmetatable({}, getmetatable(f)) function root() return t end", "getmetatable(root()).__index.seek = new"},
	} {
		config := luabind.Config{Modules: []luabind.Module{things}}
		here, there := newEngine(t, config), newEngine(t, config)
		eval := func(e *luabind.Engine, source string) any {
			t.Helper()
			v, err := e.Eval(context.Background(), source+" return f and at(f)")
			if err != nil {
				t.Fatalf("%s: %v", test.name, err)
			}
			return v[0]
		}
		eval(here, warm)
		eval(there, warm)
		eval(here, test.here+" f = nil")
		if got := eval(there, ""); got != 0.0 {
			t.Errorf("%s: got %v before it came", test.name, got)
		}
		s, err := here.Host().Pack("test", luabind.Root{Name: "root", Value: here.State().GetGlobal("root")})
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		roots, err := there.Host().Unpack(s)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		there.State().SetGlobal("root", roots[0])
		if got := eval(there, test.there); got != "new" {
			t.Errorf("%s: got %v", test.name, got)
		}
	}
}
