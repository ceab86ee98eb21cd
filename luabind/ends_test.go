package luabind_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
)

// worst is, for each builtin function, what takes it longest. The functions of quick
// do a bounded amount of work whatever they get.
//
// Excepted is what is one step over a string of a gigabyte: one allocation of it (s .. s,
// string.rep, reverse, upper, format("%s")), which the kernel has to give and to clear.
//
// big is a string of 2^26 bytes, list a table of 2^21 numbers, text the same as strings.
var worst = map[string]string{
	"assert":         `assert(false, big)`,
	"collectgarbage": `for i = 1, 1e3 do collectgarbage() end`,
	"dofile":         `dofile()`,
	"error":          `error(big, 2)`,
	"ipairs":         `for _ in ipairs(list) do end`,
	"load":           `load(function() return source end)`,
	"loadfile":       `loadfile()`,
	"loadstring":     `loadstring(source)`,
	"module":         `module(("a."):rep(2^24))`,
	"next":           `local t = {} for i = 1, 1e6 do t["k" .. i] = i end for i = 1, 1e6 - 1 do t["k" .. i] = nil end for i = 1, 1e6 do next(t) end`,
	"pairs":          `for _ in pairs(list) do end`,
	"pcall":          `pcall(pcall, error, big)`,
	"print":          `print(big)`,
	"rawequal":       `rawequal(big, big2)`,
	"rawget":         `rawget(list, big)`,
	"rawset":         `rawset(list, big, 1)`,
	"require":        `package.path = "?" require(("a."):rep(2^24))`,
	"select":         `select(2, unpack(list, 1, 7000))`,
	"setmetatable":   `local m = {__mode = "k"} for i = 1, 1e5 do setmetatable({}, m) end`,
	"tonumber":       `tonumber(zeros) tonumber(zeros, 16) tonumber(spaces) tonumber("0x" .. zeros)`,
	"tostring":       `tostring(setmetatable({}, {__tostring = function() while true do end end}))`,
	"unpack":         `unpack(list, 1, 7000)`,
	"xpcall":         `xpcall(error, function() while true do end end)`,

	"coroutine.create": `for i = 1, 1e5 do coroutine.create(function() end) end`,
	"coroutine.resume": `coroutine.resume(coroutine.create(function() while true do end end))`,
	"coroutine.wrap":   `coroutine.wrap(function() while true do end end)()`,
	"coroutine.yield":  `local co = coroutine.wrap(function() while true do coroutine.yield(1) end end) while true do co() end`,

	"debug.debug":     `debug.debug()`,
	"debug.getinfo":   `debug.getinfo(loaded, "SlnufL")`,
	"debug.getlocal":  `debug.getlocal(1, 2^31 - 1)`,
	"debug.sethook":   `coroutine.wrap(function() debug.sethook(function() while true do end end, "l") local x = 1 end)()`,
	"debug.traceback": `local function f(n) if n == 0 then return debug.traceback(big) end return (f(n - 1)) end f(10000)`,

	"io.close":   `local f = io.popen("sleep 1000") io.close(f)`,
	"io.input":   `io.input("fifo")`,
	"io.lines":   `for l in io.lines() do end`,
	"io.open":    `io.open("fifo")`,
	"io.output":  `io.output("fifo")`,
	"io.popen":   `io.popen("sleep 1000"):read()`,
	"io.read":    `io.read("*n")`,
	"io.tmpfile": `io.tmpfile():write(big)`,
	"io.write":   `io.write(big)`,

	"file:close": `local f = io.popen("sleep 1000") f:close()`,
	"file:flush": `io.stdout:write(big) io.stdout:flush()`,
	"file:lines": `for l in io.stdin:lines() do end`,
	"file:read":  `io.stdin:read("*a")`,
	"file:seek":  `local f = io.tmpfile() f:seek("set", 2^26 - 1) f:write("x")`,
	"file:write": `io.stdout:write(big)`,

	"os.date":    `os.date(dates)`,
	"os.execute": `os.execute("sleep 1000")`,
	"os.remove":  `os.remove(big)`,
	"os.rename":  `os.rename(big, big)`,
	"os.getenv":  `os.getenv(big)`,

	"package.loaders[2]": `package.path = ("?;"):rep(2^22) package.loaders[2]("x")`,
	"package.loaders[3]": `package.cpath = ("?;"):rep(2^22) package.loaders[3]("x")`,
	"package.loaders[4]": `package.cpath = ("?;"):rep(2^22) package.loaders[4]("x.y")`,
	"package.seeall":     `package.seeall(setmetatable({}, setmetatable({}, {__newindex = function() while true do end end})))`,

	"string.byte":    `string.byte(big, 1, 7000)`,
	"string.char":    `string.char(unpack(bytes))`,
	"string.dump":    `string.dump(loaded)`,
	"string.find":    `string.find(big, ("a*"):rep(1e3) .. "b") string.find(big, "ab", 1, true)`,
	"string.gfind":   `for _ in string.gfind(big, ".-b") do end`,
	"string.format":  `string.format(percents) string.format(("%99d"):rep(7000), unpack(bytes)) string.format("%q", big)`,
	"string.gmatch":  `for _ in string.gmatch(big, ".-b") do end`,
	"string.gsub":    `string.gsub(big, "a", "bb")`,
	"string.lower":   `string.lower(big)`,
	"string.match":   `string.match(big, ".-.-.-b")`,
	"string.rep":     `string.rep("ab", 2^25)`,
	"string.reverse": `string.reverse(big)`,
	"string.sub":     `string.sub(big, 2)`,
	"string.upper":   `string.upper(big)`,

	"table.concat":   `table.concat(list, ",")`,
	"table.foreach":  `table.foreach(list, function() end)`,
	"table.foreachi": `table.foreachi(list, function() end)`,
	"table.getn":     `table.getn(list)`,
	"table.insert":   `table.insert(list, 1, 1) table.insert({}, -2^31 + 1, 1)`,
	"table.maxn":     `table.maxn(list)`,
	"table.remove":   `table.remove(list, 1)`,
	"table.sort":     `table.sort(list, function(a, b) return a > b end) table.sort(list) table.sort(text)`,

	// No functions, but what takes long as well.
	"operator ..":    `local s = big .. big2`,
	"operator ==":    `local s = big == big2`,
	"operator <":     `local s = big < big2`,
	"operator +":     `local s = zeros + 1`,
	"__index":        `local t = {} for i = 1, 90 do t = setmetatable({}, {__index = t}) end for i = 1, 1e7 do local x = t.x end`,
	"for":            `for i = 1, math.huge do end`,
	"constructor":    `local t = {unpack(bytes)}`,
	"error handlers": `xpcall(function() error("x") end, function() error("y") end)`,
	"undump":         `loadstring(dumped)`,
	"nested load":    `load(function() return load(function() return source end) and "" end)`,
	"goto":           `::again:: goto again`,
}

// quick are the functions that can't take long.
var quick = strings.Fields(`
	gcinfo getfenv getmetatable newproxy setfenv type coroutine.running coroutine.status
	debug.getfenv debug.gethook debug.getmetatable debug.getregistry debug.getupvalue debug.setfenv debug.setlocal
	debug.setmetatable debug.setupvalue io.flush io.type file:setvbuf file:__gc file:__tostring
	math.abs math.acos math.asin math.atan math.atan2 math.ceil math.cos math.cosh math.deg math.exp math.floor math.fmod
	math.frexp math.ldexp math.log math.log10 math.max math.min math.mod math.modf math.pow math.rad math.random math.randomseed
	math.sin math.sinh math.sqrt math.tan math.tanh os.clock os.difftime os.exit os.setlocale os.time os.tmpname
	package.loadlib package.loaders[1] string.len table.setn`)

// endless is a reader that always has more.
type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = '1'
	}
	return len(b), nil
}

const endsSetup = `
	big = ("a"):rep(2^26) big2 = big:sub(1, -2) .. "b"
	zeros = ("0"):rep(2^26) spaces = (" "):rep(2^26) percents = ("%%"):rep(2^25) dates = ("%c"):rep(2^22)
	list = {} text = {} for i = 1, 2^21 do list[i] = (i * 7919) % 1000003 text[i] = "x" .. list[i] end
	bytes = {} for i = 1, 7000 do bytes[i] = i % 256 end
	source = ("x = y + 1 local a = {1, 2, f(3)} "):rep(100) source = ("do " .. source .. " end "):rep(500)
	loaded = loadstring(source) dumped = string.dump(loaded)`

// builtins lists the functions of an engine by the names that a script has for them.
func builtins(e *luabind.Engine) []string {
	var names []string
	walk := func(prefix string, t *lua.LTable) {
		t.ForEach(func(k, v lua.LValue) {
			if v.Type() == lua.LTFunction {
				names = append(names, prefix+k.String())
			}
		})
	}
	G := e.State().G
	walk("", G.Global)
	G.Global.ForEach(func(k, v lua.LValue) {
		if t, ok := v.(*lua.LTable); ok && t != G.Global {
			walk(k.String()+".", t)
		}
	})
	loaders := e.State().GetField(G.Global.RawGetString("package"), "loaders").(*lua.LTable)
	for i := range loaders.Len() {
		names = append(names, fmt.Sprintf("package.loaders[%d]", i+1))
	}
	file := e.State().GetTypeMetatable("FILE*").(*lua.LTable)
	walk("file:", file)
	if methods, ok := file.RawGetString("__index").(*lua.LTable); ok && methods != file {
		walk("file:", methods)
	}
	return names
}

// A context ends whatever a script does. That it does so within 100 ms, LUASPAWN_QUIET=1
// measures, on a machine with nothing else to do.
func TestContextEndsEveryBuiltin(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	known := slices.Clone(quick)
	for name := range worst {
		known = append(known, name)
	}
	for _, name := range builtins(e) {
		if !slices.Contains(known, name) {
			t.Errorf("nobody says what takes %s longest", name)
		}
	}
	if os.Getenv("LUASPAWN_QUIET") == "" {
		return
	}
	e = newEngine(t, luabind.Config{Stdin: endless{}, Stdout: io.Discard, Shell: true})
	if err := e.Run(context.Background(), "setup", strings.NewReader(endsSetup)); err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(worst)) {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			var ended time.Time
			if err := e.SetGlobal("now", func() {
				time.AfterFunc(200*time.Millisecond, func() { ended = time.Now(); cancel() })
			}); err != nil {
				t.Fatal(err)
			}
			before := runtime.NumGoroutine()
			err := e.Run(ctx, "attack", strings.NewReader("now() while true do pcall(function() "+worst[name]+" end) end"))
			late := time.Since(ended)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			t.Logf("%s: %v after the context, %d goroutines more", name, late.Round(time.Millisecond), runtime.NumGoroutine()-before)
			if late > 100*time.Millisecond {
				t.Errorf("%v late", late)
			}
		})
	}
}

// lookedAt is a context that ends when it has been looked at n times since it was armed. Nobody
// is told of its end, so that only who looks sees it.
type lookedAt struct {
	context.Context
	n     int
	armed bool
	done  chan struct{}
}

func (c *lookedAt) Done() <-chan struct{} { return c.done }

func (c *lookedAt) Err() error {
	if c.armed {
		c.n--
	}
	if c.armed && c.n <= 0 {
		return context.Canceled
	}
	return nil
}

// What takes long in one step looks at the context: often where it can go in pieces, and before it
// begins where it runs apart.
func TestLooksAtTheContext(t *testing.T) {
	for _, test := range []struct {
		looks int
		setup string
		call  string
	}{
		{3, `s = ("a."):rep(2^14) .. "a"`, `module(s)`},
		{3, `s = ("%%"):rep(2^19)`, `string.format(s)`},
		{3, `s = ("%c"):rep(2^16)`, `os.date(s)`},
		{3, `s = ("x"):rep(2^25)`, `string.format("%q", s)`},
		{3, `package.path = ("?;"):rep(100)`, `package.loaders[2]("x")`},
		{1, `s = ("0"):rep(2^21)`, `tonumber(s)`},
		{1, `s = ("0"):rep(2^21)`, `tonumber(s, 16)`},
		{1, `s = ("0"):rep(2^21)`, `local n = s + 1`},
		{1, `s = ("0"):rep(2^21)`, `for i = s, 1 do end`},
		{1, `s = ("0"):rep(2^21)`, `math.sin(s)`},
		{1, `s = string.dump(loadstring(("x = 1 "):rep(2^15)))`, `loadstring(s)`},
		{1, `s = ("x = 1 "):rep(2^15)`, `loadstring(s)`},
	} {
		e := newEngine(t, luabind.Config{})
		if err := e.Run(context.Background(), "setup", strings.NewReader(test.setup)); err != nil {
			t.Fatal(err)
		}
		ctx := &lookedAt{Context: context.Background(), n: test.looks, done: make(chan struct{})}
		if err := e.SetGlobal("arm", func() { ctx.armed = true }); err != nil {
			t.Fatal(err)
		}
		if err := e.Run(ctx, "looks", strings.NewReader("arm() "+test.call)); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, %s: got %v, want the end of the context", test.setup, test.call, err)
		}
	}
}

// A script that goes on loading when its context has ended leaves no goroutines behind.
func TestLoadsLeaveNoGoroutines(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := e.SetGlobal("cancel", func() string { cancel(); return "" }); err != nil {
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	err := e.Run(ctx, "load", strings.NewReader(`
		local source = ("x = 1 "):rep(2^15)
		local t = {cancel} for i = 2, 200 do t[i] = function() return loadstring(source) end end
		table.foreachi(t, function(i, f) f() end)`))
	if n := runtime.NumGoroutine() - before; !errors.Is(err, context.Canceled) || n > runtime.GOMAXPROCS(0)+4 {
		t.Errorf("got %v, %d goroutines more", err, n)
	}
}
