package vm

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
	r.Array[base], r.Array[base+1], r.Array[base+2] = f, a, b
	r.Top = base + 3
	s.MainLoop(L, s.Call(f, base, 2, 1))
	v := r.Array[base]
	r.setTop(base)
	return v
}
