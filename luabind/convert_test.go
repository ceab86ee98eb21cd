package luabind_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/netip"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
)

type named string

type Embedded struct{ A, B int }

type outer struct {
	*Embedded          // its fields are fields of outer
	Inner     Embedded `lua:"tagged"`
	named              // not exported
	Listed    `lua:"listed"`
	Dropped   `lua:"-"`
	Names     // of a type that is no struct: a field like others
}

type (
	Listed  struct{ L int }
	Dropped struct{ D int }
	Names   []string
)

type job struct{ Name string }

func (j *job) Rename(to string) { j.Name = to }

// What an embedder's own types become, beyond the simple ones.
func TestOwnTypesToLua(t *testing.T) {
	at := time.Date(2024, 2, 29, 12, 0, 0, 5e8, time.UTC)
	j := &job{"build"}
	type lists struct{ A, B []int }
	for _, test := range []struct {
		name  string
		value any
		expr  string // of the global v
		want  any
	}{
		{"embedded by pointer", outer{Embedded: &Embedded{1, 2}}, "v.A + v.B", 3.0},
		{"embedded by a nil pointer", outer{}, "v.A", nil},
		{"tagged field", outer{Inner: Embedded{A: 5}}, "v.tagged.A", 5.0},
		{"embedded with a tag", outer{Listed: Listed{7}}, "v.listed.L .. tostring(v.L)", "7nil"},
		{"embedded and left out", outer{Dropped: Dropped{7}}, "tostring(v.D) .. tostring(v.Dropped)", "nilnil"},
		{"embedded, no struct", outer{Names: Names{"n"}}, "v.Names[1]", "n"},
		{"not exported", outer{named: "x"}, "v.named", nil},
		{"two empty slices are two tables", lists{[]int{}, []int{}}, "v.A ~= v.B", true},
		{"a nil slice and an empty one", lists{nil, []int{}}, "tostring(v.A) .. type(v.B)", "niltable"},
		{"time.Time", at, "os.date('!%Y-%m-%d %H', v) .. (v % 1)", "2024-02-29 120.5"},
		{"pointer to time.Time", &at, "v % 1", 0.5},
		{"text", netip.MustParseAddr("10.0.0.1"), "v", "10.0.0.1"},
		{"text in a map", map[string]any{"n": big.NewInt(1 << 62)}, "v.n", "4611686018427387904"},
		{"a method as a func", map[string]any{"rename": j.Rename}, "v.rename('test')", nil},
		{"keys of several kinds", map[any]any{true: 1, 2.5: 2, "x": 3, named("y"): 4}, "v[true] + v[2.5] + v.x + v.y", 10.0},
		{"nil in an interface", map[string]any{"e": error(nil)}, "v.e", nil},
		{"nil pointers of Lua's", (*lua.LTable)(nil), "v", nil},
		{"pointer to a pointer", func() **Embedded { p := &Embedded{A: 1}; return &p }(), "v.A", 1.0},
		{"pointer to an interface", func() *any { var x any = 5; return &x }(), "v", 5.0},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := newEngine(t, luabind.Config{})
			if err := e.SetGlobal("v", test.value); err != nil {
				t.Fatal(err)
			}
			got, err := e.Eval(context.Background(), "("+test.expr+")")
			if err != nil || len(got) != 1 || got[0] != test.want {
				t.Errorf("got %v, %v, want %v", got, err, test.want)
			}
		})
	}
	if j.Name != "test" {
		t.Errorf("the method has set %q", j.Name)
	}
}

type ring *ring

// What can't cross is an error that names the path to it, and pointers that lead to
// themselves end nothing.
func TestNoCrossing(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	var circle ring
	circle = &circle
	var loop any
	loop = &loop
	type guarded struct {
		Mu   sync.Mutex
		Name string
	}
	for _, test := range []struct {
		value any
		want  string
	}{
		{circle, "luabind: v: a pointer to itself can't cross"},
		{map[string]any{"loop": loop}, "luabind: v[loop]: a pointer to itself can't cross"},
		{&guarded{}, "luabind: v.Mu: sync.Mutex (no exported fields) can't cross"},
	} {
		err := e.SetGlobal("v", test.value)
		var cross *luabind.ConvertError
		if !errors.As(err, &cross) || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
	for _, test := range []struct{ src, want string }{
		{"{1, {x = {coroutine.create(print)}}}", "luabind: result 1 of eval[2][x][1]: a thread can't cross"},
		{"1, {[{}] = 1}", "a table as a key can't cross"},
	} {
		_, err := e.Eval(context.Background(), test.src)
		var cross *luabind.ConvertError
		if !errors.As(err, &cross) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", test.src, err, test.want)
		}
	}
}

// The keys of a table decide whether it is a list, not how it was filled.
func TestListsToGo(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	for _, test := range []struct {
		src  string
		want any
	}{
		{"local t = {}; for i = 5, 1, -1 do t[i] = i end; return t", []any{1.0, 2.0, 3.0, 4.0, 5.0}},
		{"local t = {1, 2, 3}; t[2] = nil; return t", map[any]any{1.0: 1.0, 3.0: 3.0}},
		{"local t = {1, 2, 3}; t[3] = nil; return t", []any{1.0, 2.0}},
		{"local t = {}; t[2] = 2; return t", map[any]any{2.0: 2.0}},
		{"{1, [0] = 0}", map[any]any{1.0: 1.0, 0.0: 0.0}},
		{"{1, [2.5] = 0}", map[any]any{1.0: 1.0, 2.5: 0.0}},
	} {
		got, err := e.Eval(context.Background(), test.src)
		if err != nil || !reflect.DeepEqual(got[0], test.want) {
			t.Errorf("%s: got %v, %v, want %v", test.src, got, err, test.want)
		}
	}
}

// Parameters of an embedder's own types.
func TestOwnTypesToGo(t *testing.T) {
	for _, test := range []struct {
		name string
		f    any
		call string
		want any
	}{
		{"embedded by pointer", func(o outer) int { return o.A }, "f{A = 5}", 5.0},
		{"embedded with a tag", func(o outer) int { return o.L }, "f{listed = {L = 5}, L = 6}", 5.0},
		{"time", func(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }, "f(1.5)", "1970-01-01T00:00:01.5Z"},
		{"text", func(a netip.Addr) bool { return a.IsLoopback() }, "f('127.0.0.1')", true},
		{"a pointer to text", func(a *big.Int) string { return a.String() }, "f('123456789012345678901')", "123456789012345678901"},
		{"text among other things", func(m map[string]netip.Addr) int { return len(m) }, "f{}", 0.0},
		{"a number for text", func(s string) string { return s }, "f(5)", "5"},
		{"text for a number", func(n uint8) int { return int(n) }, "f(' 7 ')", 7.0},
		{"no bool is false", func(s string, b bool) bool { return b }, "f('')", false},
		{"a list that was filled backwards", func(l []int) int { return len(l) }, "(function() local t = {}; for i = 3, 1, -1 do t[i] = i end; return f(t) end)()", 3.0},
		{"a Lua table as it is", func(t *lua.LTable) int { return t.Len() }, "f{1, 2}", 2.0},
		{"a callback", func(f func(string, ...int) (string, error)) (string, error) { return f("a", 1, 2) },
			"f(function(s, ...) return s .. select('#', ...) end)", "a2"},
		{"a callback with a context", func(ctx context.Context, f func(context.Context, int) (int, error)) (int, error) { return f(ctx, 20) },
			"f(function(n) return n + 1 end)", 21.0},
		{"callbacks in a struct", func(h struct{ Begin, End func() error }) error { return errors.Join(h.Begin(), h.End()) },
			"f{Begin = function() end, End = function() end}", nil},
		{"values of maps", func(m map[int][]string) string { return fmt.Sprint(m) }, "f{[3] = {'x'}}", "map[3:[x]]"},
		{"three bytes", func(a [3]byte) int { return int(a[2]) }, "f{1, 2, 3}", 3.0},
		{"a pointer to a number", func(p *int) bool { return p == nil }, "f()", true},
		{"a reader from a userdata", func(r io.Reader) int { b, _ := io.ReadAll(r); return len(b) }, "f(reader)", 5.0},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := newEngine(t, luabind.Config{})
			reader := &lua.LUserData{Value: strings.NewReader("abcde"), Metatable: lua.LNil}
			if err := errors.Join(e.SetGlobal("f", test.f), e.SetGlobal("reader", reader)); err != nil {
				t.Fatal(err)
			}
			got, err := e.Eval(context.Background(), "("+test.call+")")
			if err != nil || got[0] != test.want {
				t.Errorf("got %v, %v, want %v", got, err, test.want)
			}
		})
	}
}

func TestBadArguments(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	for name, f := range map[string]any{
		"pair":     func([2]int) {},
		"nested":   func(struct{ Hosts []struct{ Port uint16 } }) {},
		"text":     func(netip.Addr) {},
		"reader":   func(io.Reader) {},
		"callback": func(func(int) int) {},
		"whole":    func(int) {},
		"wait":     func(time.Duration) {},
		"dynamic":  luabind.Func(func(context.Context, ...any) ([]any, error) { return nil, nil }),
		"results":  luabind.Func(func(context.Context, ...any) ([]any, error) { return []any{1, make(chan int)}, nil }),
	} {
		if err := e.SetGlobal(name, f); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ src, want string }{
		{"pair{1}", "bad argument #1 to 'pair' (2 values expected, got 1)"},
		{"nested{Hosts = {{Port = 80}, {Port = 65536}}}", "bad argument #1 to 'nested' (Hosts[2].Port: 65536 doesn't fit uint16)"},
		{"text 'x'", `bad argument #1 to 'text' (ParseAddr("x"): unable to parse IP)`},
		{"reader {}", "bad argument #1 to 'reader' (io.Reader expected, got table)"},
		{"callback(print)", "bad argument #1 to 'callback' (a function as func(int) int, whose last result is no error, can't cross)"},
		{"whole(1.5)", "bad argument #1 to 'whole' (1.5 doesn't fit int)"},
		{"whole(2^63)", "bad argument #1 to 'whole' (9.223372036854776e+18 doesn't fit int)"},
		{"whole(0/0)", "doesn't fit int)"},
		{"whole()", "bad argument #1 to 'whole' (number expected, got no value)"},
		{"wait(1e300)", "bad argument #1 to 'wait' (1e+300 doesn't fit time.Duration)"},
		{"dynamic(1, {coroutine.create(print)})", "bad argument #2 to 'dynamic' ([1]: a thread can't cross)"},
		{"results()", "result 2: chan int can't cross"},
		{"local t = {}; t.Hosts = {t}; t.Hosts[1].Port = 1; nested(t)", ""},
	} {
		_, err := e.Eval(context.Background(), test.src)
		if test.want == "" {
			if err != nil {
				t.Errorf("%s: %v", test.src, err)
			}
			continue
		}
		var failure *luabind.Error
		if !errors.As(err, &failure) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", test.src, err, test.want)
		}
	}
}

var errBoom = errors.New("boom")

func outOfRange(l []int) int { return l[len(l)] }
func failsBy(how string)     { fall(how) }
func panics(string) error    { panic(errBoom) }
func readNil(p *point) int   { return p.X }
func nested(f func() error)  { panic(f()) }

func fall(how string) { panic("ouch: " + how) }

// A panic of a Go function is an error in Lua that says so, and which function it was. The
// engine goes on.
func TestPanics(t *testing.T) {
	library := luabind.Module{Name: "library", Open: func(e *luabind.Host) (lua.LValue, error) {
		return e.State().NewFunction(inLibrary), nil
	}}
	e := newEngine(t, luabind.Config{Modules: []luabind.Module{library}})
	ctx := context.Background()
	for name, f := range map[string]any{
		"outOfRange": outOfRange, "failsBy": failsBy, "panics": panics, "readNil": readNil, "nested": nested,
		"dynamic": luabind.Func(func(context.Context, ...any) ([]any, error) { panic("dynamic") }),
	} {
		if err := e.SetGlobal(name, f); err != nil {
			t.Fatal(err)
		}
	}
	const tests = "luaspawn/luabind_test."
	for _, test := range []struct{ call, function, what string }{
		{"outOfRange{1}", tests + "outOfRange", "runtime error: index out of range [1] with length 1"},
		{"failsBy('x')", tests + "failsBy", "ouch: x"},
		{"panics('x')", tests + "panics", "boom"},
		{"readNil(nil)", tests + "readNil", "runtime error: invalid memory address or nil pointer dereference"},
		{"require('library')()", tests + "inLibrary", "in a library"},
		{"dynamic()", tests + "TestPanics.func2", "dynamic"},
		{"nested(function() error('inner', 0) end)", tests + "nested", "inner"},
	} {
		want := "panic in Go function " + test.function + ": " + test.what
		for _, around := range []string{"%s", "coroutine.wrap(function() %s end)()", "coroutine.wrap(coroutine.wrap(function() %s end))()"} {
			source := fmt.Sprintf(around, test.call)
			err := e.Run(ctx, "panics.lua", strings.NewReader(source))
			var failure *luabind.Error
			if !errors.As(err, &failure) || !strings.HasSuffix(failure.Message, "panics.lua:1: "+want) || failure.File != "panics.lua" || failure.Line != 1 {
				t.Errorf("%s: got %v, want %s", source, err, want)
				continue
			}
			stack, _, _ := strings.Cut(failure.Traceback(), "[C]")
			if !strings.Contains(stack, "\n\t[Go]: "+test.function+" (") || !strings.Contains(stack, "convert_test.go:") || strings.Contains(stack, "internal/") {
				t.Errorf("%s: traceback without Go's calls:\n%s", source, failure.Traceback())
			}
			var fault interface{ RuntimeError() }
			if errors.As(err, &fault) != strings.HasPrefix(test.what, "runtime error") || errors.Is(err, errBoom) != (test.what == "boom") {
				t.Errorf("%s: got %v as the error behind it", source, failure.Err)
			}
		}
		for _, catch := range []string{
			"pcall(function() %s end)", "coroutine.resume(coroutine.create(function() %s end))",
			"xpcall(function() %s end, function(message) return message end)",
		} {
			source := fmt.Sprintf("return "+catch, test.call)
			got, err := e.Eval(ctx, source)
			if err != nil || got[0] != false || got[1] != "eval:1: "+want {
				t.Errorf("%s: got %v, %v, want %s", source, got, err, want)
			}
		}
	}
	if _, err := e.Call(ctx, "failsBy", "y"); err == nil || err.Error() != "panic in Go function "+tests+"failsBy: ouch: y" {
		t.Errorf("without a script: got %v", err)
	}
}

func inLibrary(*lua.LState) int { panic("in a library") }

// panickyFs is a file system that panics.
type panickyFs struct{ afero.Fs }

func (panickyFs) OpenFile(string, int, os.FileMode) (afero.File, error) { panic("on opening") }

// A file that is opened on a goroutine, which a context may leave behind, is no exception.
func TestPanicOfFileSystem(t *testing.T) {
	e := newEngine(t, luabind.Config{Fs: panickyFs{afero.NewMemMapFs()}})
	for _, ctx := range []context.Context{context.Background(), t.Context()} {
		got, err := e.Eval(ctx, `tostring(select(2, pcall(function() return assert(io.open("x")) end)))`)
		if err != nil || !strings.HasSuffix(got[0].(string), "n opening") {
			t.Errorf("got %v, %v", got, err)
		}
	}
}

// Items far behind the list of a table cross like all others, and Go finds them.
func TestSparse(t *testing.T) {
	e, err := luabind.New(luabind.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.SetGlobal("names", map[int]string{1_000_000: "a", 1 << 25: "b"}); err != nil {
		t.Fatal(err)
	}
	got, err := e.Eval(t.Context(), `names[2000000] = names[1000000] .. names[2^25] return names`)
	if want := []any{map[any]any{1e6: "a", 2e6: "ab", float64(1 << 25): "b"}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	names := e.State().GetGlobal("names").(*lua.LTable)
	luabind.RawSet(names, lua.LNumber(3e6), lua.LString("c"))
	for key, want := range map[lua.LNumber]lua.LValue{2e6: lua.LString("ab"), 3e6: lua.LString("c"), 4e6: lua.LNil} {
		if got := luabind.RawGet(names, key); got != want {
			t.Errorf("%v: got %v, want %v", key, got, want)
		}
	}
}
