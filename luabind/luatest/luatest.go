// Package luatest runs tests that are written in Lua.
//
// Every file that matches the pattern of [Run] is one subtest, run in an engine of its own. What it
// finds beside Lua's own libraries and the modules of its Config, as globals:
//
//	test(name, fn)         runs fn as a subtest; an error in it fails that one and no other
//	long(name, fn)         the same for one that takes long: go test -short leaves it out
//	short                  whether that is what runs
//	ok(v [, note])         v is neither nil nor false
//	eq(got, want [, note]) got is want: plain tables by their contents, nan is nan, all else by rawequal
//	match(got, pattern)    got is a string in which the Lua pattern is found
//	raises(want, fn, ...)  fn(...) raises the string "FILE:LINE: want", where FILE:LINE lies in fn;
//	                       where want is nil, anything. Gives back what was raised
//	printed()              what went to Config.Stdout since the last printed()
//	complained()           the same for Config.Stderr
//	await(text)            waits until text stands in what printed() would give
//
// A check that fails reports FILE:LINE and lets the test go on; what it gives back is whether it held.
//
//	test("upper", function()
//	    eq(("abc"):upper(), "ABC")
//	    raises("boom", function() error("boom") end)
//	end)
package luatest

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/internal/vm"
)

const (
	deadline = 8 * time.Minute // of one file
	patience = time.Minute     // of one await
)

// Run runs the files of cfg.Fs that match pattern, as in path.Match. Stdout and Stderr of cfg are
// replaced by what printed and complained read; what is left there is reported where a file fails.
func Run(t *testing.T, cfg luabind.Config, pattern string) {
	t.Helper()
	run(tester{t}, cfg, pattern)
}

// A reporter is what luatest needs of a *testing.T.
type reporter interface {
	Run(name string, f func(reporter)) bool
	Errorf(format string, args ...any)
	Failed() bool
}

type tester struct{ *testing.T }

func (t tester) Run(name string, f func(reporter)) bool {
	return t.T.Run(name, func(t *testing.T) { f(tester{t}) })
}

func run(t reporter, cfg luabind.Config, pattern string) {
	files, err := afero.Glob(cfg.Fs, pattern)
	if err != nil || len(files) == 0 {
		t.Errorf("luatest: no file matches %q: %v", pattern, err)
	}
	for _, file := range files {
		file = filepath.ToSlash(file) // the same names everywhere
		t.Run(file, func(t reporter) { runFile(t, cfg, file) })
	}
}

func runFile(t reporter, cfg luabind.Config, file string) {
	s := &session{t: t, out: newRecorder(), complaints: newRecorder()}
	cfg.Stdout, cfg.Stderr = s.out, s.complaints
	e, err := luabind.New(cfg)
	if err != nil {
		t.Errorf("luatest: %v", err)
		return
	}
	s.open(inside.State(e))
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	if err := e.RunFile(ctx, file); err != nil {
		t.Errorf("%v", err)
	}
	if err := e.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if t.Failed() {
		t.Errorf("left on stdout: %q\nleft on stderr: %q", s.out.take(), s.complaints.take())
	}
}

// A session is one engine and the test that is running in it.
type session struct {
	t               reporter
	out, complaints *recorder

	pcall, find, tostring lua.LValue // taken before a script can change them
}

func (s *session) open(L *lua.LState) {
	s.pcall, s.tostring = vm.Field(L, L.G.Global, "pcall"), vm.Field(L, L.G.Global, "tostring")
	s.find = vm.Field(L, vm.Field(L, L.G.Global, "string"), "find")
	for name, fn := range map[string]lua.LGFunction{
		"test":       s.test,
		"long":       s.long,
		"ok":         s.ok,
		"eq":         s.eq,
		"match":      s.match,
		"raises":     s.raises,
		"printed":    func(L *lua.LState) int { L.Push(lua.LString(s.out.take())); return 1 },
		"complained": func(L *lua.LState) int { L.Push(lua.LString(s.complaints.take())); return 1 },
		"await":      s.await,
	} {
		vm.SetField(L, L.G.Global, name, L.NewFunction(fn))
	}
	vm.SetField(L, L.G.Global, "short", lua.LBool(testing.Short()))
}

// check reports a failure unless held, and gives held back to the script.
func (s *session) check(L *lua.LState, held bool, format string, args ...any) int {
	if !held {
		s.t.Errorf("%s %s", strings.TrimSpace(L.Where(1)), strings.TrimSpace(fmt.Sprintf(format, args...)))
	}
	L.Push(lua.LBool(held))
	return 1
}

// protected calls fn through Lua's own pcall. What pcall lets pass (os.exit, the end of the context)
// comes back as passed: as a panic it mustn't leave the goroutine of a subtest.
func (s *session) protected(L *lua.LState, fn lua.LValue, args ...lua.LValue) (raised lua.LValue, caught bool, passed error) {
	L.Push(s.pcall)
	L.Push(fn)
	for _, arg := range args {
		L.Push(arg)
	}
	if err := vm.Call(L, 1+len(args), 2); err != nil { // gopher-lua's would cut off upvalues of the test
		return lua.LNil, false, err
	}
	defer L.Pop(2)
	return L.Get(-1), !lua.LVAsBool(L.Get(-2)), nil
}

func (s *session) test(L *lua.LState) int {
	name, fn, outer := L.CheckString(1), L.CheckFunction(2), s.t
	var passed error
	outer.Run(name, func(t reporter) {
		s.t = t
		raised, caught, err := s.protected(L, fn)
		if passed = err; caught || passed != nil {
			if text, failed, err := s.protected(L, s.tostring, raised); !failed && err == nil { // an error may be a table that says more
				raised = text
			}
			t.Errorf("test %q ended early: %v %v", name, raised, passed)
		}
	})
	s.t = outer
	if passed != nil {
		panic(passed)
	}
	return 0
}

func (s *session) long(L *lua.LState) int {
	if testing.Short() {
		return 0
	}
	return s.test(L)
}

func (s *session) ok(L *lua.LState) int {
	return s.check(L, L.ToBool(1), "got %s, want true %s", show(L.Get(1)), note(L, 2))
}

func (s *session) eq(L *lua.LState) int {
	got, want := L.Get(1), L.Get(2)
	return s.check(L, same(L, got, want, 0), "got %s, want %s %s", show(got), show(want), note(L, 3))
}

func (s *session) match(L *lua.LState) int {
	got, pattern, found := L.Get(1), L.CheckString(2), false
	if got.Type() == lua.LTString {
		L.CallByParam(lua.P{Fn: s.find, NRet: 1}, got, lua.LString(pattern)) // raises what find raises
		found = L.Get(-1) != lua.LNil
	}
	return s.check(L, found, "got %s, want a match for %q", show(got), pattern)
}

// position is what error(text, level) puts before its text.
var position = regexp.MustCompile(`(?s)^(.+?):(\d+): (.*)$`)

func (s *session) raises(L *lua.LState) int {
	want, fn := L.Get(1), L.CheckFunction(2)
	var args []lua.LValue
	for i := 3; i <= L.GetTop(); i++ {
		args = append(args, L.Get(i))
	}
	raised, caught, passed := s.protected(L, fn, args...)
	m := position.FindStringSubmatch(lua.LVAsString(raised))
	switch {
	case passed != nil:
		panic(passed)
	case !caught:
		return s.check(L, false, "nothing raised, want %s", show(want))
	case want == lua.LNil:
	case m == nil || m[3] != want.String():
		s.check(L, false, "raised %s, want FILE:LINE: and %s", show(raised), show(want))
	case !stands(fn.Proto, m[1], m[2]):
		s.check(L, false, "raised %s, want a FILE:LINE of the function that raised it", show(raised))
	}
	L.Push(raised)
	return 1
}

// stands says whether file:line is a line of the function that proto is of; one of Go has none.
func stands(proto *lua.FunctionProto, file, line string) bool {
	n, _ := strconv.Atoi(line)
	return proto == nil || file == proto.SourceName && n >= proto.LineDefined && n <= proto.LastLineDefined
}

func (s *session) await(L *lua.LState) int {
	text := L.CheckString(1)
	return s.check(L, s.out.await(text, patience), "waited in vain for %q", text)
}
