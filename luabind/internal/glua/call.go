package glua

import lua "github.com/yuin/gopher-lua"

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
	s.MainLoop(L, s.Call(f, base, 2, 1))
	v := r.array[base]
	r.setTop(base)
	return v
}

// CallGo is Call of a function in Go, which it runs, and puts the results where
// the caller wants them. It says whether the function has yielded: then the loop
// ends. It does what gopher-lua's own way does, which copies one value at a time
// and clears all registers above.
func (s *State) CallGo(L *lua.LState, frames *Frames, fn *lua.LFunction, base, nargs, nret int) (yielded bool) {
	r := s.Reg
	f := frames.next()
	f.Fn, f.Parent = fn, s.currentFrame
	f.Pc, f.TailCall = 0, 0
	f.Base, f.LocalBase, f.ReturnBase = base, base+1, base
	f.NArgs, f.NRet = nargs, nret
	if top := base + 1 + nargs; uint(r.Top-top) <= forgotten {
		r.Top = top
	} else {
		r.setTop(top)
	}
	s.currentFrame = f
	n := fn.GFunction(L)
	if n < 0 {
		switchToParent(L, L.GetTop(), false, false)
		return true
	}
	switch {
	case nret == 0:
		r.lower(base)
	case nret == 1 && n == 1:
		r.array[base] = r.array[r.Top-1]
		r.lower(base + 1)
	default:
		r.Return(f, r.Top-n, n)
	}
	frames.sp--
	s.currentFrame = f.Parent
	return false
}

// Arg returns argument n, counted from 1, of the Go function that runs, as L.Get
// does.
func (s *State) Arg(n int) lua.LValue {
	if i := s.currentFrame.LocalBase + n - 1; i < s.Reg.Top {
		return s.Reg.array[i]
	}
	return lua.LNil
}
