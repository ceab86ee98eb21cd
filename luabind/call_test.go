package luabind_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
)

type point struct {
	X, Y   int
	Label  string `lua:"label"`
	Hidden string `lua:"-"`
	secret int
	Next   *point
}

type base struct{ ID int }

type derived struct {
	base
	Name string
}

// A value goes in as a global and Lua says what it sees; or the other way round.
func TestValuesToLua(t *testing.T) {
	loop := &point{X: 1}
	loop.Next = loop
	shared := []int{1, 2}
	cyclic := map[string]any{}
	cyclic["me"] = cyclic
	for _, test := range []struct {
		name  string
		value any
		expr  string // of the global v
		want  any
	}{
		{"nil", nil, "v", nil},
		{"bool", true, "v", true},
		{"int", 42, "v", 42.0},
		{"uint8", uint8(200), "v", 200.0},
		{"float32", float32(0.5), "v", 0.5},
		{"string", "a\x00b", "v", "a\x00b"},
		{"bytes", []byte{0, 255}, "v", "\x00\xff"},
		{"named string", fs.FileMode(0).String(), "v", "----------"},
		{"duration", 1500 * time.Millisecond, "v", 1.5},
		{"nil pointer", (*point)(nil), "v", nil},
		{"nil slice", []int(nil), "v", nil},
		{"nil error", error(nil), "v", nil},
		{"slice", []string{"a", "b"}, "#v .. v[1] .. v[2]", "2ab"},
		{"array", [2]bool{true, false}, "tostring(v[1]) .. tostring(v[2])", "truefalse"},
		{"slice with nil", []any{1, nil, 3}, "tostring(v[2]) .. v[3]", "nil3"},
		{"map", map[string]int{"a": 1}, "v.a", 1.0},
		{"map with int keys", map[int]string{1: "one", -5: "five"}, "v[1] .. v[-5]", "onefive"},
		{"struct", point{X: 1, Y: 2, Label: "p", Hidden: "h", secret: 1}, "v.X + v.Y .. v.label .. tostring(v.Hidden) .. tostring(v.secret) .. tostring(v.Next)", "3pnilnilnil"},
		{"embedded struct", derived{base{7}, "n"}, "v.ID .. v.Name", "7n"},
		{"pointer", &point{X: 5}, "v.X", 5.0},
		{"pointer to int", func() *int { n := 3; return &n }(), "v", 3.0},
		{"cycle by pointers", loop, "v.Next.Next == v", true},
		{"cycle by a map", cyclic, "v.me.me == v", true},
		{"shared slice", [][]int{shared, shared}, "v[1] == v[2]", true},
		{"error", errors.New("boom"), "tostring(v)", "boom"},
		{"func", func(a, b int) int { return a * b }, "v(6, 7)", 42.0},
		{"func with context", func(ctx context.Context, s string) bool { return ctx != nil && s == "x" }, "v('x')", true},
		{"variadic func", func(sep string, parts ...string) string { return strings.Join(parts, sep) }, "v('-', 'a', 'b', 'c')", "a-b-c"},
		{"func of slices and maps", func(l []int, m map[string]float64) float64 { return float64(l[1]) + m["x"] }, "v({1, 2}, {x = 0.5})", 2.5},
		{"func of a struct", func(p point) string { return fmt.Sprintln(p.X, p.Label, p.Next.X) }, "v{X = 1, label = 'l', Next = {X = 3}}", "1 l 3\n"},
		{"func of any", func(v any) string { return fmt.Sprintf("%T", v) }, "v{1, 2}", "[]interface {}"},
		{"func of bytes", func(b []byte) int { return len(b) }, "v('abc')", 3.0},
		{"func of a duration", func(d time.Duration) string { return d.String() }, "v(1.5)", "1.5s"},
		{"func of a func", func(ctx context.Context, f luabind.Func) (any, error) {
			r, err := f(ctx, 20)
			if err != nil {
				return nil, err
			}
			return r[0], nil
		}, "v(function(n) return n + 1 end)", 21.0},
		{"LGFunction", func(L *lua.LState) int { L.Push(lua.LNumber(L.GetTop())); return 1 }, "v(1, 2, 3)", 3.0},
		{"a Lua value", lua.LString("lv"), "v", "lv"},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := newEngine(t, luabind.Config{})
			if err := e.SetGlobal("v", test.value); err != nil {
				t.Fatal(err)
			}
			got, err := e.Eval(context.Background(), test.expr)
			if err != nil || len(got) != 1 || got[0] != test.want {
				t.Errorf("got %v, %v, want %v", got, err, test.want)
			}
		})
	}
}

func TestValuesToGo(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	for _, test := range []struct {
		src  string
		want []any
	}{
		{"", nil},
		{"nil", []any{nil}},
		{"1, 'a', true", []any{1.0, "a", true}},
		{"{1, 2, 3}", []any{[]any{1.0, 2.0, 3.0}}},
		{"{}", []any{map[any]any{}}},
		{"{1, nil, 3}", []any{map[any]any{1.0: 1.0, 3.0: 3.0}}},
		{"{1, x = 2}", []any{map[any]any{1.0: 1.0, "x": 2.0}}},
		{"{a = {b = {true}}}", []any{map[any]any{"a": map[any]any{"b": []any{true}}}}},
		{"local x = 5; return x", []any{5.0}},
	} {
		got, err := e.Eval(context.Background(), test.src)
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %#v, %v, want %#v", test.src, got, err, test.want)
		}
	}
	got, err := e.Eval(context.Background(), `local t = {}; t.me = t; return t`)
	if m, ok := got[0].(map[any]any); err != nil || !ok || reflect.ValueOf(m["me"]).Pointer() != reflect.ValueOf(m).Pointer() {
		t.Errorf("got %v, %v, want a map that holds itself", got, err)
	}
}

func TestDepthOfValues(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	ctx := context.Background()
	got, err := e.Eval(ctx, `local t = {}; for i = 1, 100000 do t = {t} end return t`)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.SetGlobal("v", got[0]); err != nil {
		t.Fatal(err)
	}
	got, err = e.Eval(ctx, `local n = 0; while v[1] do v = v[1]; n = n + 1 end return n`)
	if err != nil || got[0] != 1e5 {
		t.Errorf("got depth %v, %v", got, err)
	}
}

func TestCannotCross(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	ctx := context.Background()
	for _, test := range []struct {
		value any
		want  string
	}{
		{make(chan int), "luabind: v: chan int can't cross"},
		{map[string]any{"list": []any{1, struct{ C chan int }{make(chan int)}}}, "luabind: v[list][1].C: chan int can't cross"},
		{complex(1, 2), "luabind: v: complex128 can't cross"},
		{map[any]int{nil: 1}, "luabind: v[<nil>]: a key that is nil or not a number can't cross"},
		{func() chan int { return nil }, "luabind: v: func() chan int can't cross"},
	} {
		err := e.SetGlobal("v", test.value)
		var cross *luabind.ConvertError
		if !errors.As(err, &cross) || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
	_, err := e.Eval(ctx, `coroutine.create(print)`)
	if err == nil || err.Error() != "luabind: result 1 of eval: a thread can't cross" {
		t.Errorf("got %v", err)
	}
	_, err = e.Call(ctx, "print", make(chan int))
	if err == nil || err.Error() != "luabind: argument 1 of print: chan int can't cross" {
		t.Errorf("got %v", err)
	}

	set := func(name string, v any) {
		if err := e.SetGlobal(name, v); err != nil {
			t.Fatal(err)
		}
	}
	set("small", func(int8) {})
	set("list", func([]int) {})
	set("config", func(struct{ Size uint }) {})
	for _, test := range []struct{ src, want string }{
		{"small(300)", "bad argument #1 to 'small' (300 doesn't fit int8)"},
		{"small(1.5)", "bad argument #1 to 'small' (1.5 doesn't fit int8)"},
		{"small('x')", "bad argument #1 to 'small' (number expected, got string)"},
		{"small()", "bad argument #1 to 'small' (number expected, got no value)"},
		{"list(5)", "bad argument #1 to 'list' (table expected, got number)"},
		{"list{1, 'x'}", "bad argument #1 to 'list' ([2]: number expected, got string)"},
		{"config{Size = -1}", "bad argument #1 to 'config' (Size: -1 doesn't fit uint)"},
	} {
		_, err := e.Eval(ctx, test.src)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", test.src, err, test.want)
		}
	}
}

func TestCall(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	ctx := context.Background()
	if _, err := e.Eval(ctx, `
		mod = {sub = {add = function(a, b) return a + b, "sum" end}}
		callable = setmetatable({}, {__call = function(self, x) return x end})
		function fail() error({code = 5}) end`); err != nil {
		t.Fatal(err)
	}
	got, err := e.Call(ctx, "mod.sub.add", 1, 2.5)
	if err != nil || !reflect.DeepEqual(got, []any{3.5, "sum"}) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := e.Call(ctx, "callable", "x"); err != nil || !reflect.DeepEqual(got, []any{"x"}) {
		t.Errorf("got %v, %v", got, err)
	}
	for _, test := range []struct{ fn, want string }{
		{"none", "cannot call none: it is a nil value"},
		{"mod.none.f", "cannot call mod.none.f: f is not in a table"},
		{"mod", "cannot call mod: it is a table value"},
	} {
		_, err := e.Call(ctx, test.fn)
		var failure *luabind.Error
		if !errors.As(err, &failure) || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
	_, err = e.Call(ctx, "fail")
	var failure *luabind.Error
	if !errors.As(err, &failure) {
		t.Fatalf("got %v", err)
	}
	if table, ok := failure.Value.(*lua.LTable); !ok || table.RawGetString("code") != lua.LNumber(5) {
		t.Errorf("raised %v", failure.Value)
	}
}

// A Go error that a Go function returns comes back through Lua as itself, with
// the place of the call in its text.
func TestGoErrors(t *testing.T) {
	boom := errors.New("boom")
	e := newEngine(t, luabind.Config{})
	ctx := context.Background()
	for name, f := range map[string]any{
		"plain":     func() error { return boom },
		"reflected": func(int, string) (int, error) { return 0, boom },
		"fine":      func(int, string) (int, error) { return 7, nil },
	} {
		if err := e.SetGlobal(name, f); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ src, want string }{
		{"\nplain()", "test.lua:2: boom"},
		{"\nreflected(1, '')", "test.lua:2: boom"},
		{"local ok, err = pcall(function()\nplain() end); error(err)", "test.lua:2: boom"},
		{"local ok, err = pcall(plain); error(err)", "boom"}, // called by no line
	} {
		err := e.Run(ctx, "test.lua", strings.NewReader(test.src))
		if !errors.Is(err, boom) || err.Error() != test.want {
			t.Errorf("%q: got %v, want %s", test.src, err, test.want)
		}
	}
	got, err := e.Eval(ctx, "select(2, pcall(plain)), fine(1, '')")
	if inner, ok := got[0].(error); err != nil || !ok || !errors.Is(inner, boom) || got[1] != 7.0 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestNestedCalls(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	ctx := context.Background()
	if err := e.SetGlobal("again", func(ctx context.Context, n int) (any, error) {
		r, err := e.Call(ctx, "down", n-1)
		if err != nil {
			return nil, err
		}
		return r[0], nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := e.SetGlobal("wrong", func() error {
		_, err := e.Call(context.Background(), "down", 0)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	got, err := e.Eval(ctx, `function down(n) if n == 0 then return "bottom" end return again(n) end return down(10)`)
	if err != nil || got[0] != "bottom" {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := e.Eval(ctx, `wrong()`); !errors.Is(err, luabind.ErrBusy) {
		t.Errorf("got %v, want ErrBusy", err)
	}
	if _, err := e.Eval(ctx, `again(1)`); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestTwoGoroutines(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	inside, leave := make(chan bool), make(chan bool)
	if err := e.SetGlobal("wait", func() { inside <- true; <-leave }); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, err := e.Eval(context.Background(), `wait()`)
		done <- err
	}()
	<-inside
	if _, err := e.Eval(context.Background(), `1`); !errors.Is(err, luabind.ErrBusy) {
		t.Errorf("got %v, want ErrBusy", err)
	}
	leave <- true
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestCancel(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	started := make(chan bool, 1)
	if err := e.SetGlobal("started", func() {
		select {
		case started <- true:
		default: // the context is about to end
		}
	}); err != nil {
		t.Fatal(err)
	}
	for _, src := range []string{
		`started(); while true do end`,
		`started(); while true do pcall(function() while true do end end) end`,
		`started(); while true do xpcall(function() while true do end end, function() return "handled" end) end`,
		`started(); repeat until false`,
		`started(); local co = coroutine.wrap(function() while true do end end); co()`,
		`started(); while true do coroutine.resume(coroutine.create(function() while true do end end)) end`,
		`started(); local function f() return f() end f()`,
		`started(); setmetatable({}, {__index = function() while true do end end}).x()`,
		`load(function() started(); return "x = 1 " end)`,
		`local s = ("a"):rep(1e6); while true do s:gsub("", function() started() end) end`,
		`local t = {}; for i = 1, 1e5 do t[i] = i end; while true do table.sort(t, function(a, b) started(); return a > b end) end`,
		`local t = setmetatable({}, {__concat = function(a, b) started(); return a .. b end}); while true do pcall(function() return t .. t end) end`,
		`while true do pcall(tostring, setmetatable({}, {__tostring = function() started(); while true do end end})) end`,
		`started(); local f = coroutine.wrap(function() while true do pcall(coroutine.yield) end end); while true do f() end`,
		`xpcall(error, function() started(); while true do end end)`,
		`package.loaders[1] = function() started(); while true do end end; require "x"`,
	} {
		ctx, cancel := context.WithCancelCause(context.Background())
		why := errors.New("enough")
		go func() {
			<-started
			cancel(why)
		}()
		_, err := e.Eval(ctx, src)
		if !errors.Is(err, context.Canceled) || !errors.Is(err, why) {
			t.Errorf("%s: got %v", src, err)
		}
		select {
		case <-started: // of a second call
		default:
		}
		if got, err := e.Eval(context.Background(), `1 + 1`); err != nil || got[0] != 2.0 {
			t.Errorf("after %s: got %v, %v", src, got, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.Eval(ctx, `error("ran")`); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestOnCancel(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	called := 0
	if err := e.SetGlobal("register", func() { e.Host().OnCancel(func() { called++ }) }); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Eval(context.Background(), `register()`); err != nil || called != 0 {
		t.Errorf("called %d times after a run that ended by itself, %v", called, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := e.SetGlobal("soon", func() { time.AfterFunc(20*time.Millisecond, cancel) }); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Eval(ctx, `register() soon() while true do end`); !errors.Is(err, context.Canceled) || called != 1 {
		t.Errorf("called %d times, %v", called, err)
	}
}
