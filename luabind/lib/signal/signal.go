// Package signal is the Lua module "signal": functions of a script that run when a signal
// has come, as with Python's module of that name.
//
//	kernel --> os/signal --> table.go: who has caught it?
//	                           a script's engine   Host.Post(handler), see luabind
//	                           nobody              what the program has said (Ends), or the system does
//
// A handler runs in the script, between two instructions or where it waits; the wait goes
// on after it. What it raises is the script's error at that place. Signals belong to the
// process: of several engines that catch one the last has it. Scripts need Config.Signals.
//
// A child begins with the system's actions, but for signals that are ignored; no handler
// travels.
package signal

import (
	_ "embed"
	"math"
	"strings"
	"sync"
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/internal/lualib/arg"
	luatime "luaspawn/luabind/lib/time"
)

// Module is what require "signal" returns.
var Module = luabind.Module{Name: "signal", Open: open, OnDemand: true, Manual: manual}

//go:embed stub.lua
var manual string

// What stands for the actions that aren't functions.
const (
	byDefault = lua.LString("default")
	ignored   = lua.LString("ignore")
)

// library is the module in one engine.
type library struct {
	host       *luabind.Host
	handlers   map[syscall.Signal]lua.LValue
	interrupts *lua.LFunction // signal.default_int_handler
	ran        int            // how many handlers have run

	mu      sync.Mutex
	pending map[syscall.Signal]bool // came, and their handlers haven't run yet
	alarm   *time.Timer
	rings   time.Time // when
}

func open(h *luabind.Host) (lua.LValue, error) {
	L := inside.State(h)
	lib := &library{host: h}
	t := glua.NewFunctions(L, map[string]lua.LGFunction{
		"signal":              lib.signal,
		"getsignal":           lib.getsignal,
		"raise":               lib.raise,
		"alarm":               lib.setAlarm,
		"pause":               lib.pause,
		"default_int_handler": func(L *lua.LState) int { RaiseInterrupted(L); return 0 },
	}, 2)
	lib.interrupts = glua.Named(t, "default_int_handler").(*lua.LFunction)
	glua.SetNamed(t, "default", byDefault)
	glua.SetNamed(t, "ignore", ignored)
	meta := glua.NewTable(0, 1)
	glua.SetNamed(meta, "__index", L.NewFunction(number)) // most scripts need none of them
	t.Metatable = meta
	h.OnCloseLast(lib.close) // handlers run while children are waited for
	return t, nil
}

// number is __index of the module: SIGTERM is 15.
func number(L *lua.LState) int {
	if name, ok := L.Get(2).(lua.LString); ok {
		if s, ok := names()[string(name)]; ok {
			L.Push(lua.LNumber(s))
			return 1
		}
	}
	L.Push(lua.LNil)
	return 1
}

// RaiseInterrupted raises what a script gets at a Ctrl-C that nobody catches: the error of
// the lua command. It is called in the goroutine of the script.
func RaiseInterrupted(L *lua.LState) {
	f := glua.Inside(L).Frame()
	if f != nil && f.Fn.IsG {
		f = f.Parent
	}
	L.Error(lua.LString(f.Where()+Interrupted), 0)
}

// Interrupted is the error, behind its position.
const Interrupted = "interrupted!"

// allowed refuses a function where the engine has no right to signals.
func (lib *library) allowed(L *lua.LState, function string) {
	if !lib.host.Config().Signals {
		arg.Raise(L, "'%s' not supported", function)
	}
}

// Check returns the signal at argument n: a name with or without SIG, or a number.
func Check(L *lua.LState, n int) syscall.Signal {
	if name, ok := L.Get(n).(lua.LString); ok {
		short := strings.TrimPrefix(string(name), "SIG")
		if s, ok := names()["SIG"+short]; ok {
			return s
		}
		arg.Error(L, n, "unknown signal '"+string(name)+"'")
	}
	number := arg.Number(L, n)
	if number != math.Trunc(number) || number < 1 || number > lastSignal {
		arg.Error(L, n, "signal number out of range")
	}
	return syscall.Signal(number)
}

// nameOf returns SIGTERM for 15, and the number as it is for one that has no name.
func nameOf(s syscall.Signal) string {
	for name, n := range names() {
		if n == s {
			return name
		}
	}
	return s.String()
}

// signal is signal.signal(signal, action): it returns the action before.
func (lib *library) signal(L *lua.LState) int {
	lib.allowed(L, "signal")
	s := Check(L, 1)
	action := L.Get(2)
	switch {
	case action == byDefault, action == ignored:
	case action.Type() == lua.LTFunction, glua.Metamethod(L, action, "__call") != lua.LNil:
	default:
		arg.Error(L, 2, "a function, signal.default or signal.ignore expected")
	}
	if why := refused(s); why != "" {
		arg.Raise(L, "cannot catch %s: %s", nameOf(s), why)
	}
	L.Push(lib.current(s))
	lib.set(s, action)
	return 1
}

// set makes action that of s.
func (lib *library) set(s syscall.Signal, action lua.LValue) {
	_, had := lib.handlers[s]
	if action == byDefault || action == ignored {
		if had {
			delete(lib.handlers, s)
			lib.host.ExpectPosts(false)
		}
		leave(s, action == ignored)
		return
	}
	if !had {
		lib.host.ExpectPosts(true)
		if lib.handlers == nil {
			lib.handlers = map[syscall.Signal]lua.LValue{}
		}
	}
	lib.handlers[s] = action
	catch(s, lib)
}

// current returns the action of s.
func (lib *library) current(s syscall.Signal) lua.LValue {
	if handler, ok := lib.handlers[s]; ok {
		return handler
	}
	switch {
	case isIgnored(s):
		return ignored
	case s == syscall.SIGINT && interruptible(lib.host):
		return lib.interrupts
	}
	return byDefault
}

// getsignal is signal.getsignal(signal).
func (lib *library) getsignal(L *lua.LState) int {
	lib.allowed(L, "getsignal")
	L.Push(lib.current(Check(L, 1)))
	return 1
}

// come is called, by any goroutine, when s has come, which lib has caught.
func (lib *library) come(s syscall.Signal) {
	lib.mu.Lock()
	defer lib.mu.Unlock()
	if lib.pending[s] {
		return // as the kernel, one that is pending already is one
	}
	if lib.pending == nil {
		lib.pending = map[syscall.Signal]bool{}
	}
	lib.pending[s] = true
	lib.host.Post(func(L *lua.LState) { lib.run(L, s) })
}

// run calls the handler of s.
func (lib *library) run(L *lua.LState, s syscall.Signal) {
	lib.mu.Lock()
	delete(lib.pending, s)
	lib.mu.Unlock()
	handler, ok := lib.handlers[s]
	if !ok {
		return
	}
	lib.ran++
	if handler == lib.interrupts {
		RaiseInterrupted(L)
	}
	L.Push(handler)
	L.Push(lua.LNumber(s))
	L.Push(lua.LString(nameOf(s)))
	glua.Call(L, 2, 0)
}

// raise is signal.raise(signal).
func (lib *library) raise(L *lua.LState) int {
	lib.allowed(L, "raise")
	s := Check(L, 1)
	if _, ok := lib.handlers[s]; ok {
		lib.come(s)
	} else if endBy(s) {
	} else if err := send(s); err != nil {
		arg.Raise(L, "cannot raise %s: %s", nameOf(s), err.Error())
	}
	lib.host.Attended() // it has been handled when raise returns
	return 0
}

// setAlarm is signal.alarm(seconds): SIGALRM comes after so many, or no more at all. It
// returns the seconds that were left of the one before.
func (lib *library) setAlarm(L *lua.LState) int {
	lib.allowed(L, "alarm")
	seconds := arg.Number(L, 1)
	if !(seconds >= 0) {
		arg.Error(L, 1, "seconds must be non-negative")
	}
	s, ok := names()["SIGALRM"]
	if !ok {
		arg.Raise(L, "there is no SIGALRM on this system")
	}
	lib.mu.Lock()
	defer lib.mu.Unlock()
	left := 0.0
	if lib.alarm != nil && lib.alarm.Stop() {
		left = max(0, time.Until(lib.rings).Seconds())
	}
	lib.alarm = nil
	if seconds > 0 {
		d := luatime.Duration(seconds)
		lib.rings = time.Now().Add(d)
		lib.alarm = time.AfterFunc(d, func() { send(s) })
	}
	L.Push(lua.LNumber(left))
	return 1
}

// pause is signal.pause(): it returns when a handler has run.
func (lib *library) pause(L *lua.LState) int {
	lib.allowed(L, "pause")
	ctx := lib.host.Context()
	for ran := lib.ran; lib.ran == ran; {
		select {
		case <-lib.host.News():
			lib.host.Attended()
		case <-ctx.Done():
			arg.Raise(L, "%s", ctx.Err())
		}
	}
	return 0
}

// close gives back what the scripts of an engine have caught.
func (lib *library) close() {
	for s := range lib.handlers {
		leave(s, false)
	}
	lib.handlers = nil
	lib.mu.Lock()
	defer lib.mu.Unlock()
	if lib.alarm != nil {
		lib.alarm.Stop()
	}
}
