package luabind_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
)

// files is a file system in memory with the given files.
func files(t *testing.T, content map[string]string) afero.Fs {
	t.Helper()
	fs := afero.NewMemMapFs()
	for name, text := range content {
		if err := afero.WriteFile(fs, name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return fs
}

func newEngine(t *testing.T, c luabind.Config) *luabind.Engine {
	t.Helper()
	e, err := luabind.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// run returns what source prints.
func run(t *testing.T, c luabind.Config, source string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	c.Stdout = &out
	err := newEngine(t, c).Run(context.Background(), "test.lua", strings.NewReader(source))
	return out.String(), err
}

func TestRun(t *testing.T) {
	fs := files(t, map[string]string{
		"lib/counter.lua":     "local n = 0; return {inc = function() n = n + 1; return n end}",
		"lib/pkg/init.lua":    "return {name = ...}",
		"lib/broken.lua":      "x = = 1",
		"lib/loop.lua":        `return require "loop"`,
		"lib/nothing.lua":     "set = true",
		"hash.lua":            "#!/usr/bin/env luaspawn\nreturn debug.getinfo(1, 'l').currentline, ...",
		"bad.lua":             "\n\nx = = 1",
		"print.lua":           "print(1, nil, true, 'x')",
		"deeply/nested/f.lua": "return 'found'",
	})
	for _, test := range []struct{ name, source, want string }{
		{"print", `print(1, nil, true, "a\0b")`, "1\tnil\ttrue\ta\x00b\n"},
		{"print uses __tostring", `print(setmetatable({}, {__tostring = function() return "T" end}))`, "T\n"},
		{"print nothing", `print()`, "\n"},
		{"load", `local t = {"return ", "4", "2"}; local i = 0; print(load(function() i = i + 1; return t[i] end)())`, "42\n"},
		{"load fails", `print(load(function() return {} end))`, "nil\ttest.lua:1: reader function must return a string\n"},
		{"loadstring", `print(loadstring("return ...")(7))`, "7\n"},
		{"loadstring fails", `print(loadstring("x ="))`, "nil\t[string \"x =\"]:1: unexpected symbol near '<eof>'\n"},
		{"name of a long string", `print(select(2, loadstring(("x"):rep(100))))`, `[string "` + strings.Repeat("x", 43) + "...\"]:1: '=' expected near '<eof>'\n"},
		{"name of a file", `print(select(2, loadstring("x =", "@dir/f.lua")))`, "dir/f.lua:1: unexpected symbol near '<eof>'\n"},
		{"name as it is", `print(select(2, loadstring("x =", "=mine")))`, "mine:1: unexpected symbol near '<eof>'\n"},
		{"name of lines", `print(select(2, loadstring("\n\nx =")))`, "[string \"...\"]:3: unexpected symbol near '<eof>'\n"},
		{"loadfile", `print(loadfile("hash.lua")(5))`, "2\t5\n"},
		{"loadfile fails", `print(loadfile("bad.lua")) print(loadfile("none.lua"))`,
			"nil\tbad.lua:3: unexpected symbol near '='\nnil\tcannot open none.lua: No such file or directory\n"},
		{"dofile", `print(dofile("hash.lua")) dofile("print.lua")`, "2\n1\tnil\ttrue\tx\n"},
		{"dofile fails", `print(pcall(dofile, "none.lua"))`, "false\tcannot open none.lua: No such file or directory\n"},
		{"require", `local c = require "counter"; c.inc(); print(require("counter").inc(), c == package.loaded.counter)`, "2\ttrue\n"},
		{"require init and dots", `print(require("pkg").name) package.path = "?.lua"; print(require "deeply.nested.f")`, "pkg\nfound\n"},
		{"require what returns nothing", `print(require "nothing", set, package.loaded.nothing)`, "true\ttrue\ttrue\n"},
		{"require preloaded", `package.preload.p = function(n) return n .. "!" end; print(require "p")`, "p!\n"},
		{"require with a loader of one's own", `table.insert(package.loaders, function(n) return function() return n:upper() end end); print(require "own")`, "OWN\n"},
		{"require fails", `print(select(2, pcall(function() require "none" end)))`,
			"test.lua:1: module 'none' not found:\n\tno field package.preload['none']\n\tno file 'lib/none.lua'\n\tno file 'lib/none/init.lua'\n"},
		{"require a broken one", `print(select(2, pcall(function() require "broken" end)))`,
			"error loading module 'broken' from file 'lib/broken.lua':\n\tlib/broken.lua:1: unexpected symbol near '='\n"},
		{"require in a loop", `print(select(2, pcall(require, "loop")))`, "lib/loop.lua:1: loop or previous error loading module 'loop'\n"},
		{"the path must be text", `package.path = nil; print(select(2, pcall(function() require "x" end)))`, "'package.path' must be a string\n"},
		{"random", `math.randomseed(7); local a, b = math.random(), math.random(10); math.randomseed(7)
			print(a == math.random(), b == math.random(10), a >= 0 and a < 1)`, "true\ttrue\ttrue\n"},
		{"random in an interval", `for i = 1, 1000 do local r = math.random(-2, 2); assert(r >= -2 and r <= 2 and r % 1 == 0) end print(math.random(3, 3))`, "3\n"},
		{"random in none", `print(pcall(function() math.random(0) end)) print(pcall(function() math.random(2, 1) end))`,
			"false\ttest.lua:1: bad argument #1 to 'random' (interval is empty)\nfalse\ttest.lua:1: bad argument #2 to 'random' (interval is empty)\n"},
		{"xpcall", `print(xpcall(function() error("x", 0) end, function(m) return "<" .. m .. ">" end)) print(xpcall(function() return 1, 2 end, print))`,
			"false\t<x>\ntrue\t1\t2\n"},
		{"depth", `local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end print(f(15000))`, "15000\n"},
		{"no names but Lua's", `print(_printregs, channel)`, "nil\tnil\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := run(t, luabind.Config{Fs: fs, Path: "lib/?.lua;lib/?/init.lua"}, test.source)
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestRunFile(t *testing.T) {
	var out bytes.Buffer
	e := newEngine(t, luabind.Config{
		Fs:     files(t, map[string]string{"a.lua": "print(...)", "bad.lua": "x = 1 2"}),
		Stdout: &out,
		Stdin:  strings.NewReader("print 'from stdin'"),
	})
	ctx := context.Background()
	if err := e.RunFile(ctx, "a.lua", "x", "y"); err != nil || out.String() != "x\ty\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
	for _, test := range []struct{ name, want string }{
		{"none.lua", "cannot open none.lua: No such file or directory"},
		{"bad.lua", "bad.lua:1: unexpected symbol near '2'"},
	} {
		err := e.RunFile(ctx, test.name)
		var failure *luabind.Error
		if !errors.As(err, &failure) || failure.Traceback() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
	if err := e.RunFile(ctx, "none.lua"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want one that is os.ErrNotExist", err)
	}
	out.Reset()
	if err := e.Run(ctx, "test", strings.NewReader("dofile()")); err != nil || out.String() != "from stdin\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

func TestZeroConfig(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	ctx := context.Background()
	if err := e.Run(ctx, "zero", strings.NewReader(`print("into nothing"); assert(not loadfile("main.go")); assert(loadfile()() == nil)`)); err != nil {
		t.Error(err)
	}
}

func TestErrors(t *testing.T) {
	for _, test := range []struct{ name, source, message, stack string }{
		{"text", `local function f() error("boom") end f()`, "test.lua:1: boom", "test.lua:1: in function 'f'"},
		{"no position", `error("boom", 0)`, "boom", "stack traceback:"},
		{"table", `error({})`, "(error object is a table value)", "stack traceback:"},
		{"nil", `error(nil)`, "(error object is a nil value)", ""},
		{"__tostring", `error(setmetatable({}, {__tostring = function() return "T" end}))`, "T", ""},
		{"__tostring that raises", `error(setmetatable({}, {__tostring = function() error("no") end}))`, "(error object is a table value)", ""},
		{"in a coroutine", `coroutine.wrap(function() error("boom") end)()`, "test.lua:1: test.lua:1: boom", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := run(t, luabind.Config{}, test.source)
			var failure *luabind.Error
			if !errors.As(err, &failure) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if failure.Message != test.message || !strings.Contains(failure.Stack, test.stack) {
				t.Errorf("got %q and %q", failure.Message, failure.Stack)
			}
		})
	}
}

// An error knows its place, whether its message begins with it or not.
func TestPlaceOfErrors(t *testing.T) {
	for _, test := range []struct {
		name, source, file string
		line               int
	}{
		{"raised by Lua", "\n\nlocal x = nil + 1", "test.lua", 3},
		{"raised by error", "\nerror('boom')", "test.lua", 2},
		{"a table", "\nerror({})", "test.lua", 2},
		{"no position", "\n\nerror('boom', 0)", "test.lua", 3},
		{"in a chunk of its own", "loadstring('\\n\\nerror(\"boom\")', '=my chunk')()", "my chunk", 3},
		{"a syntax error", "\nx = = 1", "test.lua", 2},
		{"a Go function", "\nfail()", "test.lua", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := newEngine(t, luabind.Config{})
			if err := e.SetGlobal("fail", func() error { return errors.New("a: b") }); err != nil {
				t.Fatal(err)
			}
			err := e.Run(context.Background(), "test.lua", strings.NewReader(test.source))
			var failure *luabind.Error
			if !errors.As(err, &failure) || failure.File != test.file || failure.Line != test.line {
				t.Errorf("got %v at %s:%d, want %s:%d", err, failure.File, failure.Line, test.file, test.line)
			}
		})
	}
	e := newEngine(t, luabind.Config{})
	err := e.RunFile(context.Background(), "none.lua")
	var failure *luabind.Error
	if !errors.As(err, &failure) || failure.File != "" || failure.Line != 0 {
		t.Errorf("a file that is not there: got %v at %s:%d", err, failure.File, failure.Line)
	}
}

// os.exit ends the run wherever it is called, and nothing of the script runs
// after it.
func TestExit(t *testing.T) {
	for _, test := range []struct {
		name, source string
		code         int
	}{
		{"plain", `os.exit(3)`, 3},
		{"nothing", `os.exit()`, 0},
		{"true", `os.exit(true)`, 0},
		{"false", `os.exit(false)`, 1},
		{"the low eight bits", `os.exit(256 + 3)`, 3},
		{"negative", `os.exit(-1)`, 255},
		{"in pcall", `pcall(os.exit, 4); print("after")`, 4},
		{"in xpcall", `xpcall(function() os.exit(4) end, function() print("handler") end); print("after")`, 4},
		{"in a coroutine", `coroutine.resume(coroutine.create(function() os.exit(4) end)); print("after")`, 4},
		{"in coroutine.wrap", `pcall(coroutine.wrap(function() pcall(os.exit, 4) print("inside") end)); print("after")`, 4},
		{"in a callback", `pcall(string.gsub, "x", "x", function() os.exit(4) end); print("after")`, 4},
		{"in a metamethod", `pcall(function() return setmetatable({}, {__index = function() os.exit(4) end}).x end); print("after")`, 4},
		{"in a module", `package.preload.m = function() os.exit(4) end; pcall(require, "m"); print("after")`, 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, err := run(t, luabind.Config{}, test.source)
			var exit *luabind.ExitError
			if !errors.As(err, &exit) || exit.Code != test.code || out != "" {
				t.Errorf("got %v and %q, want exit status %d", err, out, test.code)
			}
		})
	}
}

func TestContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	e := newEngine(t, luabind.Config{})
	err := e.Run(ctx, "loop", strings.NewReader(`while true do pcall(function() while true do end end) end`))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want context.DeadlineExceeded", err)
	}
	if err := e.Run(context.Background(), "again", strings.NewReader(`assert(true)`)); err != nil {
		t.Errorf("after a context had ended: %v", err)
	}
}

func TestClose(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	var order []int
	e.Host().OnClose(func() { order = append(order, 1) })
	e.Host().OnClose(func() { order = append(order, 2) })
	e.Close()
	e.Close()
	if fmt.Sprint(order) != "[2 1]" {
		t.Errorf("closed in order %v", order)
	}
	if err := e.Run(context.Background(), "closed", strings.NewReader("")); !errors.Is(err, luabind.ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
}

// Where require looks without a Path, and with one that says nowhere, here and in a
// child of the same Config.
func TestPath(t *testing.T) {
	fs := files(t, map[string]string{"mod.lua": "return ...", "pkg/init.lua": "return ...", "lib/other.lua": "return ..."})
	for _, test := range []struct{ path, seen, found string }{
		{"", "./?.lua;./?/init.lua", "true true false"},
		{";", "", "false false false"},
		{"lib/?.lua", "lib/?.lua", "false false true"},
	} {
		e := newEngine(t, luabind.Config{Fs: fs, Path: test.path})
		f, err := e.Load("f", `return package.path, table.concat({tostring((pcall(require, "mod"))),
			tostring((pcall(require, "pkg"))), tostring((pcall(require, "other")))}, " ")`)
		if err != nil {
			t.Fatal(err)
		}
		sent, err := e.Host().Pack("a child", luabind.Root{Name: "f", Value: f})
		if err != nil {
			t.Fatal(err)
		}
		child := newEngine(t, luabind.Config{Fs: fs, Path: "other/?.lua"})
		arrived, err := child.Host().Unpack(sent)
		if err != nil {
			t.Fatal(err)
		}
		for e, f := range map[*luabind.Engine]lua.LValue{e: f, child: arrived[0]} {
			got, err := e.Do(context.Background(), f, 2)
			if err != nil || got[0] != lua.LString(test.seen) || got[1] != lua.LString(test.found) {
				t.Errorf("Path %q: got %v, %v, want %q and %s", test.path, got, err, test.seen, test.found)
			}
		}
	}
}

// What modules have begun ends where New fails, by an error or a panic.
func TestFailedNew(t *testing.T) {
	for name, fail := range map[string]func(*luabind.Host) (lua.LValue, error){
		"error": func(*luabind.Host) (lua.LValue, error) { return nil, errors.New("boom") },
		"panic": func(*luabind.Host) (lua.LValue, error) { panic("boom") },
	} {
		var order []string
		closes := func(e *luabind.Engine, name string) { e.Host().OnClose(func() { order = append(order, name) }) }
		opened := func(name string) luabind.Module {
			return luabind.Module{Name: name, Open: func(e *luabind.Host) (lua.LValue, error) {
				closes(e.Engine, name)
				return nil, nil
			}}
		}
		broken := luabind.Module{Name: "broken", Open: func(e *luabind.Host) (lua.LValue, error) {
			closes(e.Engine, "broken")
			return fail(e)
		}}
		err := func() (err error) {
			defer func() {
				if r := recover(); r != nil {
					err = fmt.Errorf("%v", r)
				}
			}()
			_, err = luabind.New(luabind.Config{Modules: []luabind.Module{opened("a"), opened("b"), broken, opened("c")}})
			return err
		}()
		if err == nil || !strings.HasSuffix(err.Error(), "boom") || fmt.Sprint(order) != "[broken b a]" {
			t.Errorf("%s: got %v, closed in order %v", name, err, order)
		}
	}
}

// Close may be called by several goroutines, and by what it calls.
func TestCloseTwice(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	calls := 0
	for range 3 {
		e.Host().OnClose(func() {
			calls++
			if err := e.Close(); !errors.Is(err, luabind.ErrBusy) {
				t.Errorf("from what Close calls: got %v, want ErrBusy", err)
			}
		})
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if err := e.Close(); err != nil && !errors.Is(err, luabind.ErrBusy) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if err := e.Close(); err != nil || calls != 3 {
		t.Errorf("got %v, %d calls, want 3", err, calls)
	}
}

func TestModules(t *testing.T) {
	boom := errors.New("boom")
	_, err := luabind.New(luabind.Config{Modules: []luabind.Module{{
		Name: "broken",
		Open: func(*luabind.Host) (lua.LValue, error) { return nil, boom },
	}}})
	if !errors.Is(err, boom) {
		t.Errorf("got %v, want boom", err)
	}

	opened := 0
	one := luabind.Module{Name: "one", Open: func(e *luabind.Host) (lua.LValue, error) {
		opened++
		return lua.LString("value of one"), nil
	}}
	two := luabind.Module{Name: "two", Open: func(e *luabind.Host) (lua.LValue, error) { return e.Open(one) }}
	out, err := run(t, luabind.Config{Modules: []luabind.Module{two, one}}, `print(require "one", require "two")`)
	if err != nil || out != "value of one\tvalue of one\n" || opened != 1 {
		t.Errorf("got %q, %v, opened %d times", out, err, opened)
	}
}

// lines fails the test if a Write is not whole lines.
type lines struct {
	t *testing.T
	n int
}

func (l *lines) Write(b []byte) (int, error) {
	if len(b) == 0 || b[len(b)-1] != '\n' {
		l.t.Errorf("a Write of %.40q", b)
	}
	l.n++
	return len(b), nil
}

func TestPrintWritesOnce(t *testing.T) {
	w := &lines{t: t}
	e := newEngine(t, luabind.Config{Stdout: w})
	if err := e.Run(context.Background(), "test", strings.NewReader(`print(1, 2, ("x"):rep(100000)) print("a\nb")`)); err != nil {
		t.Fatal(err)
	}
	if w.n != 2 {
		t.Errorf("got %d writes, want 2", w.n)
	}
	e.Host().Mute()
	if err := e.Run(context.Background(), "test", strings.NewReader(`print(1)`)); err != nil || w.n != 2 {
		t.Errorf("a muted engine wrote, or failed: %v", err)
	}
}

// Sharing a pipe loses nothing. That lines of several processes stay whole is
// tested with the command.
func TestSharedOutput(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	e := newEngine(t, luabind.Config{Stdout: w})
	e.Host().ShareOutput()
	done := make(chan struct{})
	defer func() { <-done }()
	go func() {
		defer close(done)
		defer w.Close()
		if err := e.Run(context.Background(), "test", strings.NewReader(`print(("x"):rep(200000))`)); err != nil {
			t.Error(err)
		}
	}()
	got, err := io.ReadAll(r)
	if err != nil || len(got) != 200001 {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
}

func TestTravel(t *testing.T) {
	fs := files(t, map[string]string{"m.lua": "local n = 0; return {inc = function() n = n + 1; return n end}"})
	cfg := luabind.Config{Fs: fs, Path: "?.lua"}
	from, to := newEngine(t, cfg), newEngine(t, cfg)
	ctx := context.Background()
	f, err := from.Load("test", `
		local m = require "m"
		m.inc()
		local same = loadstring("return ...")
		return function(x) return same(x) + m.inc() + require("m").inc() end`)
	if err != nil {
		t.Fatal(err)
	}
	values, err := from.Do(ctx, f, 1)
	if err != nil {
		t.Fatal(err)
	}
	b, err := from.Host().Pack("the other side", luabind.Root{Name: "f", Value: values[0]})
	if err != nil {
		t.Fatal(err)
	}
	roots, err := to.Host().Unpack(b)
	if err != nil {
		t.Fatal(err)
	}
	values, err = to.Do(ctx, roots[0], lua.MultRet, lua.LNumber(100))
	if err != nil || len(values) != 1 || values[0].String() != "105" {
		t.Errorf("got %v, %v, want 105", values, err)
	}

	var refused *luabind.SendError
	_, err = from.Host().Pack("the other side", luabind.Root{Name: "x", Value: &lua.LUserData{Value: 1, Metatable: lua.LNil}})
	if !errors.As(err, &refused) || err.Error() != "cannot send to the other side: x is a Go value of type int (make it in the child)" {
		t.Errorf("got %v", err)
	}
}
