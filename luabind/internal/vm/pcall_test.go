package vm_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/vm"
)

// begin returns a state with the mends and the function that source is.
func begin(t *testing.T, source string) (*lua.LState, *lua.LFunction) {
	t.Helper()
	L := newState()
	t.Cleanup(L.Close)
	install(L)
	f, err := load(L, source)
	if err != nil {
		t.Fatal(err)
	}
	return L, f
}

// A call from Go leaves its results, or nothing and an error with a traceback.
func TestCall(t *testing.T) {
	L, f := begin(t, `local what, v = ...
		local function inner() error(v, 0) end
		if what == "error" then inner() end
		if what == "index" then return v.x.y end
		return 1, v, 3`)
	table := glua.NewTable(0, 0)
	for _, test := range []struct {
		what    string
		v       lua.LValue
		results int
		want    []lua.LValue
		object  lua.LValue // nil: no error
		stack   string
	}{
		{"", lua.LTrue, lua.MultRet, []lua.LValue{lua.LNumber(1), lua.LTrue, lua.LNumber(3)}, nil, ""},
		{"", lua.LTrue, 1, []lua.LValue{lua.LNumber(1)}, nil, ""},
		{"", lua.LTrue, 4, []lua.LValue{lua.LNumber(1), lua.LTrue, lua.LNumber(3), lua.LNil}, nil, ""},
		{"error", lua.LString("boom"), 1, nil, lua.LString("boom"), "test:2: in function 'inner'\n\ttest:3: in main chunk"},
		{"error", table, 1, nil, table, "in main chunk"},
		{"error", lua.LNil, 1, nil, lua.LNil, "in main chunk"},
	} {
		L.Push(lua.LString("below"))
		L.Push(f)
		L.Push(lua.LString(test.what))
		L.Push(test.v)
		err := vm.Call(L, 2, test.results)
		var failure *lua.ApiError
		if errors.As(err, &failure) != (test.object != nil) {
			t.Fatalf("%s: got error %v", test.what, err)
		}
		if failure != nil && (failure.Object != test.object || !strings.Contains(failure.StackTrace, test.stack)) {
			t.Errorf("%s: got %v and %s", test.what, failure.Object, failure.StackTrace)
		}
		if got := L.GetTop() - 1; got != len(test.want) {
			t.Fatalf("%s: got %d results, want %d", test.what, got, len(test.want))
		}
		for i, want := range test.want {
			if got := L.Get(2 + i); got != want {
				t.Errorf("%s: got %v as result %d, want %v", test.what, got, i+1, want)
			}
		}
		L.SetTop(0)
	}
}

func TestCallOfNoFunction(t *testing.T) {
	L, _ := begin(t, "")
	L.Push(lua.LNumber(5))
	L.Push(lua.LTrue)
	err := vm.Call(L, 1, lua.MultRet)
	if err == nil || !strings.HasPrefix(err.Error(), "attempt to call a number value") || L.GetTop() != 0 {
		t.Errorf("got %v and %d values", err, L.GetTop())
	}
}

// Errors of Go functions and panics in them are caught as errors of Lua are, and
// cut no variables off.
func TestErrorsFromGo(t *testing.T) {
	cause := errors.New("cause")
	for _, test := range []struct {
		name  string
		raise lua.LGFunction
		want  string
	}{
		{"RaiseError", func(L *lua.LState) int { L.RaiseError("raised"); return 0 }, "test:3: raised"},
		{"Error", func(L *lua.LState) int { L.Error(lua.LString("plain"), 0); return 0 }, "plain"},
		{"panic with a text", func(L *lua.LState) int { panic("text") }, "test:3: panic in Go function luaspawn/luabind/internal/vm_test.TestErrorsFromGo.func3: text"},
		{"panic with an error", func(L *lua.LState) int { panic(cause) }, "test:3: panic in Go function luaspawn/luabind/internal/vm_test.TestErrorsFromGo.func4: cause"},
		{"runtime error", func(L *lua.LState) int { return []int{}[L.GetTop()] }, "test:3: panic in Go function luaspawn/luabind/internal/vm_test.TestErrorsFromGo.func5: runtime error: index out of range [0] with length 0"},
		{"empty error", func(L *lua.LState) int { panic(&lua.ApiError{}) }, "nil"},
		{"protected inside", func(L *lua.LState) int {
			L.Push(L.NewFunction(func(L *lua.LState) int { panic("inner") }))
			err := vm.Call(L, 0, 0)
			L.Error(lua.LString(err.(*lua.ApiError).Object.String()), 0)
			return 0
		}, "panic in Go function luaspawn/luabind/internal/vm_test.TestErrorsFromGo.func7.1: inner"},
	} {
		t.Run(test.name, func(t *testing.T) {
			L, f := begin(t, `local n, get = 0, nil
				local function inc() n = n + 1 end
				local function run() local x = 5 get = function() return x end inc() raise() end
				local ok, err = pcall(run)
				inc()
				local co = coroutine.create(run)
				local ok2, err2 = coroutine.resume(co)
				local a, b, c, d, e = 1, 2, 3, 4, 5
				inc()
				return tostring(err), n, ok, ok2, get(), tostring(err2) == tostring(err)`)
			glua.SetNamed(L.G.Global, "raise", L.NewFunction(test.raise))
			L.Push(f)
			if err := vm.Call(L, 0, lua.MultRet); err != nil {
				t.Fatal(err)
			}
			for i, want := range []lua.LValue{lua.LString(test.want), lua.LNumber(4), lua.LFalse, lua.LFalse, lua.LNumber(5)} {
				if got := L.Get(i + 1); got != want {
					t.Errorf("got %v as value %d, want %v", got, i+1, want)
				}
			}
			if test.name != "empty error" && L.Get(6) != lua.LTrue {
				t.Error("a coroutine gives another error than pcall")
			}
		})
	}

	L, f := begin(t, "raise()")
	glua.SetNamed(L.G.Global, "raise", L.NewFunction(func(*lua.LState) int { panic(cause) }))
	L.Push(f)
	var failure *lua.ApiError
	if err := vm.Call(L, 0, 0); !errors.As(err, &failure) || !errors.Is(failure.Cause, cause) {
		t.Errorf("got %v, without the error behind it", err)
	}
}

// A goroutine that ends inside a protected call ends, and leaves the state
// usable.
func TestGoexit(t *testing.T) {
	L, f := begin(t, `pcall(function() pcall(exit) end) print("after")`)
	glua.SetNamed(L.G.Global, "print", L.NewFunction(func(*lua.LState) int { t.Error("the script went on"); return 0 }))
	glua.SetNamed(L.G.Global, "exit", L.NewFunction(func(*lua.LState) int { runtime.Goexit(); return 0 }))
	done := make(chan struct{})
	go func() {
		defer close(done)
		L.Push(f)
		vm.Call(L, 0, 0)
		t.Error("the goroutine went on")
	}()
	<-done
	f, err := load(L, "return 5")
	if err != nil {
		t.Fatal(err)
	}
	L.Push(f)
	if err := vm.Call(L, 0, 1); err != nil || L.Get(-1) != lua.LNumber(5) {
		t.Errorf("got %v, %v", L.Get(-1), err)
	}
}

// A coroutine has the context of the one that resumes it, also if it was made
// before that one had it.
func TestContext(t *testing.T) {
	L, f := begin(t, `co = coroutine.wrap(function() coroutine.yield() while true do end end) co()`)
	L.Push(f)
	if err := vm.Call(L, 0, 0); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer vm.SetContext(L, ctx)()
	glua.SetNamed(L.G.Global, "stop", L.NewFunction(func(*lua.LState) int { cancel(); return 0 }))
	f, err := load(L, `stop() co()`)
	if err != nil {
		t.Fatal(err)
	}
	L.Push(f)
	if err := vm.Call(L, 0, 0); err == nil || !strings.Contains(err.Error(), context.Canceled.Error()) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// Coroutines that wait for one another share one stack of Go, which must not
// run full: that ends the process.
func TestNestedCoroutines(t *testing.T) {
	L, f := begin(t, `
		local depth = 0
		local function nest() depth = depth + 1 return coroutine.wrap(nest)() end
		local ok, err = pcall(nest)
		return depth > 150 and depth < 250, err:match("C stack overflow$")`)
	L.Push(f)
	if err := vm.Call(L, 0, 2); err != nil || L.Get(1) != lua.LTrue || L.Get(2) != lua.LString("C stack overflow") {
		t.Errorf("got %v, %v, %v", L.Get(1), L.Get(2), err)
	}
}

// The traceback of an error that nobody catches is the one that the program
// lua5.1 shows.
func TestTraceback(t *testing.T) {
	for _, test := range []struct{ source, want string }{
		{"error('x', 0)", "stack traceback:\n\t[C]: in function 'error'\n\ttest:1: in main chunk\n\t[C]: ?"},
		{"local function f(n) if n == 0 then error('x', 0) end return f(n - 1) end f(100000)",
			"stack traceback:\n\t[C]: in function 'error'\n\ttest:1: in function <test:1>" + strings.Repeat("\n\t(tail call): ?", 8) + "\n\t..." +
				strings.Repeat("\n\t(tail call): ?", 8) + "\n\ttest:1: in main chunk\n\t[C]: ?"},
		{"local function f(n) if n == 0 then error('x', 0) end f(n - 1) end f(1000)",
			"stack traceback:\n\t[C]: in function 'error'" + strings.Repeat("\n\ttest:1: in function 'f'", 9) + "\n\t..." +
				strings.Repeat("\n\ttest:1: in function 'f'", 8) + "\n\ttest:1: in main chunk\n\t[C]: ?"},
	} {
		L, f := begin(t, test.source)
		L.Push(f)
		var failure *lua.ApiError
		if err := vm.Call(L, 0, 0); !errors.As(err, &failure) || failure.StackTrace != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}
