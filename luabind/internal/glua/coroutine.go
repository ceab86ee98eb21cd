package glua

import lua "github.com/yuin/gopher-lua"

// NewCoroutine returns a coroutine that is to run f.
func (s *State) NewCoroutine(L *lua.LState, f *lua.LFunction) *lua.LState {
	// With a context gopher-lua would make one more for the coroutine, and end
	// it with the coroutine, if that ends. And it would make a stack for all calls
	// that there may be.
	ctx, depth := s.Ctx, s.Options.CallStackSize
	s.Ctx, s.Options.CallStackSize = nil, 1
	thread, _ := L.NewThread()
	s.Ctx, s.Options.CallStackSize = ctx, depth
	thread.Options.CallStackSize = depth
	Inside(thread).Stack.Push(CallFrame{Fn: f, LocalBase: 1, NRet: lua.MultRet})
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

// yield ends the current call, of a function in Go: what is on its stack is handed to the one
// that has resumed the coroutine L.
func (s *State) yield(L *lua.LState, c *Frames) {
	if L.Parent == nil {
		L.RaiseError("can not yield from outside of a coroutine")
	}
	f := s.currentFrame
	values := s.Reg.array[f.LocalBase:s.Reg.Top]
	c.Handed = s.Into(c, c.End(f.Parent), len(values))
	for i, v := range values {
		c.Handed[i] = ValueOf(v)
	}
	s.PopGo(c, f)
}

// HandOver gives what the coroutine L has handed over to gopher-lua's own Resume.
func (s *State) HandOver(L *lua.LState) {
	parent := L.Parent
	s.G.CurrentThread, L.Parent = parent, nil
	parent.Push(lua.LTrue)
	for _, v := range s.Frames().Handed {
		parent.Push(s.Shown(v.LValue(nil)))
	}
}
