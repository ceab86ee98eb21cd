package vm_test

import (
	"fmt"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/compile"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/syntax"
	"luaspawn/luabind/internal/vm"
)

// fifty is a list of fifty items.
var fifty = strings.TrimSuffix(strings.Repeat("0, ", 50), ", ")

// mends are the programs that bare gopher-lua gets wrong, with the value that
// Lua 5.1 gives them. Where upstream is empty, the difference has no issue there.
var mends = []struct{ name, upstream, source, want string }{
	{"swap", "440", `local a, b = 1, 2; a, b = b, a; return a * 10 + b`, "21"},
	{"conflict", "440", `local t = {}; local old = t; t.x, t = 5, {}; return old.x`, "5"},
	{"key read late", "", `local i, t = 1, {}; local function f() i = 2 return 5 end; t[i] = f(); return t[2]`, "5"},
	{"call in parentheses to a parameter", "", `local function f(a) local b = 2; a = (math.abs(a)); return b end return f(1)`, "2"},
	{"vararg in parentheses", "", `local function f(...) local a, b = 1, 2; a = (...); return b end return f(1)`, "2"},
	{"and, to a variable", "", `local function no() return nil end; local x = 5; x = no() and 1; return x`, "nil"},
	{"or and and, to a variable", "", `local x, p, q = 5, 7; x = (p or q) and x; return x`, "5"},
	{"string literal as a table", "", `local t = {}; pcall(function() local u = t; ("x").y = 1; return u end); return t.y`, "nil"},
	{"call as the last named field", "", `local function f() return 1, 2 end; return #{0, x = f()}`, "1"},
	{"named field after fifty items", "", `local function f() return 5 end; return ({` + fifty + `, x = f()})[1]`, "0"},
	{"call after fifty items", "", `local function f() return 5 end; return ({` + fifty + `, f()})[1]`, "0"},
	{"a list of 25,600", "", `return ({` + strings.Repeat("1, ", 25599) + `7})[25600]`, "7"},
	{"a list of 25,600 among others", "", `local t = {} t.x = {x = {` + strings.Repeat("1, ", 25599) + `7}} return t.x.x[25600]`, "7"},
	{"a list of 25,550 and a call", "", `local function f() return 8, 9 end return ({` + strings.Repeat("1, ", 25550) + `f()})[25552]`, "9"},
	{"generic for without a state", "514", `do local a, b, c = 1, 2, 3 end; for k in function(s) return s == nil and 1 or 2 end do return k end`, "1"},
	{"generic for with a call", "514", `local function s() return {1} end; for k in next, s() do return k end`, "1"},
	{"generic for with a call of what a call gives", "", `local function g() return function(f) return f, 7 end end; for k in g()(function(s) return s end) do return k end`, "7"},
	{"generic for with a field of what a call gives", "", `local function g() return {f = {pairs}} end; for k in g().f[1]({5}) do return k end`, "1"},
	{"generic for with a field of ...", "", `local function f(...) for k in (...).f({5}) do return k end end; return f({f = pairs})`, "1"},
	{"generic for with an operator behind a call", "", `local t = setmetatable({}, {__add = function(a, b) return function() return b end end}); local function g() return t end; for k in g() + 3 do return k end`, "3"},
	{"break from a block", "", `local f; while true do do local y = 1; f = function() return y end; if f then break end end end local z, z2 = 9, 9; return f()`, "1"},
	{"break at the start of a loop", "", `local n = 0; for k in pairs{1} do n = n + 1; if n > 3 then return "again" end end; for k in pairs{1} do break end; return n`, "1"},
	{"constant at the start of a loop", "", `local n = 0; while true do if false then return 9 end; n = n + 1; if n > 3 then break end end; return n`, "4"},
	{"goto cuts no variables off", "", `local n = 0; local function inc() n = n + 1 end; for i = 1, 3 do if i == 2 then goto on end; inc() ::on:: end; return n`, "2"},
	{"goto in a loop over what a call gives", "", `for k in next, (function() return {10} end)() do local x = 0; function inc() x = x + 1 end; do local y; function c() return y end; goto on end ::on:: inc() return x end`, "1"},
	{"local f = function", "", `f = 1; local f = function() return f end; return f()`, "1"},
	{"octal", "", `return 0010`, "10"},
	{"division by -0", "", `local zero = 0; return 1/-0 > 0`, "true"},
	{"infinite literal", "", `return 1e999 > 1`, "true"},
	{"wide hexadecimal literal", "", `return 0xffffffffffffffff == 2^64`, "true"},
	{"upvalues after pcall", "448", `local n = 0; local function inc() n = n + 1 end; pcall(error, "x"); inc(); return n`, "1"},
	{"upvalues out of xpcall", "448", `local f; xpcall(function() local x = 5; f = function() return x end; local y = nil + 1 end, function() end); local a, b, c, d = 1, 2, 3, 4; return f()`, "5"},
	{"handler that fails", "", `return (select(2, xpcall(error, function() error("again") end)))`, "error in error handling"},
	{"full stack", "", `local function f() return 1 + f() end; return (select(2, pcall(f)))`, "test:1: stack overflow"},
	{"values that resume doesn't give", "", `local co = coroutine.wrap(function() local a = coroutine.yield() return type(a) end); co(); return co()`, "nil"},
	{"yield in a tail call", "", `local co = coroutine.wrap(function() return coroutine.yield() end); co(); return co(5)`, "5"},
	{"yield inside pcall", "", `local co = coroutine.create(function() return pcall(coroutine.yield) end); return (select(3, coroutine.resume(co)))`, "attempt to yield across metamethod/C-call boundary"},
	{"yield in a metamethod", "", `local t = setmetatable({}, {__index = coroutine.yield}); local co = coroutine.wrap(function() return pcall(function() return t.x end) end); return (co())`, "false"},
	{"dead after an error in wrap", "", `local co; pcall(coroutine.wrap(function() co = coroutine.running() error() end)); return coroutine.status(co)`, "dead"},
	{"status of the one before the last", "", `local a a = coroutine.create(function() return coroutine.wrap(function() return coroutine.wrap(function() return coroutine.status(a) end)() end)() end); return (select(2, coroutine.resume(a)))`, "normal"},
	{"function in Go as a coroutine", "", `return (select(2, coroutine.resume(coroutine.create(math.max), 1, 5)))`, "5"},
}

// TestMends fails for a mend that isn't one, and for one that gopher-lua doesn't
// need any more: that one can go.
func TestMends(t *testing.T) {
	for _, test := range mends {
		t.Run(test.name, func(t *testing.T) {
			if got := mended(test.source); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if bare(test.source) == test.want {
				t.Errorf("bare gopher-lua does it right: the mend can go (upstream issue %q)", test.upstream)
			}
		})
	}
}

func newState() *lua.LState {
	return lua.NewState(lua.Options{
		CallStackSize:       2000,
		RegistrySize:        256,
		RegistryGrowStep:    4096,
		RegistryMaxSize:     1 << 20,
		MinimizeStackMemory: true,
	})
}

// install puts what this package mends into L.
func install(L *lua.LState) {
	vm.Adopt(L)
	glua.SetNamed(L.G.Global, "pcall", L.NewFunction(vm.PCall))
	glua.SetNamed(L.G.Global, "xpcall", L.NewFunction(vm.XPCall(nil)))
	glua.SetFuncs(L, glua.Named(L.G.Global, "coroutine").(*lua.LTable), vm.Coroutine)
	L.SetTop(0)
}

// load compiles source as this package does.
func load(L *lua.LState, source string) (*lua.LFunction, error) {
	chunk, err := syntax.Parse("test", source)
	if err != nil {
		return nil, err
	}
	proto, err := compile.Compile(chunk, "test")
	if err != nil {
		return nil, err
	}
	return L.NewFunctionFromProto(proto), nil
}

// mended returns the first value of source, or its error.
func mended(source string) string {
	L := newState()
	defer L.Close()
	install(L)
	f, err := load(L, source)
	if err != nil {
		return err.Error()
	}
	L.Push(f)
	if err := vm.Call(L, 0, 1); err != nil {
		return err.Error()
	}
	return L.Get(-1).String()
}

// bare is mended, by gopher-lua alone.
func bare(source string) (result string) {
	defer func() {
		if r := recover(); r != nil {
			result = fmt.Sprint(r)
		}
	}()
	L := newState()
	f, err := L.LoadString(source)
	if err != nil {
		return err.Error()
	}
	if err := L.CallByParam(lua.P{Fn: f, NRet: 1, Protect: true}); err != nil {
		return err.Error()
	}
	return fmt.Sprint(L.Get(-1))
}
