package luabind_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
)

// onDemand is a Config with modules that New leaves alone; opened counts how often one was
// opened in any engine.
func onDemand(opened *int) luabind.Config {
	open := func(h *luabind.Host) (lua.LValue, error) {
		*opened++
		L := h.State()
		metatable, ok := L.G.Registry.RawGetString("late.Thing").(*lua.LTable)
		if !ok {
			metatable = L.NewTypeMetatable("late.Thing")
			L.SetField(metatable, "__tostring", L.NewFunction(func(L *lua.LState) int {
				L.Push(lua.LString("a thing"))
				return 1
			}))
		}
		t := L.NewTable()
		L.SetField(t, "double", L.NewFunction(func(L *lua.LState) int {
			L.Push(2 * L.CheckNumber(1))
			return 1
		}))
		L.SetField(t, "thing", L.NewFunction(func(L *lua.LState) int {
			thing := L.NewTable()
			L.SetMetatable(thing, metatable)
			L.Push(thing)
			return 1
		}))
		L.SetField(t, "deep", L.NewTable())
		return t, nil
	}
	return luabind.Config{Fs: afero.NewMemMapFs(), Modules: []luabind.Module{
		{Name: "late", Open: open, OnDemand: true},
		{Name: "late.second", OnDemand: true, Open: func(h *luabind.Host) (lua.LValue, error) {
			t := h.State().NewTable()
			if h.State().G.Registry.RawGetString("late.Thing") == lua.LNil {
				if _, err := open(h); err != nil {
					return nil, err
				}
			}
			t.RawSetString("metatable", h.State().G.Registry.RawGetString("late.Thing"))
			return t, nil
		}},
		{Name: "late.text", Source: `local name = ... return {name = name, f = function() return 7 end}`},
		{Name: "broken", Open: func(*luabind.Host) (lua.LValue, error) { return nil, errBroken }, OnDemand: true},
		{Name: "wrong", Source: "return ("},
		{Name: "ours", Source: "return 'ours'", BeforeFiles: true},
	}}
}

var errBroken = errors.New("it is broken")

func TestModuleOnDemand(t *testing.T) {
	opened := 0
	var out bytes.Buffer
	cfg := onDemand(&opened)
	cfg.Stdout = &out
	for _, name := range []string{"own/late.lua", "own/ours.lua"} {
		if err := afero.WriteFile(cfg.Fs, name, []byte("return 'a file'"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	e, err := luabind.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if opened != 0 {
		t.Error("New has opened it")
	}
	if err := e.Run(t.Context(), "test.lua", strings.NewReader(`
		package.path = "own/?.lua;" .. package.path
		print(package.loaded.late, require "late", require "ours")
		package.loaded.late, package.path = nil, "?.lua"
		local late = require "late"
		print(late.double(21), rawequal(require "late", late), rawequal(package.loaded.late, late))
		package.loaded.late = nil
		print(rawequal(require "late", late))
		print(require("late.text").name, require("late.text").f())
		for _, name in ipairs{"broken", "broken", "wrong", "none"} do print(select(2, pcall(require, name))) end
	`)); err != nil {
		t.Fatal(err)
	}
	want := `nil	a file	ours
42	true	true
true
late.text	7
error loading module 'broken':
	luabind: open module broken: it is broken
error loading module 'broken':
	luabind: open module broken: it is broken
error loading module 'wrong' from file 'wrong':
	wrong:1: unexpected symbol near '<eof>'
module 'none' not found:
	no field package.preload['none']
	no file 'none.lua'
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &out, want)
	}
	if opened != 1 {
		t.Errorf("it was opened %d times", opened)
	}
}

// What is in a module that was opened on demand travels by name, to an engine that hasn't
// opened it too. One that doesn't get anything of it doesn't open it.
func TestModuleOnDemandTravels(t *testing.T) {
	for _, test := range []struct{ name, make, use, want string }{
		{"a function", `local double = require("late").double return function(n) return double(n) end`, `(...)(21)`, "42 1"},
		{"the module", `local late = require "late" return function() return rawequal(late, require "late") end`, `(...)()`, "true 1"},
		{"a changed module", `local late = require "late" late.more, late.deep.x = 5, 6 return function() return late.more + late.deep.x end`, `(...)()`, "11 1"},
		{"an object", `return require("late").thing()`, `...`, "a thing 1"},
		{"what two share", `require "late.second" return {require("late").thing(), require("late.second").metatable}`,
			`getmetatable((...)[1]) == (...)[2] and (...)[2] == require("late.second").metatable`, "true 1"},
		{"nothing of it", `require "late" return function() return require and 5 end`, `(...)()`, "5 0"},
		{"what requires it", `require "late" return function() return require("late").double(4) end`, `(...)()`, "8 1"},
		{"with all globals", `late = require "late" return function() return _G.late.double(4) end`, `(...)()`, "8 1"},
		{"a changed one, required", `require("late").more = 3 return function() return require("late").more end`, `(...)()`, "3 1"},
		{"a Lua one", `local text = require "late.text" text.g = 8 return function() return text.f() + require("late.text").g end`, `(...)()`, "15 0"},
		{"a replaced one", `package.loaded.late = {double = tostring} return function() return require("late").double(4) end`, `(...)()`, "4 0"},
	} {
		for _, way := range []string{"snapshot", "message"} {
			t.Run(test.name+" by "+way, func(t *testing.T) {
				if way == "message" && (strings.Contains(test.name, "changed") || strings.Contains(test.name, "replaced")) {
					return // what comes along with a message replaces nothing
				}
				opened := 0
				cfg := onDemand(&opened)
				from, err := luabind.New(cfg)
				if err != nil {
					t.Fatal(err)
				}
				defer from.Close()
				to, err := luabind.New(cfg)
				if err != nil {
					t.Fatal(err)
				}
				defer to.Close()
				do := func(e *luabind.Engine, source string, args ...lua.LValue) lua.LValue {
					t.Helper()
					f, err := e.Load("=test", source)
					if err != nil {
						t.Fatal(err)
					}
					values, err := e.Do(t.Context(), f, 1, args...)
					if err != nil {
						t.Fatal(err)
					}
					return values[0]
				}
				sent := luabind.Root{Name: "v", Value: do(from, test.make)}
				opened = 0
				var got lua.LValue
				if way == "snapshot" {
					s, err := from.Host().Pack("there", sent)
					if err != nil {
						t.Fatal(err)
					}
					values, err := to.Host().Unpack(s)
					if err != nil {
						t.Fatal(err)
					}
					got = values[0]
				} else {
					s, err := from.Host().PackMessage(nil, nil, "there", sent)
					if err != nil {
						t.Fatal(err)
					}
					if got, err = to.Host().UnpackMessage(s, nil); err != nil {
						t.Fatal(err)
					}
				}
				result := do(to, "return tostring("+test.use+")", got).String()
				if got := result + " " + string(rune('0'+opened)); got != test.want {
					t.Errorf("got %q, want %q: the result, and how often the module was opened", got, test.want)
				}
			})
		}
	}
}

// What the program carries comes before files, with the name of its own file in errors, and is a module as
// a file would make it.
func TestCarried(t *testing.T) {
	files := afero.NewMemMapFs()
	for _, name := range []string{"mine.lua", "other.lua"} {
		if err := afero.WriteFile(files, name, []byte("return '"+name+"'"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	cfg := luabind.Config{Fs: files, Carried: func(module string) (file, source string, err error) {
		switch module {
		case "mine":
			return "src/mine.lua", "#!shebang\nlocal name = ... return {name = name, fail = function() error('bad') end}", nil
		case "broken":
			return "", "", errBroken
		case "wrong":
			return "src/wrong.lua", "x x", nil
		}
		return "", "", nil
	}}
	var out bytes.Buffer
	cfg.Stdout = &out
	e, err := luabind.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	err = e.Run(t.Context(), "=test", strings.NewReader(`
		local mine = require "mine"
		print(mine.name, require "mine" == mine, select(2, pcall(mine.fail)), require "other")
		for _, name in ipairs{"broken", "wrong", "none"} do print(select(2, pcall(require, name))) end`))
	want := "mine\ttrue\tsrc/mine.lua:2: bad\tother.lua\n" +
		"error loading module 'broken':\n\t" + errBroken.Error() + "\n" +
		"error loading module 'wrong' from file 'src/wrong.lua':\n\tsrc/wrong.lua:1: '=' expected near 'x'\n" +
		"module 'none' not found:\n\tno field package.preload['none']\n\tno module 'none' in this program\n\tno file './none.lua'\n\tno file './none/init.lua'\n"
	if out.String() != want || err != nil {
		t.Errorf("got %s, %v, want %s", out.String(), err, want)
	}
}
