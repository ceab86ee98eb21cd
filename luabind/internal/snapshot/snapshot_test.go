package snapshot

import (
	"context"
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/chunk"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/vm"
)

// side is a Lua state with a codec, as an engine makes it.
type side struct {
	*Codec
	t testing.TB
}

func newSide(t testing.TB) *side {
	t.Helper()
	L := lua.NewState(lua.Options{MinimizeStackMemory: true, CallStackSize: 16000, RegistrySize: 1024, RegistryMaxSize: 1 << 20, RegistryGrowStep: 1024})
	vm.Adopt(L)
	t.Cleanup(L.Close)
	chunks := chunk.NewStore()
	s := &side{t: t}
	glua.SetNamed(L.G.Global, "loadstring", L.NewFunction(func(L *lua.LState) int {
		f, err := s.load(L.OptString(2, "string"), L.CheckString(1))
		if err != nil {
			L.Push(lua.LNil)
			L.Push(lua.LString(err.Error()))
			return 2
		}
		L.Push(f)
		return 1
	}))
	s.Codec = NewCodec(L, chunks, nil)
	return s
}

func (s *side) load(name, source string) (*lua.LFunction, error) {
	p, err := s.chunks.Compile(context.Background(), name, source)
	if err != nil {
		return nil, err
	}
	return s.L.NewFunctionFromProto(p), nil
}

// eval runs source and returns its one result.
func (s *side) eval(source string) lua.LValue {
	s.t.Helper()
	f, err := s.load("test.lua", source)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.call(f)
}

func (s *side) call(f lua.LValue, args ...lua.LValue) lua.LValue {
	s.t.Helper()
	if err := s.L.CallByParam(lua.P{Fn: f, NRet: 1, Protect: true}, args...); err != nil {
		s.t.Fatal(err)
	}
	v := s.L.Get(-1)
	s.L.Pop(1)
	return v
}

// send takes the function that source returns to a new side, and calls it there.
func send(t testing.TB, source string) (lua.LValue, *side) {
	t.Helper()
	from, to := newSide(t), newSide(t)
	b, err := from.Pack("the other side", Root{"target", from.eval(source)})
	if err != nil {
		t.Fatal(err)
	}
	roots, err := to.Unpack(b)
	if err != nil {
		t.Fatal(err)
	}
	return to.call(roots[0]), to
}

func TestTravel(t *testing.T) {
	for _, test := range []struct{ name, source, want string }{
		{"upvalue", `local x = 41; return function() x = x + 1; return x end`, "42"},
		{"shared upvalue", `
			local n = 0
			local function inc() n = n + 1 end
			return function() inc(); inc(); return n end`, "2"},
		{"shared by two tables", `
			local n = 0
			local a, b = {inc = function() n = n + 1 end}, {get = function() return n end}
			return function() a.inc(); a.inc(); return b.get() end`, "2"},
		{"own recursion", `
			local function fact(n) if n < 2 then return 1 end return n * fact(n - 1) end
			return function() return fact(10) end`, "3628800"},
		{"mutual recursion", `
			local even, odd
			function even(n) if n == 0 then return true end return odd(n - 1) end
			function odd(n) if n == 0 then return false end return even(n - 1) end
			return function() return tostring(even(10)) .. tostring(odd(10)) end`, "truefalse"},
		{"cycle", `local t = {}; t.me = t; t[t] = t; return function() return tostring(t.me.me == t and t[t] == t) end`, "true"},
		{"metatable with itself as index", `
			local C = {}; C.__index = C
			function C.new(x) return setmetatable({x = x}, C) end
			function C:get() return self.x end
			local o = C.new(7)
			return function() return o:get() + C.new(1):get() end`, "8"},
		{"order of pairs", `
			local t = {1, 2, nil, 4, z = 1, a = 2, [true] = 3, m = 4, [2.5] = 5}
			t.b = 6; t.a = nil; t.q = 7
			local function list() local s = "" for k in pairs(t) do s = s .. tostring(k) .. " " end return s end
			local here = list()
			return function() return tostring(here == list()) .. " " .. list() end`, "true 1 2 4 q true 2.5 z m b "},
		{"records", `
			local t = {}
			for i = 1, 5 do t[i] = {i, id = i, name = "n" .. i} end
			t[4].id = nil
			return function()
				t[1].more = 1; t[2].id = nil; t[3].id = "x"
				local s = ""
				for i = 1, 5 do for k, v in pairs(t[i]) do s = s .. k .. v .. " " end end
				return s
			end`, "11 id1 namen1 more1 12 namen2 13 idx namen3 14 namen4 15 id5 namen5 "},
		{"records of two kinds in turn, with many fields", `
			local t = {}
			for i = 1, 20 do
				t[i] = {}
				for k = 1, 5 + i % 2 * 10 do t[i]["k" .. k] = i * k end
			end
			return function()
				local sum, keys = 0, ""
				for i = 1, 20 do for k, v in pairs(t[i]) do
					sum = sum + v
					if i > 18 then keys = keys .. k:sub(2) .. " " end
				end end
				return sum .. ": " .. keys
			end`, "13650: 12 9 8 1 15 3 2 14 13 10 11 6 7 4 5 5 1 4 3 2 "},
		{"length with holes", `local t = {1, nil, 3, nil, nil}; local n = #t; return function() return tostring(#t == n) end`, "true"},
		{"globals named in code", `
			x = 5; function double(n) return n * 2 end; unrelated = 1
			return function() return double(x) end`, "10"},
		{"globals not named stay", `
			secret = 1
			return function() return type(next) end`, "function"},
		{"a function from a string", `local f = loadstring("local a = ... ; return function() return a * 3 end", "=s"); return f(5)`, "15"},
		{"function environments", `
			local env = {x = "env"}
			local f = setfenv(function() return x end, env)
			x = "global"
			return function() return f() end`, "env"},
		{"changed library", `
			function string.trim(s) return (s:gsub("^%s+", "")) end
			return function() return ("  a"):trim() end`, "a"},
		{"removed from a library", `os.exit = nil; return function() return tostring(os.exit) end`, "nil"},
		{"removed global", `dofile = nil; return function() return tostring(dofile) end`, "nil"},
		{"builtins are the same", `local p = print; return function() return tostring(p == print) end`, "true"},
		{"iterators of pairs", `local nx = pairs({}); return function() return tostring(nx == pairs({})) end`, "true"},
		{"strict globals", `
			setmetatable(_G, {__index = function(_, k) error("undeclared " .. k, 0) end})
			return function() local _, e = pcall(function() return nothere end); return e end`, "undeclared nothere"},
		{"_G takes all globals", `hidden = "seen"; return function() return _G["hid" .. "den"] end`, "seen"},
		{"loadstring takes all globals", `hidden = "seen"; local ld = loadstring; return function() return ld("return hidden")() end`, "seen"},
		{"module table", `
			package.loaded.counter = {n = 3}
			local c = require "counter"
			return function() c.n = c.n + 1; return require("counter").n end`, "4"},
		{"module required in the child only", `
			package.loaded.counter = {n = 3}
			return function() return require "counter".n end`, "3"},
		{"module with a name made at run time", `
			package.loaded.counter = {n = 3}
			return function() return require("count" .. "er").n end`, "3"},
		{"functions in package.preload follow require", `
			local n = 6
			package.preload.p = function() return function() return n end end
			return function() return require(("p"):rep(1))() end`, "6"},
		{"package.path follows require", `package.path = "over/there/?.lua"; return function() local _, e = pcall(require, "nope"); return tostring(e:find("over/there/nope.lua", 1, true) ~= nil) end`, "true"},
		{"numbers", `
			local t = {1/0, -1/0, 0/0, 0, 0, 2^53, -2^53, 1e300, 0.1, -7}
			return function()
				assert(t[1] == 1/0 and t[2] == -1/0 and t[3] ~= t[3] and t[4] == 0)
				assert(t[6] == 2^53 and t[7] == -2^53 and t[8] == 1e300 and t[9] == 0.1 and t[10] == -7)
				return "ok"
			end`, "ok"},
		{"all bytes", `
			local b = {}
			for i = 0, 255 do b[#b + 1] = string.char(i) end
			local s = table.concat(b)
			return function() for i = 0, 255 do assert(s:byte(i + 1) == i) end return #s end`, "256"},
		{"functions as keys", `local f = function() return 1 end; local t = {[f] = 9, [print] = 1}; return function() return t[f] + t[print] + f() end`, "11"},
		{"varargs and nested closures", `
			local function make(...) local a = {...}; return function(...) return #a + select("#", ...) end end
			local f = make(1, 2, 3)
			return function() return f(1, 2) end`, "5"},
		{"loop variables are apart", `
			local t = {}
			for i = 1, 3 do t[i] = function() i = i + 10; return i end end
			return function() t[1](); return t[1]() + t[2]() end`, "33"},
		{"string metatable", `getmetatable("").__add = function(a, b) return a .. "+" .. b end; return function() return "a" + "b" end`, "a+b"},
		{"nil metatable", `debug.setmetatable(nil, {__index = function() return "none" end}); return function() local x; return x.y end`, "none"},
		{"a proxy", `local p = newproxy(true); getmetatable(p).__index = function(_, k) return k end; return function() return p.hello end`, "hello"},
		{"setfenv'd closure shares globals through _G", `
			local env = setmetatable({}, {__index = _G}); g = 2
			local f = setfenv(function() return g end, env)
			return function() return f() end`, "2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, _ := send(t, test.source)
			if got.String() != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// gopher-lua's own arithmetic makes 0 of -0; a Go function doesn't.
func TestNegativeZero(t *testing.T) {
	from, to := newSide(t), newSide(t)
	b, err := from.Pack("the other side", Root{"v", lua.LNumber(math.Copysign(0, -1))})
	if err != nil {
		t.Fatal(err)
	}
	roots, err := to.Unpack(b)
	if err != nil || roots[0] != lua.LNumber(0) || !math.Signbit(float64(roots[0].(lua.LNumber))) {
		t.Errorf("got %v, %v, want -0", roots, err)
	}
}

func TestUnrelatedGlobalsStay(t *testing.T) {
	from := newSide(t)
	target := from.eval(`big = {}; for i = 1, 10000 do big[i] = {i} end; return function() return 1 end`)
	b, err := from.Pack("the other side", Root{"target", target})
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Data) > 1000 {
		t.Errorf("%d bytes for a function that reaches nothing", len(b.Data))
	}
}

func TestCannotSend(t *testing.T) {
	for _, test := range []struct{ name, source, want string }{
		{"field", `return {conn = {log = io.stdout, file = io.tmpfile()}}`, `args.conn.file is a file (open it in the child)`},
		{"item and odd key", `return {1, {["a b"] = {[true] = io.tmpfile()}}}`, `args[2]["a b"][true] is a file (open it in the child)`},
		{"upvalue", `local log = io.tmpfile(); return function() return log end`, `(upvalue log of args) is a file (open it in the child)`},
		{"global", `log = {io.tmpfile()}; return function() return log end`, `(global log)[1] is a file (open it in the child)`},
		{"coroutine", `return {co = coroutine.create(print)}`, `args.co is a coroutine (create it in the child)`},
		{"coroutine.wrap", `return {coroutine.wrap(print)}`, `args[1] is a function bound from Go in this engine only (use a Module, or get it in the child)`},
		{"key", `return {[io.tmpfile()] = 1}`, `(key of args) is a file (open it in the child)`},
		{"metatable", `return setmetatable({}, {__index = coroutine.create(print)})`, `(metatable of args).__index is a coroutine (create it in the child)`},
		{"library", `string.log = io.tmpfile(); return function() return string.log end`, `string.log is a file (open it in the child)`},
		{"environment", `return setfenv(function() end, {f = io.tmpfile()})`, `(environment of args).f is a file (open it in the child)`},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSide(t)
			_, err := s.Pack("the other side", Root{"args", s.eval(test.source)})
			if err == nil || err.Error() != "cannot send to the other side: "+test.want {
				t.Errorf("got %v, want ... %s", err, test.want)
			}
		})
	}
}

func TestPoison(t *testing.T) {
	got, to := send(t, `
		log = {file = io.tmpfile()}
		fine = 1
		return function() return _G end`)
	g := got.(*lua.LTable)
	if g != to.L.G.Global {
		t.Fatalf("got another _G")
	}
	const want = `(global log).file is a file (open it in the child)`
	for _, use := range []string{
		`return log.file.x`, `log.file.x = 1`, `log.file()`, `return log.file + 1`, `return 1 .. log.file`,
		`return #log.file`, `return tostring(log.file)`, `return log.file < log.file`, `log.file:write("x")`,
	} {
		f, err := to.load("use", use)
		if err != nil {
			t.Fatal(err)
		}
		err = to.L.CallByParam(lua.P{Fn: f, NRet: 0, Protect: true})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", use, err, want)
		}
	}
	// What arrived as placeholder goes on as placeholder.
	b, err := to.Pack("the other side", Root{"log", to.eval(`return log`)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newSide(t).Unpack(b); err != nil {
		t.Fatal(err)
	}
}

func TestDepth(t *testing.T) {
	got, _ := send(t, `
		local t = {}
		for i = 1, 300000 do t = {t} end
		return function() local n = 0; while t[1] do t = t[1]; n = n + 1 end return n end`)
	if got.String() != "300000" {
		t.Errorf("got depth %s", got)
	}
	s := newSide(t)
	_, err := s.Pack("the other side", Root{"args", s.eval(`
		local t = {io.tmpfile()}
		for i = 1, 100000 do t = {t} end
		return t`)})
	if err == nil || !strings.HasSuffix(err.Error(), "[1] is a file (open it in the child)") || len(err.Error()) > 400 {
		t.Errorf("got %.1000v", err)
	}
}

// So many objects that several goroutines make the tables among them.
func TestMany(t *testing.T) {
	got, _ := send(t, `
		local list = {}
		for i = 1, 30000 do
			local kind = i % 4
			if kind == 0 then list[i] = {id = i, next = list[i - 1]}
			elseif kind == 1 then list[i] = {i, [-i] = i}
			elseif kind == 2 then list[i] = function() return i end
			else list[i] = {name = "item " .. i, id = i, n = 1} end
		end
		return function()
			for i, v in ipairs(list) do
				local kind, keys = i % 4, 0
				if kind == 2 then
					assert(v() == i)
				else
					for k in pairs(v) do keys = keys + 1 end
					if kind == 0 then assert(v.id == i and v.next == list[i - 1] and keys == 2)
					elseif kind == 1 then assert(v[1] == i and v[-i] == i and keys == 2)
					else assert(v.name == "item " .. i and v.id == i and v.n == 1 and keys == 3) end
				end
			end
			return #list
		end`)
	if got.String() != "30000" {
		t.Errorf("got %s objects", got)
	}
}

// Room is near to what Unpack takes.
func TestRoom(t *testing.T) {
	for name, source := range map[string]string{
		"records":     `return {id = i, name = "item " .. i, ok = true}`,
		"other keys":  `return {["a" .. i] = i, ["b" .. i] = true}`,
		"many fields": `local r = {}; for k = 1, 50 do r["k" .. k] = k end; return r`,
		"lists":       `return {i, i + 1, i + 2}`,
		"empty":       `return {}`,
		"closures":    `return function() return i end`,
	} {
		from, to := newSide(t), newSide(t)
		s, err := from.Pack("the other side", Root{"v", from.eval(`
			local function one(i) ` + source + ` end
			local t = {}
			for i = 1000, 5000 do t[#t + 1] = one(i) end
			return t`)})
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := to.Unpack(s); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		took := int(after.TotalAlloc - before.TotalAlloc)
		if s.Room < took*2/3 || s.Room > took*3/2 {
			t.Errorf("%s: room for %d bytes, %d were taken", name, s.Room, took)
		}
	}
}

func TestDamage(t *testing.T) {
	from := newSide(t)
	snapshot, err := from.Pack("the other side", Root{"target", from.eval(seedSource)})
	if err != nil {
		t.Fatal(err)
	}
	whole := snapshot.Data
	for n := range whole {
		if _, err := quick().Unpack(&Snapshot{Data: whole[:n]}); err == nil {
			t.Fatalf("%d of %d bytes were enough", n, len(whole))
		}
		b := append([]byte(nil), whole...)
		b[n] ^= 1 << (n % 8)
		if _, err := quick().Unpack(&Snapshot{Data: b}); err == nil {
			t.Fatalf("a changed byte %d was not seen", n)
		}
	}
}

// What the checksum lets through is still looked at.
func TestWrongShapes(t *testing.T) {
	const (
		texts  = "\x02" + "\x01\x01" + "ab"
		chunks = "\x00"
		noIDs  = "\x00\x00\x00"
		tail   = "\x08" + "\x01o\x00" + "\x00" + "\x00" + "0" + "\x00" + "\x00"
	)
	for name, test := range map[string]struct{ shapes, shells, bodies, want string }{
		"as it should be":  {"\x01\x02\x02\x00\x00\x00\x01", "\x03R\x00\x00", "\x030tf", ""},
		"one key in two":   {"\x01\x01\x02\x01\x01", "\x03R\x00\x00", "\x020f", ""},
		"behind the nodes": {"\x01\x01\x02\x02\x01", "\x03R\x00\x00", "\x020f", "a shape whose keys don't fit"},
		"too many nodes":   {"\x01\x01\x20\x00\x01", "\x03R\x00\x00", "\x020f", "1 fields in 2^31 nodes"},
		"too few nodes":    {"\x01\x02\x01\x00\x01\x00\x00", "\x03R\x00\x00", "\x030ft", "2 fields in 2^0 nodes"},
		"no nodes":         {"\x01\x02\x00\x00\x00\x00\x01", "\x03R\x00\x00", "\x030tf", "a shape whose keys don't fit"},
		"a key twice":      {"\x01\x02\x02\x00\x00\x00\x00", "\x03R\x00\x00", "\x030tf", "a shape whose keys don't fit"},
		"no such key":      {"\x01\x02\x02\x00\x00\x00\x02", "\x03R\x00\x00", "\x030tf", "number 2 of 2"},
		"no such shape":    {"\x01\x02\x02\x00\x00\x00\x01", "\x03R\x00\x01", "\x030tf", "number 1 of 1"},
		"no value":         {"\x01\x02\x02\x00\x00\x00\x01", "\x03R\x00\x00", "\x030t0", "a field without a value"},
		"too few values":   {"\x01\x02\x02\x00\x00\x00\x01", "\x03R\x00\x00", "\x01" + "0", "a table of 2"},
		"one value is cut": {"\x01\x02\x02\x00\x00\x00\x01", "\x03R\x00\x00", "\x020t", "it ends too early"},
	} {
		b := seal([]byte(texts + chunks + test.shapes + noIDs + "\x01" + test.shells + test.bodies + tail))
		roots, err := quick().Unpack(&Snapshot{Data: b})
		if test.want == "" {
			if err != nil || glua.Named(roots[0].(*lua.LTable), "b") != lua.LFalse {
				t.Errorf("%s: got %v, %v", name, roots, err)
			}
		} else if !errors.Is(err, ErrDamaged) || !strings.HasSuffix(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
}

// A chunk that was expected is compiled once, however often its functions arrive, and
// entered once: each further cleanup of a prototype made the next one dearer.
func TestExpected(t *testing.T) {
	from, to := newSide(t), newSide(t)
	s, err := from.Pack("the other side", Root{"target", from.eval(`return function() return 7 end`)})
	if err != nil {
		t.Fatal(err)
	}
	to.chunks.Expect(s.Sources[0])
	arrive := func() (*lua.FunctionProto, *chunk.Place) {
		roots, err := to.Unpack(s)
		if err != nil {
			t.Fatal(err)
		}
		f := roots[0].(*lua.LFunction)
		return f.Proto, to.chunks.Find(f.Proto)
	}
	proto, at := arrive()
	if again, at2 := arrive(); again != proto || at2 != at || at == nil {
		t.Errorf("the second time %p at %p, the first time %p at %p", again, at2, proto, at)
	}
}

// A string that was met lately is not written again, wherever it differs from others.
func TestRecentStrings(t *testing.T) {
	for _, name := range []string{
		`"https://shop.example/" .. i % 20 .. "/index.html"`,
		`("2024-%02d-01T00:00:00.000Z"):format(i % 12 + 1)`,
		`i % 20 .. (" in front of much that is the same"):rep(10)`,
		`("much that is the same before "):rep(10) .. i % 20`,
	} {
		from := newSide(t)
		s, err := from.Pack("the other side", Root{"v", from.eval(`
			local t = {}
			for i = 1, 1000 do t[i] = ` + name + ` end
			return t`)})
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Data) > 12_000 {
			t.Errorf("%s: %d bytes", name, len(s.Data))
		}
	}
}
