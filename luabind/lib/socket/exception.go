package socket

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/vm"
)

// An exception is a table that holds an error, with a metatable by which protect
// knows it.
//
// What newtry and protect return has to travel to other processes, which Go
// functions made at run time can't, so these are Lua functions. They are compiled
// when they are asked for: most processes never do.
const exceptionSource = `
local pcall, select, raise, unwrap = ...
return function(finalizer)
  return function(...)
    if (...) then return ... end
    if finalizer ~= nil then finalizer() end
    raise((select(2, ...)))
  end
end, function(f)
  return function(...) return unwrap(pcall(f, ...)) end
end`

// exceptions is what the functions above need.
type exceptions struct {
	metatable       *lua.LTable
	parts           [4]lua.LValue // of Lua: pcall and select; raise and unwrap
	newtry, protect lua.LValue    // nil: not compiled yet
}

// openExceptions makes what has to have a name in every process.
func (lib *library) openExceptions(L *lua.LState) {
	x := &lib.exceptions
	x.metatable = glua.NewTable(0, 3)
	glua.SetNamed(L.G.Registry, "socket.exception", x.metatable)
	glua.SetNamed(x.metatable, "__metatable", lua.LFalse)
	x.parts = [...]lua.LValue{
		vm.Field(L, L.G.Global, "pcall"), // now: a script may change it
		vm.Field(L, L.G.Global, "select"),
		L.NewFunction(func(L *lua.LState) int { return lib.raise(L, L.Get(1)) }),
		L.NewFunction(lib.unwrap),
	}
	glua.SetNamed(x.metatable, "raise", x.parts[2])
	glua.SetNamed(x.metatable, "unwrap", x.parts[3])
}

// raise raises v as an exception.
func (lib *library) raise(L *lua.LState, v lua.LValue) int {
	t := glua.NewTable(1, 0)
	glua.SetItem(t, 1, v)
	t.Metatable = lib.exceptions.metatable
	glua.Raise(L, t)
	return 0
}

// unwrap takes what pcall has returned. An exception becomes nil and the error
// that it holds; any other error goes on.
func (lib *library) unwrap(L *lua.LState) int {
	if lua.LVAsBool(L.Get(1)) {
		return L.GetTop() - 1
	}
	t, ok := L.Get(2).(*lua.LTable)
	if !ok || t.Metatable != lib.exceptions.metatable {
		glua.Raise(L, L.Get(2))
	}
	L.Push(lua.LNil)
	L.Push(glua.Item(t, 1))
	return 2
}

// try is socket.try(...): what newtry returns that is given no finalizer.
func (lib *library) try(L *lua.LState) int {
	if lua.LVAsBool(L.Get(1)) {
		return L.GetTop()
	}
	return lib.raise(L, L.Get(2))
}

func (lib *library) newtry(L *lua.LState) int {
	lib.compile(L)
	return call(L, lib.exceptions.newtry)
}

func (lib *library) protect(L *lua.LState) int {
	lib.compile(L)
	return call(L, lib.exceptions.protect)
}

// call calls a function of one argument and one result with argument 1.
func call(L *lua.LState, f lua.LValue) int {
	arg := L.Get(1)
	L.Push(f)
	L.Push(arg)
	glua.Call(L, 1, 1)
	return 1
}

func (lib *library) compile(L *lua.LState) {
	x := &lib.exceptions
	if x.newtry != nil {
		return
	}
	f, err := lib.engine.Load("socket", exceptionSource)
	if err != nil {
		arg.Raise(L, "%s", err) // a bug of ours
	}
	L.Push(f)
	for _, part := range x.parts {
		L.Push(part)
	}
	glua.Call(L, len(x.parts), 2)
	x.newtry, x.protect = L.Get(-2), L.Get(-1)
	L.Pop(2)
}
