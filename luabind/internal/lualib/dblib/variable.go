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
	name, at := local(th, level, arg.Int32(L, before+2))
	if name == "" {
		L.Push(lua.LNil)
		return 1
	}
	v := glua.Inside(th).Reg.Values()[at]
	if v == nil {
		v = lua.LNil
	}
	L.Push(lua.LString(name))
	L.Push(v)
	return 2
}

// setlocal is debug.setlocal([thread,] level, n, value).
func setlocal(L *lua.LState) int {
	th, before := thread(L)
	level := levelArg(L, th, before+1)
	v := arg.Any(L, before+3)
	name, at := local(th, level, arg.Int32(L, before+2))
	if name == "" {
		L.Push(lua.LNil)
		return 1
	}
	glua.Inside(th).Reg.Values()[at] = v
	L.Push(lua.LString(name))
	return 1
}

// local returns the name of the n-th variable at a level, and where it stands
// among the registers of th. It is empty where there is none; what has no name
// in the source is a temporary value.
func local(th *lua.LState, level glua.Level, n int) (name string, at int) {
	f := level.Frame
	if f == nil || n < 1 {
		return "", 0
	}
	at = f.LocalBase + n - 1
	if !f.Fn.IsG {
		if name, ok := f.Local(n - 1); ok {
			return name, at
		}
	}
	if at < end(th, f) {
		return "(*temporary)", at
	}
	return "", 0
}

// end returns where the values of f end.
func end(th *lua.LState, f *glua.Frame) int {
	s := glua.Inside(th)
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

func upvalue(L *lua.LState) (name string, up *lua.Upvalue) {
	n := arg.Int32(L, 2)
	f := arg.Function(L, 1)
	if f.IsG || n < 1 || n > len(f.Upvalues) {
		return "", nil
	}
	if n <= len(f.Proto.DbgUpvalues) {
		name = f.Proto.DbgUpvalues[n-1]
	}
	return name, f.Upvalues[n-1]
}
