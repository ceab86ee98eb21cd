package luabind_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
)

// A coroutine goes by the context of the run that resumes it, whichever it was
// made under.
func TestCoroutineContexts(t *testing.T) {
	background := context.Background()
	const forever = `while true do end`
	for _, resume := range []string{`coroutine.resume(co)`, `wrapped()`} {
		e := newEngine(t, luabind.Config{})
		if _, err := e.Eval(background, `
			local function body() coroutine.yield() `+forever+` end
			co = coroutine.create(body)
			wrapped = coroutine.wrap(body)
			coroutine.resume(co) wrapped()`); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(background, 50*time.Millisecond)
		defer cancel()
		if _, err := e.Eval(ctx, resume); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v, want context.DeadlineExceeded", resume, err)
		}

		ended, cancel := context.WithCancel(background)
		if _, err := e.Eval(ended, `
			local function body() coroutine.yield() done = true end
			co = coroutine.create(body)
			wrapped = coroutine.wrap(body)
			coroutine.resume(co) wrapped()`); err != nil {
			t.Fatal(err)
		}
		cancel()
		if got, err := e.Eval(background, resume+` return done`); err != nil || got[0] != true {
			t.Errorf("%s under a later run: got %v, %v", resume, got, err)
		}
	}
}

// gopher-lua's own ways: a function in Go that yields, and L.Resume of a coroutine of the script's and of a
// thread that Go code has made.
func TestCoroutinesOfGo(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	e.SetGlobal("wait", lua.LGFunction(func(L *lua.LState) int { return L.Yield(L.Get(1), lua.LString("waits")) }))
	drive := func(L *lua.LState, thread *lua.LState, f *lua.LFunction) (said []string) {
		for n := 1; ; n++ {
			state, err, values := L.Resume(thread, f, lua.LNumber(n), lua.LTrue)
			line := fmt.Sprint(state, err)
			for _, v := range values {
				line += " " + v.String()
			}
			said = append(said, line)
			if state != lua.ResumeYield {
				return said
			}
		}
	}
	var said []string
	e.SetGlobal("drive", lua.LGFunction(func(L *lua.LState) int {
		said = drive(L, L.CheckThread(1), nil)
		return 0
	}))
	e.SetGlobal("again", func(f func() error) error { return f() })
	e.SetGlobal("start", lua.LGFunction(func(L *lua.LState) int {
		said = drive(L, L.CheckThread(1), L.CheckFunction(2))
		return 0
	}))
	e.SetGlobal("begin", lua.LGFunction(func(L *lua.LState) int {
		thread, _ := L.NewThread()
		said = drive(L, thread, L.CheckFunction(1))
		return 0
	}))
	for _, test := range []struct{ source, want, said string }{
		{`local co = coroutine.create(function() print(wait(1)) print(pcall(wait and error, "x")) print(wait()) return "end" end)
			print(coroutine.resume(co)) print(coroutine.resume(co, 5, 6)) print(coroutine.resume(co, 7)) print(coroutine.resume(co))`,
			"true\t1\twaits\n5\t6\nfalse\tx\ntrue\tnil\twaits\n7\ntrue\tend\nfalse\tcannot resume dead coroutine\n", "[]"},
		{`local co = coroutine.wrap(function() for i = 1, 3 do print((wait(i))) end end) co() co("a") co("b") co("c")`, "a\nb\nc\n", "[]"},
		{`local co = coroutine.create(function(...) print("from", ...) print("then", coroutine.yield("y")) print(wait("z")) return "end", nil end)
			coroutine.resume(co, 0) drive(co) print(coroutine.status(co), coroutine.resume(co))`,
			"from\t0\nthen\t1\ttrue\n2\ttrue\ndead\tfalse\tcannot resume dead coroutine\n", "[1 <nil> z waits 0 <nil> end nil]"},
		{`local co = coroutine.create(function() coroutine.yield() error("broken", 0) end) coroutine.resume(co) drive(co) print(coroutine.status(co))`, "dead\n", "[2 broken]"},
		{`begin(function(...) print("begins", ...) print(coroutine.yield("y")) return "end" end)`, "begins\t1\ttrue\n2\ttrue\n", "[1 <nil> y 0 <nil> end]"},
		{`local function f(...) print(select("#", ...), ...) return ... end start(coroutine.create(f), f)`, "2\t1\ttrue\n", "[0 <nil> 1 true]"},
		{`local co co = coroutine.wrap(function() print(tostring(select(2, pcall(again, function() co() end))):match("cannot.*")) return "on" end) print(co())`,
			"cannot resume normal coroutine\non\n", "[]"},
		{`coroutine.wrap(function() print(pcall(function() return setmetatable({}, {__index = wait}).x end)) end)()`,
			"false\tattempt to yield across metamethod/C-call boundary\n", "[]"},
		{`coroutine.wrap(function() print(pcall(function() for x in wait do print(x) end end)) print(pcall(wait, 1)) end)()`,
			"false\tattempt to yield across metamethod/C-call boundary\nfalse\tattempt to yield across metamethod/C-call boundary\n", "[]"},
	} {
		var out strings.Builder
		said = nil
		e.SetGlobal("print", lua.LGFunction(func(L *lua.LState) int {
			for i := 1; i <= L.GetTop(); i++ {
				if i > 1 {
					out.WriteByte('\t')
				}
				out.WriteString(L.Get(i).String())
			}
			out.WriteByte('\n')
			return 0
		}))
		if _, err := e.Eval(context.Background(), test.source); err != nil {
			t.Fatalf("%s: %v", test.source, err)
		}
		if out.String() != test.want || fmt.Sprint(said) != test.said {
			t.Errorf("%s\ngot %q, %q\nwant %q, %q", test.source, out.String(), said, test.want, test.said)
		}
	}
}

// A thread of gopher-lua's runs its own loop when it is called, and not resumed. That can't
// run what has run here: it is refused, and nothing is read that isn't there.
func TestCallOfThread(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	var failure error
	e.SetGlobal("call", lua.LGFunction(func(L *lua.LState) int {
		thread, _ := L.NewThread()
		thread.Push(L.CheckFunction(1))
		failure = thread.PCall(0, 0, nil)
		return 0
	}))
	for _, body := range []string{
		`string.upper("x")`, `up = 1`, `t.field = 2`, `t:method()`, `t.field.of[1].another = {}`, `local s = t.x .. "y"`, `for k in pairs(t) do error(k) end`,
	} {
		if _, err := e.Eval(context.Background(), `
			local up, t = 0, {field = 1, method = function() end}
			local function f() `+body+` end
			pcall(f) call(f)`); err != nil {
			t.Errorf("%s: %v", body, err)
		}
		if failure == nil {
			t.Errorf("%s: it ran", body)
		}
	}
}

// What interrupts a coroutine can't yield it, whichever instruction comes next.
func TestYieldOfHook(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	for k := 1; k <= 16; k++ {
		got, err := e.Eval(context.Background(), `
			local k, n = `+fmt.Sprint(k)+`, 0
			local co = coroutine.create(function()
				local function g(x) return x end
				local s = 0 for i = 1, 9 do s = s + g(i) end return s
			end)
			local said
			debug.sethook(co, function() n = n + 1 if n == k then said = select(2, pcall(coroutine.yield)) end end, "", 1)
			local ok, sum = coroutine.resume(co)
			return sum, said`)
		if err != nil || fmt.Sprint(got) != "[45 attempt to yield across metamethod/C-call boundary]" {
			t.Fatalf("%d: got %v, %v", k, got, err)
		}
	}
}

// A comparator that sorts in turn, and ends in each of the ways in which calls do.
func TestNestedSort(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	for _, end := range []string{"return a < b", "return a < b, 1", "return select(1, a < b)", "local up = a < b; (function() return up end)() return up", "if a < b then return true end"} {
		for _, params := range []string{"a, b", "a, b, ..."} {
			got, err := e.Eval(context.Background(), `
				local t = {3, 1, 2, 5, 4}
				table.sort(t, function(`+params+`) table.sort({2, 1}, function(x, y) return x < y end) `+end+` end)
				return table.concat(t)`)
			if err != nil || fmt.Sprint(got) != "[12345]" {
				t.Errorf("%s, %s: got %v, %v", params, end, got, err)
			}
		}
	}
}

// A coroutine that Go code resumes ends with the context of the run.
func TestContextOfResume(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	e.SetGlobal("drive", lua.LGFunction(func(L *lua.LState) int {
		if _, err, _ := L.Resume(L.CheckThread(1), nil); err != nil {
			L.RaiseError("%s", err.Error())
		}
		return 0
	}))
	background := context.Background()
	if _, err := e.Eval(background, `co = coroutine.create(function() coroutine.yield() while true do end end) coroutine.resume(co)`); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	if _, err := e.Eval(ctx, `drive(co)`); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want context.DeadlineExceeded", err)
	}
}

// A coroutine that has ended keeps nothing.
func TestEndedCoroutineKeepsNothing(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	got, err := e.Eval(context.Background(), `
		local w = setmetatable({}, {__mode = "v"})
		local co = coroutine.create(function() w[1] = {} local t = w[1] end)
		coroutine.resume(co) collectgarbage()
		return w[1] == nil, coroutine.status(co)`)
	if err != nil || fmt.Sprint(got) != "[true dead]" {
		t.Errorf("got %v, %v", got, err)
	}
}
