package strlib

import (
	"context"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/vm"
)

// All but patterns and format, and how errors of arguments are worded.
func TestBasic(t *testing.T) {
	check(t, []sample{
		{`string.rep("5" + 0, "2"), string.len(12.5), string.sub(1e15, 1, "3"), string.rep(" 7 ", "0x2")`, `"55" 4 "1e+" " 7  7 "`},
		{`string.rep()`, `error: t:1: bad argument #1 to 'rep' (string expected, got no value)`},
		{`string.rep({})`, `error: t:1: bad argument #1 to 'rep' (string expected, got table)`},
		{`string.rep("x")`, `error: t:1: bad argument #2 to 'rep' (number expected, got no value)`},
		{`string.rep("x", "y")`, `error: t:1: bad argument #2 to 'rep' (number expected, got string)`},
		{`string.rep(nil, 1)`, `error: t:1: bad argument #1 to 'rep' (string expected, got nil)`},
		{`("x"):rep({})`, `error: t:1: bad argument #1 to 'rep' (number expected, got table)`},
		{`pcall(string.rep)`, `false "bad argument #1 to '?' (string expected, got no value)"`},
		{`(function() local r = string.rep; r() end)()`, `error: t:1: bad argument #1 to 'r' (string expected, got no value)`},
		{`(function() local t = {string.rep}; t[1]() end)()`, `error: t:1: bad argument #1 to '?' (string expected, got no value)`},
		{`(function() local t = {rep = string.rep}; t:rep() end)()`, `error: t:1: calling 'rep' on bad self (string expected, got table)`},
		{`(function() for x in string.rep, nil, nil do end end)()`, `error: t:1: bad argument #1 to '(for generator)' (string expected, got nil)`},
		{`(function() local ok, e = pcall(string.gsub, "x", "x", function() string.rep() end); return e end)()`, `"t:1: bad argument #1 to 'rep' (string expected, got no value)"`},
		{`string.rep("ab", 3), string.rep("x", 0), string.rep("x", -1), string.rep("x", 2.9), string.rep("", 1e5), string.rep("x", 0/0)`, `"ababab" "" "" "xx" "" ""`},
		{`("hello"):sub(2), ("hello"):sub(2, 3), ("hello"):sub(-3), ("hello"):sub(-3, -2), ("hello"):sub(0), ("hello"):sub(4, 2), ("hello"):sub(-100, 100), ("hello"):sub(6)`, `"ello" "el" "llo" "ll" "hello" "" "hello" ""`},
		{`("hello"):sub(1, 1/0), ("hello"):sub(-1/0), ("hello"):sub(2, 2^40), ("hello"):sub(2^31), ("hello"):sub("2", nil)`, `"" "hello" "ello" "" "ello"`},
		{`("hello"):sub()`, `error: t:1: bad argument #1 to 'sub' (number expected, got no value)`},
		{`("hello"):byte(), ("hello"):byte(2), ("hello"):byte(-1), ("hello"):byte(10)`, `104 101 111`},
		{`("hello"):byte(1, -1)`, `104 101 108 108 111`},
		{`("hello"):byte(0, 2)`, `104 101`},
		{`select("#", ("x"):rep(7997):byte(1, -1))`, `7997`},
		{`("x"):rep(7998):byte(1, -1)`, `error: t:1: stack overflow (string slice too long)`},
		{`string.char(), string.char(0, 104, 255), string.char("65")`, `"" "\000h\255" "A"`},
		{`string.char(256)`, `error: t:1: bad argument #1 to 'char' (invalid value)`},
		{`string.char(1, -1)`, `error: t:1: bad argument #2 to 'char' (invalid value)`},
		{`string.char(1, "x")`, `error: t:1: bad argument #2 to 'char' (number expected, got string)`},
		{"(\"a\\0\\200Zé[`{@\"):upper(), (\"A\\0\\200zÉ[`{@\"):lower(), (\"abc\"):reverse(), (\"a\\0\"):len(), #\"a\\0b\"", "\"A\\000\\200Z\\195\\169[`{@\" \"a\\000\\200z\\195\\137[`{@\" \"cba\" 2 3"},
		{`string.gfind == string.gmatch, getmetatable("").__index == string, getmetatable("") == string`, `true true false`},
	})
}

// Functions that write long strings look at the context while they do.
func TestLongStringsEnd(t *testing.T) {
	L := lua.NewState(lua.Options{SkipOpenLibs: true})
	vm.Adopt(L)
	defer L.Close()
	long := lua.LString(make([]byte, 8*piece))
	for name, f := range map[string]lua.LGFunction{"upper": upper, "lower": lower, "reverse": reverse, "rep": rep} {
		ctx := &counted{context.Background(), 2}
		defer vm.SetContext(L, ctx)()
		arguments := []lua.LValue{long}
		if name == "rep" {
			arguments = []lua.LValue{lua.LString("xyz"), lua.LNumber(8 * piece)}
		}
		if err := L.CallByParam(lua.P{Fn: L.NewFunction(f), Protect: true}, arguments...); err == nil || ctx.looks < -1 {
			t.Errorf("%s: got %v, and it looked %d times after the end", name, err, -ctx.looks)
		}
	}
}
