package glua

import lua "github.com/yuin/gopher-lua"

// Call is L.Call, also of what has a metamethod for it.
func Call(L *lua.LState, nargs, nret int) {
	r := Inside(L).Reg
	if at := r.Top - nargs - 1; at >= 0 {
		if _, ok := r.array[at].(*lua.LFunction); !ok {
			if f, ok := Metamethod(L, r.array[at], "__call").(*lua.LFunction); ok {
				L.Insert(f, L.GetTop()-nargs)
				nargs++
			}
		}
	}
	L.Call(nargs, nret)
}

// Call2 is f(a, b), called from Go; it returns the first result. What calls a
// function of the script's for each of many items saves a third of what L.Call
// takes.
func Call2(L *lua.LState, f *lua.LFunction, a, b lua.LValue) lua.LValue {
	s := Inside(L)
	r, base := s.Reg, s.Reg.Top
	if s.Stack.IsFull() {
		L.Push(f)
		L.Call(0, 0) // raises the error of that
	}
	r.Need(base + 3)
	r.array[base], r.array[base+1], r.array[base+2] = f, a, b
	r.Top = base + 3
	s.MainLoop(L, s.call(s.Frames(), f, base, 2, 1))
	v := r.array[base]
	r.setTop(base)
	return v
}

// call makes a call current whose function stands in the registry at base, with nargs
// arguments behind it.
func (s *State) call(c *Frames, fn *lua.LFunction, base, nargs, nret int) *Frame {
	f := c.next()
	f.Fn, f.Parent = fn, s.currentFrame
	f.Pc, f.TailCall = 0, 0
	f.Base, f.LocalBase, f.ReturnBase = base, base+1, base
	f.NArgs, f.NRet = nargs, nret
	f.R = -1
	s.currentFrame = f
	return f
}

// PushGo makes a call of a function in Go current, whose arguments stand in registers.
func (s *State) PushGo(c *Frames, fn *lua.LFunction, at, nargs, nret int) *Frame {
	r := s.Reg
	base := r.Top
	top := base + 1 + nargs
	r.Need(top)
	to := r.array[base:top]
	to[0] = fn
	for i := range nargs {
		to[1+i] = c.regs[at+i].LValue(r.Numbers)
	}
	r.Top = top
	return s.call(c, fn, base, nargs, nret)
}

// RunGo runs the function in Go of the current call f, and puts its results into the
// registers from to up to c.Top: as many as are wanted, or all. It says whether
// the function has yielded: then the loop ends.
func (s *State) RunGo(L *lua.LState, c *Frames, f *Frame, to int) (yielded bool) {
	r := s.Reg
	if isForeign(f.Fn) {
		s.showArguments(f)
	}
	n := f.Fn.GFunction(L)
	if n < 0 {
		s.yield(L, c)
		return true
	}
	from, want := r.Top-n, f.NRet
	if want == 1 && n == 1 {
		c.regs[to] = ValueOf(r.array[from])
		c.Top = to + 1
	} else {
		s.take(c, from, n, to, want)
	}
	r.lower(f.Base)
	c.sp--
	s.currentFrame = f.Parent
	return false
}

// take moves n values from the registry into registers, up to c.Top: as many as are wanted, or
// all.
func (s *State) take(c *Frames, from, n, to, want int) {
	if want < 0 {
		want = n
	}
	c.Top = to + want
	regs := s.Into(c, to, want)
	for i := range regs {
		if i < n {
			regs[i] = ValueOf(s.Reg.array[from+i])
		} else {
			regs[i].SetNil()
		}
	}
}

// Arg returns argument n, counted from 1, of the Go function that runs, as L.Get
// does.
func (s *State) Arg(n int) lua.LValue {
	if i := s.currentFrame.LocalBase + n - 1; i < s.Reg.Top {
		return s.Reg.array[i]
	}
	return lua.LNil
}

// RunGoFromGo runs the function in Go of the current call f, which Go code has called: the
// results go where that wants them in the registry.
func (s *State) RunGoFromGo(L *lua.LState, c *Frames, f *Frame) {
	r := s.Reg
	if isForeign(f.Fn) {
		s.showArguments(f)
	}
	n := f.Fn.GFunction(L)
	if n < 0 {
		L.Error(noYield, 0) // Go code waits for it
	}
	if s.showsResults(f) {
		for _, v := range r.array[r.Top-n : r.Top] {
			Turn(v)
		}
	}
	want := f.NRet
	if want < 0 {
		want = n
	}
	from, to := r.Top-n, f.ReturnBase
	end := to + want
	r.Need(end)
	for i := copy(r.array[to:end], r.array[from:r.Top]); i < want; i++ {
		r.array[to+i] = lua.LNil
	}
	if end <= r.Top {
		r.lower(end)
	}
	r.Top = end
	c.sp--
	s.currentFrame = f.Parent
}

// PopGo ends the call f that PushGo has made, which has not been run.
func (s *State) PopGo(c *Frames, f *Frame) {
	s.Reg.lower(f.Base)
	c.sp--
	s.currentFrame = f.Parent
}
