package luatest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/afero"

	"luaspawn/luabind"
)

// A transcript stands in for a *testing.T: it notes what is reported and under which test.
type transcript struct {
	name   string
	lines  *[]string
	parent *transcript
	failed bool
}

func (t *transcript) Run(name string, f func(reporter)) bool {
	sub := &transcript{name: name, lines: t.lines, parent: t}
	done := make(chan struct{})
	go func() { // as *testing.T does
		defer close(done)
		f(sub)
	}()
	<-done
	return !sub.failed
}

func (t *transcript) Errorf(format string, args ...any) {
	*t.lines = append(*t.lines, t.name+"| "+fmt.Sprintf(format, args...))
	for ; t != nil; t = t.parent {
		t.failed = true
	}
}

func (t *transcript) Failed() bool { return t.failed }

// reports runs source as the file t.lua and gives back what was reported, less the report on what
// was left in the writers.
func reports(t *testing.T, source string) []string {
	t.Helper()
	fs := afero.NewMemMapFs()
	if err := afero.WriteFile(fs, "t.lua", []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	lines := []string{}
	run(&transcript{lines: &lines}, luabind.Config{Fs: fs}, "*.lua")
	return slices.DeleteFunc(lines, func(line string) bool { return strings.Contains(line, "left on stdout") })
}

func TestHolds(t *testing.T) {
	for _, source := range []string{
		`ok(true) ok(0) ok("")`,
		`eq(1, 1) eq("a", "a") eq(nil, nil) eq(0/0, 0/0) eq(print, print)`,
		`eq({1, {2}, x = "y"}, {1, {2}, x = "y"})`,
		`local t = setmetatable({}, {}) eq(t, t) eq({t}, {t})`,
		`local t = {} t.t = t eq(t, t)`,
		`match("a 12 b", "%d+")`,
		`raises("boom", function() error("boom") end)`,
		"raises(\"boom\",\nfunction()\n\nerror(\"boom\")\nend)",
		`raises("1: 2", function() error("1: 2") end)`,
		`raises("a\nb", function() error("a\nb") end)`,
		`raises("1 2", function(a, b) error(a .. " " .. b) end, 1, 2)`,
		`local v = {} eq(raises(nil, function() error(v) end), v)`,
		`print("a", 1) eq(printed(), "a\t1\n") eq(printed(), "")`,
		`eq(complained(), "")`,
		`print("marker") ok(await("arke")) eq(printed(), "marker\n")`,
		`test("a", function() test("b", function() eq(1, 1) end) end)`,
	} {
		if got := reports(t, source); len(got) > 0 {
			t.Errorf("%s\ngot %q, want no reports", source, got)
		}
	}
}

func TestFails(t *testing.T) {
	for _, c := range []struct {
		source string
		want   []string
	}{
		{`ok(false)`, []string{"t.lua| t.lua:1: got false, want true"}},
		{`ok(nil, "why")`, []string{"t.lua| t.lua:1: got nil, want true why"}},
		{"\neq(1, 2)", []string{"t.lua| t.lua:2: got 1, want 2"}},
		{`eq(1, "1", "why")`, []string{`t.lua| t.lua:1: got 1, want "1" why`}},
		{`eq({1, x = 2}, {1})`, []string{`t.lua| t.lua:1: got {[1] = 1, ["x"] = 2}, want {[1] = 1}`}},
		{`eq({1}, {1, 2})`, []string{`t.lua| t.lua:1: got {[1] = 1}, want {[1] = 1, [2] = 2}`}},
		{`eq({x = false}, {y = false})`, []string{`t.lua| t.lua:1: got {["x"] = false}, want {["y"] = false}`}},
		{`eq({{1}, {a = {"2"}}}, {{2}})`, []string{`t.lua| t.lua:1: got {[1] = {[1] = 1}, [2] = {["a"] = {[1] = "2"}}}, want {[1] = {[1] = 2}}`}},
		{`eq({[{}] = 1}, 1)`, []string{`t.lua| t.lua:1: got {[{}] = 1}, want 1`}},
		{`eq(setmetatable({}, {}), {})`, nil},
		{`local a, b = {}, {} a.x = a b.x = b eq(a, b)`, []string{`t.lua| t.lua:1: got {["x"] = {...}}, want {["x"] = {...}}`}},
		{`match("a", "b")`, []string{`t.lua| t.lua:1: got "a", want a match for "b"`}},
		{`match(12, "1")`, []string{`t.lua| t.lua:1: got 12, want a match for "1"`}},
		{`raises("boom", function() end)`, []string{`t.lua| t.lua:1: nothing raised, want "boom"`}},
		{`raises(nil, function() end)`, []string{`t.lua| t.lua:1: nothing raised, want nil`}},
		{`raises("boom", function() error("boom!") end)`, []string{`t.lua| t.lua:1: raised "t.lua:1: boom!", want FILE:LINE: and "boom"`}},
		{`raises("boom", function() error("boom", 0) end)`, []string{`t.lua| t.lua:1: raised "boom", want FILE:LINE: and "boom"`}},
		{`raises("boom", function() error({}) end)`, nil},
		{"local function f() error('boom') end\nraises('boom', function() f() end)",
			[]string{`t.lua| t.lua:2: raised "t.lua:1: boom", want a FILE:LINE of the function that raised it`}},
		// A failed check lets its own test go on, an error ends it; the other tests run.
		{"test('a', function() ok(false) eq(1, 2) end)\ntest('b', function() ok(false) error('x') ok(false) end)\nok(false)", []string{
			"a| t.lua:1: got false, want true", "a| t.lua:1: got 1, want 2",
			"b| t.lua:2: got false, want true", `b| test "b" ended early: t.lua:2: x <nil>`,
			"t.lua| t.lua:3: got false, want true"}},
		{"test('a', function() error(setmetatable({}, {__tostring = function() return 'told' end})) end)", []string{`a| test "a" ended early: told <nil>`}},
		{"test('a', function() test('b', function() ok(false) end) ok(nil) end)", []string{
			"b| t.lua:1: got false, want true", "a| t.lua:1: got nil, want true"}},
	} {
		got := reports(t, c.source)
		if len(got) == 0 || c.want != nil && !slices.Equal(got, c.want) {
			t.Errorf("%s\ngot  %q\nwant %q", c.source, got, c.want)
		}
	}
}

// A check gives back whether it held.
func TestGivesBack(t *testing.T) {
	got := reports(t, `local held = {ok(1), ok(nil), eq(1, 1), eq(1, 2), match("a", "a"), match("a", "b")}
		for i, want in ipairs{true, false, true, false, true, false} do assert(held[i] == want, i) end`)
	if len(got) != 3 {
		t.Errorf("got %q, want the reports of 3 checks", got)
	}
}

// A file that can't run at all, and one that ends in the middle, fail.
func TestFileEnds(t *testing.T) {
	for source, want := range map[string]string{
		`x = = 1`:       "t.lua",
		`error("boom")`: "boom",
		`os.exit(0)`:    "",
		`test("a", function() os.exit(0) end) ok(false, "unreachable")`: "",
	} {
		got := strings.Join(reports(t, source), "\n")
		if got == "" || !strings.Contains(got, want) || strings.Contains(got, "unreachable") {
			t.Errorf("%s\ngot %q, want a report with %q in it", source, got, want)
		}
	}
}

func TestNoFile(t *testing.T) {
	lines := []string{}
	run(&transcript{lines: &lines}, luabind.Config{Fs: afero.NewMemMapFs()}, "*.lua")
	if len(lines) != 1 || !strings.Contains(lines[0], "*.lua") {
		t.Errorf("got %q, want one report that names the pattern", lines)
	}
}

// Run itself, on a *testing.T.
func TestRun(t *testing.T) {
	fs := afero.NewMemMapFs()
	if err := afero.WriteFile(fs, "t.lua", []byte(`test("a", function() print("ran") eq(printed(), "ran\n") end)`), 0o644); err != nil {
		t.Fatal(err)
	}
	Run(t, luabind.Config{Fs: fs}, "*.lua")
}

// What is awaited may come in pieces and from another goroutine; what never comes is waited for no
// longer than the limit.
func TestAwait(t *testing.T) {
	r := newRecorder()
	go func() {
		for _, piece := range []string{"a mar", "ker", " and more"} {
			fmt.Fprint(r, piece)
		}
	}()
	if !r.await("marker and", time.Minute) {
		t.Error("got false for a text that was written")
	}
	if r.await("nowhere", time.Millisecond) {
		t.Error("got true for a text that wasn't")
	}
	if got := r.take(); got != "a marker and more" || r.take() != "" {
		t.Errorf("got %q, want all that was written, once", got)
	}
}
