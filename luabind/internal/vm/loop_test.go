package vm_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/vm"
)

// A context ends every kind of loop.
func TestContextEnds(t *testing.T) {
	for _, source := range []string{
		"while true do end",
		"local i = 0 repeat i = i + 1 until false",
		"for i = 1, math.huge do end",
		"for i = 1, 0, 0 do end while true do end",
		"for _ in function() return 1 end do end",
		"for _ in tostring, 1 do end",
		"::again:: goto again",
		"local function f() return f() end f()",
		"local function f() f() end while true do pcall(f) end",
		"while true do pcall(function() while true do end end) end",
		"while true do pcall(error) end",
		"local t = setmetatable({}, {__index = function() return 1 end}) while t.x do end",
		"coroutine.wrap(function() while true do end end)()",
		"local c = coroutine.wrap(function() while true do coroutine.yield() end end) while true do c() end",
		"string.gsub('x', 'x', function() while true do end end)",
	} {
		e, err := luabind.New(luabind.Config{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		glua.SetNamed(e.State().G.Global, "cancel", e.State().NewFunction(func(*lua.LState) int { cancel(); return 0 }))
		err = e.Run(ctx, "test", strings.NewReader("cancel() "+source))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", source, err)
		}
		e.Close()
	}
}

// A hook that is set, changed and taken away while Lua runs is called for each
// instruction, line and call of Lua in between, wherever it was set: as often as
// lua5.1 calls it.
func TestHookBegins(t *testing.T) {
	for _, test := range []struct{ name, source, want string }{
		{"straight on", "\nlocal a = 1\nhook('l')\na = 2\na = 3\nhook()\na = 4", "line 4 line 5 line 6 "},
		{"in a call", "local function f()\nhook('l')\nreturn 1\nend\nlocal a = f()\na = 3\nhook() a = 4", "line 3 line 6 line 7 "},
		{"in a protected call", "pcall(function()\nhook('l')\nlocal a = 1\nend)\nlocal b = 2\nhook() b = 3", "line 3 line 4 line 5 line 6 "},
		{"in a metamethod", "local t = setmetatable({}, {__index = function()\nhook('l')\nreturn 1 end})\nlocal a = t.x\na = 2\nhook() a = 3", "line 3 line 5 line 6 "},
		{"many values", "hook('l')\nlocal t = {(function(...) return ... end)(1, 2, 3)}\nhook()\nprint(#t, (select(2, unpack(t))))", "line 2 line 2 line 3 3\t2\n"},
		{"again and again", "for i = 1, 3 do\nhook('c')\nlocal _ = (function() return i end)()\nhook()\nend", "call call call call call call "},
		{"count", "local n = 0\nhook('', 100)\nfor i = 1, 200 do n = n + i end\nhook()\nprint(n)", "count count count count 20100\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			e, err := luabind.New(luabind.Config{Stdout: &out})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			L := e.State()
			called := L.NewFunction(func(L *lua.LState) int {
				out.WriteString(L.ToString(1) + " ")
				if L.Get(2) != lua.LNil {
					out.WriteString(L.ToString(2) + " ")
				}
				return 0
			})
			glua.SetNamed(L.G.Global, "hook", L.NewFunction(func(L *lua.LState) int {
				vm.SetHook(L, called, L.OptString(1, ""), L.OptInt(2, 0))
				return 0
			}))
			if err := e.Run(context.Background(), "test", strings.NewReader(test.source)); err != nil {
				t.Fatal(err)
			}
			if out.String() != test.want {
				t.Errorf("got %q, want %q", out.String(), test.want)
			}
		})
	}
}
