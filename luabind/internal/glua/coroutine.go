package glua

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// coroutineRegistry is for how many arguments and results of functions in Go a coroutine has room at its beginning.
const coroutineRegistry = 32

// NewThread returns a thread without a call stack, which Adopt is to make. gopher-lua's own NewThread makes globals that it then throws
// away, room for 256 arguments, and, with a context, one more.
func (s *State) NewThread() *lua.LState {
	thread := new(lua.LState)
	reg := &Registry{array: make([]lua.LValue, coroutineRegistry), GrowBy: s.Reg.GrowBy, MaxSize: s.Reg.MaxSize, Numbers: s.alloc, Handler: s.Reg.Handler}
	(*[2]unsafe.Pointer)(unsafe.Pointer(&reg.Handler))[1] = unsafe.Pointer(thread) // type and value of an interface
	*Inside(thread) = State{G: s.G, Env: s.Env, Panic: s.Panic, Options: s.Options, Reg: reg, alloc: s.alloc, MainLoop: s.MainLoop}
	return thread
}

// IsAdopted says whether s has Frames.
func (s *State) IsAdopted() bool {
	_, is := s.Stack.(*Frames)
	return is
}

// Receive puts values into the registers from to on, up to c.Top: as many as are wanted, or all.
func (s *State) Receive(c *Frames, values []Value, to, want int) {
	if want < 0 {
		want = len(values)
	}
	c.Top = to + want
	regs := s.Into(c, to, want)
	SetNil(regs[copy(regs, values):])
}

// MayYield says whether the state may yield in a function that f calls. Only calls that one loop
// of the interpreter made can be left: those of Lua functions by a call instruction.
func (s *State) MayYield(f *Frame) bool {
	if s.Parent == nil || s.Frames().Interrupted {
		return false
	}
	for ; f != nil; f = f.Parent {
		if f.Fn.IsG {
			return false
		}
		if _, call := f.Code(); !call {
			return false
		}
	}
	return true
}

const noYield = lua.LString("attempt to yield across metamethod/C-call boundary")

// yield ends the current call, of a function in Go: what is on its stack is handed to the one
// that has resumed the coroutine L.
func (s *State) yield(L *lua.LState, c *Frames) {
	f := s.currentFrame
	if !s.MayYield(f.Parent) {
		L.Error(noYield, 0)
	}
	values := s.Reg.array[f.LocalBase:s.Reg.Top]
	c.Handed = s.Into(c, c.End(f.Parent), len(values))
	for i, v := range values {
		c.Handed[i] = ValueOf(v)
	}
	s.PopGo(c, f)
}

// Given returns what gopher-lua's own Resume gives the coroutine: it stands on its stack, for a function
// that hasn't begun where calls of gopher-lua's have their arguments.
func (s *State) Given() []Value {
	f := s.currentFrame
	if f.R >= 0 || f.Fn.IsG {
		return valuesOf(s.Reg.array[f.LocalBase:s.Reg.Top])
	}
	args := make([]Value, f.NArgs)
	params := int(f.Fn.Proto.NumParameters)
	for i := range args {
		from := f.Base + 1 + i
		if i < params {
			from = f.LocalBase + i
		}
		args[i] = ValueOf(s.Reg.array[from])
	}
	return args
}

func valuesOf(list []lua.LValue) []Value {
	values := make([]Value, len(list))
	for i, v := range list {
		values[i] = ValueOf(v)
	}
	return values
}

// HandOver gives what the coroutine L has handed over to gopher-lua's own Resume.
func (s *State) HandOver(L *lua.LState) {
	parent := L.Parent
	s.G.CurrentThread, L.Parent = parent, nil
	parent.Push(lua.LTrue)
	for _, v := range s.Frames().Handed {
		parent.Push(s.Shown(v.LValue(nil)))
	}
	s.Frames().Handed = nil
}
