package dblib

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
)

// getlocal is debug.getlocal([thread,] level, n).
func getlocal(L *lua.LState) int {
	th, before := thread(L)
	level := levelArg(L, th, before+1)
	name, v := local(th, level, arg.Int32(L, before+2))
	if name == "" {
		L.Push(lua.LNil)
		return 1
	}
	L.Push(lua.LString(name))
	L.Push(v.get())
	return 2
}

// setlocal is debug.setlocal([thread,] level, n, value).
func setlocal(L *lua.LState) int {
	th, before := thread(L)
	level := levelArg(L, th, before+1)
	v := arg.Any(L, before+3)
	name, to := local(th, level, arg.Int32(L, before+2))
	if name == "" {
		L.Push(lua.LNil)
		return 1
	}
	to.set(v)
	L.Push(lua.LString(name))
	return 1
}

// A variable is a register of a Lua function, or an argument of a function in Go.
type variable struct {
	register *glua.Value
	argument *lua.LValue
}

func (v variable) get() lua.LValue {
	switch {
	case v.register != nil:
		return v.register.LValue(nil)
	case *v.argument == nil:
		return lua.LNil
	}
	return *v.argument
}

func (v variable) set(to lua.LValue) {
	if v.register != nil {
		*v.register = glua.ValueOf(to)
	} else {
		*v.argument = to
	}
}

// local returns the n-th variable at a level of th, and its name. That is empty where there
// is none; what has no name in the source is a temporary value.
func local(th *lua.LState, level glua.Level, n int) (name string, v variable) {
	f := level.Frame
	if f == nil || n < 1 {
		return "", v
	}
	s := glua.Inside(th)
	if f.Fn.IsG {
		if at := f.LocalBase + n - 1; at < end(s, f) {
			return "(*temporary)", variable{argument: &s.Reg.Values()[at]}
		}
		return "", v
	}
	name, ok := f.Local(n - 1)
	if !ok {
		name = "(*temporary)"
		if n > s.Frames().InUse(f) {
			return "", v
		}
	}
	return name, variable{register: s.Frames().Register(f, n-1)}
}

// end returns where the values of f, a function in Go, end.
func end(s *glua.State, f *glua.Frame) int {
	if f == s.Frame() {
		return s.Reg.Top
	}
	for g := s.Frame(); g != nil; g = g.Parent {
		if g.Parent == f {
			return g.Base
		}
	}
	return f.LocalBase // the call of yield, which has no values any more
}

// getupvalue is debug.getupvalue(f, n). Those of functions in Go can't be
// touched.
func getupvalue(L *lua.LState) int {
	name, up := upvalue(L)
	if up == nil {
		return 0
	}
	L.Push(lua.LString(name))
	L.Push(up.Value())
	return 2
}

// setupvalue is debug.setupvalue(f, n, value).
func setupvalue(L *lua.LState) int {
	v := arg.Any(L, 3)
	name, up := upvalue(L)
	if up == nil {
		return 0
	}
	up.SetValue(v)
	L.Push(lua.LString(name))
	return 1
}

func upvalue(L *lua.LState) (name string, up *glua.Upvalue) {
	n := arg.Int32(L, 2)
	f := arg.Function(L, 1)
	if f.IsG || n < 1 || n > len(glua.Upvalues(f)) {
		return "", nil
	}
	if n <= len(f.Proto.DbgUpvalues) {
		name = f.Proto.DbgUpvalues[n-1]
	}
	return name, glua.Upvalues(f)[n-1]
}
