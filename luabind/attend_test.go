package luabind_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
)

// listener is a module that calls the global function heard when it is told something.
type listener struct {
	host  *luabind.Host
	heard chan struct{}
}

func isOver(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func (l *listener) module() luabind.Module {
	return luabind.Module{Name: "listener", Open: func(h *luabind.Host) (lua.LValue, error) {
		l.host, l.heard = h, make(chan struct{}, 1)
		h.ExpectPosts(true)
		return lua.LTrue, nil
	}}
}

func (l *listener) tell() {
	l.host.Post(func(L *lua.LState) {
		select {
		case l.heard <- struct{}{}:
		default:
		}
		L.Push(L.GetGlobal("heard"))
		L.Call(0, 0)
	})
}

// The work of these is spoilt if an interrupt changes a value, the top of the stack, or which values a call
// gets.
const interrupted = `
	local function spread(n, ...) if n == 0 then return ... end return spread(n - 1, n, ...) end
	local function count(...) return select("#", ...) end
	local tail
	function tail(n, x) if n == 0 then return x end return tail(n - 1, x) end
	local meta = {__index = function(_, k) return k * 2 end, __add = function(a, b) return 7 end}
	local object = setmetatable({}, meta)
	local gen = function(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i, -i) end end) end
	local function work()
		local sum = 0
		for i = 1, 50 do
			local t = {spread(i % 7)}
			sum = sum + #t + count(spread(i % 5), spread(i % 3)) + tail(i % 4, i) + object[i] + (object + i)
			local a, b, c = spread(3)
			sum = sum + a * 100 + b * 10 + c
			local s = ("x"):rep(i) .. i .. "y"
			sum = sum + #s:gsub("%d", function(d) return d .. d end)
			for x, y in gen(3) do sum = sum + x * 2 + y end
			local ok, err = pcall(function() if i % 3 == 0 then error({i}) end return spread(2) end)
			sum = sum + (ok and err or err[1])
			local list = {5, 3, i, 1}
			table.sort(list, function(x, y) return x < y end)
			sum = sum + list[1] + list[4]
			local fs = {}
			for j = 1, 3 do local v = j fs[j] = function() v = v + 1 return v end end
			sum = sum + fs[1]() + fs[2]() + fs[1]() + fs[3]()
			repeat local k = i until k == i
			while i < 0 do end
		end
		return sum
	end
	heardCount = 0
	local hearing = false
	function heard(...)
		heardCount = heardCount + 1
		if hearing then return end
		hearing = true
		local t = {spread(5)} assert(#t == 5)
		hearing = false
	end
	local want = work()
	rounds = 0
	start()
	while heardCount < 300 or rounds < 3 do
		local got = work()
		assert(got == want, got)
		rounds = rounds + 1
	end`

// Interrupts at any place leave a script what it was.
func TestInterruptAnywhere(t *testing.T) {
	l := &listener{}
	e, err := luabind.New(luabind.Config{Modules: []luabind.Module{l.module()}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	over, stopped := make(chan struct{}), make(chan struct{})
	e.SetGlobal("start", func() {
		go func() {
			defer close(stopped)
			for {
				if isOver(over) {
					return
				}
				l.tell()
				select {
				case <-over:
				case <-l.heard:
				}
			}
		}()
	})
	err = e.Run(t.Context(), "=script", strings.NewReader(interrupted))
	close(over)
	<-stopped
	if err != nil {
		t.Error(err)
	}
}

// What an interrupt raises is the script's error at the place where it is, and can be caught.
func TestInterruptRaises(t *testing.T) {
	for _, c := range []struct{ name, source string }{
		{"loop", `while true do end`},
		{"for", `for i = 1, math.huge do end`},
		{"call", `local function f() return f() end f()`},
		{"builtin", `while true do string.rep("x", 10) end`},
		{"coroutine", `coroutine.wrap(function() while true do end end)()`},
		{"sort", `table.sort({3, 2, 1}, function(a, b) while true do end end)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &listener{}
			e, err := luabind.New(luabind.Config{Modules: []luabind.Module{l.module()}})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			e.SetGlobal("now", func() { go l.tell() })
			got, err := e.Eval(t.Context(), `
				function heard() error("heard it", 0) end
				local ok, err = pcall(function() now() `+c.source+` end)
				return ok, err`)
			if err != nil || got[0] != false || !strings.HasSuffix(got[1].(string), "heard it") {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

// Wait calls try again after an interrupt, and returns when try has ended otherwise.
func TestWait(t *testing.T) {
	l := &listener{}
	e, err := luabind.New(luabind.Config{Modules: []luabind.Module{l.module()}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	heard := 0
	e.SetGlobal("heard", func() { heard++ })
	tries := 0
	wait := e.State().NewFunction(func(L *lua.LState) int {
		err := e.Host().Wait(func(ctx context.Context) error {
			if tries++; tries == 4 {
				return errors.New("the end")
			}
			go l.tell()
			<-ctx.Done()
			return ctx.Err()
		})
		L.RaiseError("%v", err)
		return 0
	})
	_, err = e.Do(t.Context(), wait, 0)
	if err == nil || !strings.HasSuffix(err.Error(), "the end") || tries != 4 || heard != 3 {
		t.Errorf("got %v after %d tries, heard %d times", err, tries, heard)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancelled := e.State().NewFunction(func(L *lua.LState) int {
		err := e.Host().Wait(func(ctx context.Context) error {
			cancel()
			<-ctx.Done()
			return ctx.Err()
		})
		L.RaiseError("%v", err)
		return 0
	})
	if _, err := e.Do(ctx, cancelled, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// What was sent on News while a try ended well is still there: the next wait does what it is about. It was gone.
func TestNewsAtTheEndOfAWait(t *testing.T) {
	due, done := false, 0
	e, err := luabind.New(luabind.Config{Modules: []luabind.Module{{Name: "source", Open: func(h *luabind.Host) (lua.LValue, error) {
		h.Attend(luabind.NewsSource{
			Run: func(*lua.LState) {
				if due {
					due = false
					done++
				}
			},
			Awaited: func() bool { return true },
			Sends:   true,
		})
		return lua.LTrue, nil
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	h := e.Host()
	err = h.Wait(func(ctx context.Context) error {
		due = true
		h.News() <- struct{}{}
		<-ctx.Done()
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	select {
	case <-h.News():
		h.Attended()
	default:
	}
	if done != 1 {
		t.Errorf("the source ran %d times, want once", done)
	}
}

// What is posted may raise an error. The others have their turn in the next wait.
func TestErrorBeforeOthers(t *testing.T) {
	ran := 0
	var host *luabind.Host
	e, err := luabind.New(luabind.Config{Modules: []luabind.Module{{Name: "source", Open: func(h *luabind.Host) (lua.LValue, error) {
		h.Attend(luabind.NewsSource{Run: func(*lua.LState) { ran++ }, Awaited: func() bool { return true }, Sends: true})
		host = h
		return lua.LTrue, nil
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	attend := e.State().NewFunction(func(L *lua.LState) int {
		host.Post(func(L *lua.LState) { L.RaiseError("no") })
		<-host.News()
		host.Attended()
		return 0
	})
	if _, err := e.Do(t.Context(), attend, 0); err == nil || !strings.HasSuffix(err.Error(), "no") {
		t.Errorf("got %v", err)
	}
	if ran != 0 {
		t.Errorf("the source ran %d times before the error", ran)
	}
	select {
	case <-host.News():
	default:
		t.Error("nobody is told of what is left to do")
	}
}
