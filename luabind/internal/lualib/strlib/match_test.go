package strlib

import (
	"context"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/vm"
)

// These would run for hours.
var endless = []string{
	`("a"):rep(1e5):find((".-"):rep(9) .. "b")`,
	`("a"):rep(1e5):match(("a*"):rep(9) .. "b")`,
	`("a"):rep(1e5):gsub(("a?"):rep(1000) .. "b", "")`,
	`("("):rep(1e7):find("%b()")`,
	`("a"):rep(1e5):gmatch("(a*)(a-)%1%1%1b")()`,
}

// A match must end with its context.
func TestContextEndsMatch(t *testing.T) {
	for _, source := range endless {
		got, early := "", "error: context canceled"
		for after := 20 * time.Millisecond; (got == "" || got == early) && after < time.Minute; after *= 2 { // the match may not have begun by then
			got = endedMatch(t, source, after)
		}
		if want := "error: t:1: context canceled"; got != want {
			t.Errorf("%s\ngot  %s\nwant %s", source, got, want)
		}
	}
}

// endedMatch is what becomes of source when its context ends that long after it has begun.
func endedMatch(t *testing.T, source string, after time.Duration) string {
	t.Helper()
	L := newState(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	defer vm.SetContext(L, ctx)()
	L.SetGlobal("begins", L.NewFunction(func(*lua.LState) int {
		time.AfterFunc(after, cancel)
		return 0
	}))
	result := make(chan string, 1)
	go func() { result <- evaluate(L, "begins() or "+source) }()
	select {
	case got := <-result:
		return got
	case <-time.After(time.Minute + after):
		t.Fatalf("%s doesn't end", source)
		return ""
	}
}

// What PUC Lua has no limit for, or ends the process with.
func TestLimits(t *testing.T) {
	L := newState(t)
	for _, s := range []sample{
		{`string.rep("x", 2^40)`, "error: t:1: resulting string too large"},
		{`string.rep("xy", 2^29 + 1)`, "error: t:1: resulting string too large"},
		{`string.rep("x", 1/0)`, "error: t:1: resulting string too large"},
		{`string.find("b", ("a?"):rep(300000))`, "error: t:1: pattern too complex"},
		{`string.find("b", ("a?"):rep(200000))`, "1 0"},
		{`#string.match(("x"):rep(500000), ("x"):rep(500000) .. "$")`, "500000"},
	} {
		if got := evaluate(L, s.in); got != s.want {
			t.Errorf("%s\ngot  %s\nwant %s", s.in, got, s.want)
		}
	}
}

// The library belongs to each state, and functions of it run inside each other.
func TestNested(t *testing.T) {
	check(t, []sample{
		{`("a.b.c"):gsub("%a", function(c) for d in ("xy"):gmatch("%a") do c = c .. d end return c .. ("z"):find("z") end)`, `"axy1.bxy1.cxy1" 3`},
		{`(function() local r = "" for a in ("ab"):gmatch("%a") do for b in ("cd"):gmatch("%a") do r = r .. a .. b .. ("e"):match(".") end end return r end)()`, `"aceadebcebde"`},
		{`("abc"):gsub("%a", function(c) pcall(string.find, "x", "(") return c:upper() end)`, `"ABC" 3`},
		{`("ab"):gsub("(a)(b)", setmetatable({}, {__index = function(_, k) return k:gsub("a", "%0%0") end}))`, `"aa" 1`},
	})
}

// counted ends after so many looks at it, so that every run takes the same way.
type counted struct {
	context.Context
	looks int
}

func (c *counted) Err() error {
	if c.looks--; c.looks < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

// FuzzMatch gives the matcher any pattern and subject: it must neither panic nor
// go past its bounds in time.
func FuzzMatch(f *testing.F) {
	f.Add("key = value", `^(%w+)%s*=%s*(%w+)$`)
	f.Add("f(a(b)c)d", `%b()%f[%z%w]()`)
	f.Add("aXbXc", `(.-)X%1?[^%]a-z]*`)
	f.Add(strings.Repeat("-", 40), ".-.-.-.-X") // its context ends it
	f.Add("a-]", `[]-a%]+[a-%%]-`)
	f.Add("aaaa", `(a*(.)%w(%s*))`)
	f.Add("\x00\xff", "%z[\x80-\xff]")
	f.Add("x", "(()%1")
	f.Fuzz(func(t *testing.T, s, p string) {
		lib := &library{}
		L := lua.NewState(lua.Options{SkipOpenLibs: true, CallStackSize: 64, RegistrySize: 256})
		vm.Adopt(L)
		defer L.Close()
		for _, function := range []lua.LGFunction{lib.find, lib.match, lib.gsub} {
			for _, looks := range []int{0, 1} { // every match comes to the first end, many to the second
				ctx := &counted{context.Background(), looks}
				defer vm.SetContext(L, ctx)()
				L.Push(L.NewFunction(function))
				L.Push(lua.LString(s))
				L.Push(lua.LString(p))
				L.Push(lua.LString("1"))
				err := L.PCall(3, lua.MultRet, nil)
				if err != nil && err.(*lua.ApiError).Type != lua.ApiErrorRun {
					t.Fatalf("%q in %q: %v", p, s, err)
				}
				if ctx.looks < -1 {
					t.Errorf("%q in %q: went on after its context had ended", p, s)
				}
				L.SetTop(0)
			}
		}
	})
}

// Patterns that many programs make at run time must not be kept for ever.
func TestKeptPrograms(t *testing.T) {
	var p programs
	for i := range 10 * maxKept {
		p.get(strings.Repeat("a", i%90)+string(rune('a'+i%26))+strings.Repeat(".", i/90), true)
	}
	p.get(strings.Repeat(".", maxKeptLength+1), true)
	if len(p.all) > maxKept {
		t.Errorf("%d programs are kept, want at most %d", len(p.all), maxKept)
	}
	if a, b := p.get("x.", true), p.get("x.", true); a != b {
		t.Error("a pattern is compiled each time")
	}
}
