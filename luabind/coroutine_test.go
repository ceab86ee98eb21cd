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
