package vm

import (
	"strings"
	"sync/atomic"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// A hook is what a script lets debug.sethook call while a thread runs.
type hook struct {
	function lua.LValue
	mask     string
	count    int // instructions between two calls; 0: none are counted
	left     int

	// What ran last in the thread.
	frame *glua.Frame
	depth int
	pc    int
}

// hooks has the hooks of a state and its coroutines.
type hooks struct {
	of      map[*lua.LState]*hook
	running bool // one of them is being called, which calls none
}

// hooksField is the field of the registry that holds them.
const hooksField = "_HOOKS"

// hooksOf returns those of L's state, with none while there are none.
func hooksOf(L *lua.LState) *hooks {
	if ud, ok := glua.Named(L.G.Registry, hooksField).(*lua.LUserData); ok {
		return ud.Value.(*hooks)
	}
	return &hooks{}
}

// SetHook lets function be called while thread runs Lua: with "line" and its
// number before each line where mask has an l, with "call" when a function begins
// (c) and with "return" when it ends (r), and with "count" every count
// instructions. A function of lua.LNil takes the hook away.
func SetHook(thread *lua.LState, function lua.LValue, mask string, count int) {
	all := hooksOf(thread)
	if function == lua.LNil || mask == "" && count <= 0 {
		delete(all.of, thread)
	} else {
		if all.of == nil {
			all.of = map[*lua.LState]*hook{}
			glua.SetNamed(thread.G.Registry, hooksField, &lua.LUserData{Value: all, Metatable: lua.LNil})
		}
		all.of[thread] = &hook{function: function, mask: mask, count: max(count, 0), left: max(count, 0)}
	}
	alarm := &glua.Inside(thread).G.Alarm
	if len(all.of) > 0 {
		atomic.OrInt32(alarm, alarmHook)
	} else {
		atomic.AndInt32(alarm, ^alarmHook)
	}
}

// Hook returns what SetHook was given; lua.LNil: there is none.
func Hook(thread *lua.LState) (function lua.LValue, mask string, count int) {
	if h := hooksOf(thread).of[thread]; h != nil {
		return h.function, h.mask, h.count
	}
	return lua.LNil, "", 0
}

// hookFor returns the hook of L if it is there for an event, by its letter.
func hookFor(L *lua.LState, event string) *hook {
	all := hooksOf(L)
	if h := all.of[L]; h != nil && !all.running && strings.Contains(h.mask, event) {
		return h
	}
	return nil
}

// runHook calls the hook of L, if there is one, for the instruction that is
// about to run.
func runHook(L *lua.LState) {
	s := glua.Inside(L)
	f := s.Frame()
	p, pc := f.Fn.Proto, f.Pc-1
	if pc == 0 {
		if h := hookFor(L, "c"); h != nil {
			h.call(L, "call", lua.LNil)
		}
	}
	all := hooksOf(L)
	h := all.of[L] // the one before may have set another
	if h == nil || all.running {
		return
	}
	before := pc - 1 // back from a call
	if h.frame == f && h.depth == s.Stack.Sp() {
		before = h.pc
	}
	h.frame, h.depth, h.pc = f, s.Stack.Sp(), pc
	wants := func(event string) bool { return strings.Contains(h.mask, event) }
	if h.count > 0 {
		if h.left--; h.left == 0 {
			h.left = h.count
			h.call(L, "count", lua.LNil)
		}
	}
	line := p.DbgSourcePositions[pc]
	if wants("l") && (pc == 0 || pc <= before || p.DbgSourcePositions[before] != line) {
		h.call(L, "line", lua.LNumber(line))
	}
	if glua.Opcode(p.Code[pc]) == lua.OP_RETURN && wants("r") {
		h.call(L, "return", lua.LNil)
		for f.TailCall > 0 { // the last one has the name of the first call
			f.TailCall--
			h.call(L, "tail return", lua.LNil)
		}
	}
}

// callHooked does inst if it calls a function in Go, with the hooks of that. A tail
// call leaves the results for the return that follows.
func callHooked(L *lua.LState, s *glua.State, c *glua.Frames, f *glua.Frame, inst uint32) (done, ended bool) {
	a := glua.A(inst)
	called := *c.Register(f, a)
	if !called.IsFunction() || !called.Function().IsG || c.IsFull() {
		return false, false
	}
	first, to, nret := f.R+a+1, f.R+a, -1
	nargs := 0
	switch glua.Opcode(inst) {
	case lua.OP_CALL:
		nargs, nret = valuesAt(c, first, glua.B(inst)), glua.C(inst)-1
	case lua.OP_TAILCALL:
		nargs = valuesAt(c, first, glua.B(inst))
	case lua.OP_TFORLOOP:
		nargs, nret, to = 2, glua.C(inst), f.R+a+3
	default:
		return false, false
	}
	g := s.PushGo(c, called.Function(), first, nargs, nret)
	if h := hookFor(L, "c"); h != nil {
		h.call(L, "call", lua.LNil)
	}
	if s.RunGo(L, c, g, to) {
		return true, true
	}
	returned(L, called.Function())
	return true, false
}

// returned calls the hook of L for the end of a function in Go, in a call of that
// function: the one that has ended is there no more.
func returned(L *lua.LState, fn *lua.LFunction) {
	h := hookFor(L, "r")
	s := glua.Inside(L)
	if h == nil || s.Stack.IsFull() {
		return
	}
	c, caller := s.Frames(), s.Frame()
	held, top := c.Held, c.Top
	if !caller.Fn.IsG && takesAll(caller.Fn.Proto.Code[caller.Pc]) {
		c.Held = c.Top
	}
	g := s.PushGo(c, fn, 0, 0, 0)
	h.call(L, "return", lua.LNil)
	s.PopGo(c, g)
	c.Top, c.Held = top, held // which what was called has moved
}

func (h *hook) call(L *lua.LState, event string, line lua.LValue) {
	all := hooksOf(L)
	all.running = true
	defer func() { all.running = false }()
	defer interrupting(L)()
	L.Push(h.function)
	L.Push(lua.LString(event))
	L.Push(line)
	glua.Call(L, 2, 0)
}
