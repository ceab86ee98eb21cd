// Package dblib is Lua 5.1's debug library for gopher-lua, after PUC Lua
// 5.1.5, but for debug.debug, which reads and writes, and so is the engine's.
//
// Functions in Go are what functions in C are there.
package dblib

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/vm"
)

// Open opens the library in L as the global "debug" and returns it. Chunk gives
// the name under which a chunk was loaded: "@file", "=name" or its source.
func Open(L *lua.LState, chunk func(*lua.FunctionProto) string) *lua.LTable {
	return glua.NewLibrary(L, lua.DebugLibName, map[string]lua.LGFunction{
		"getfenv":      getfenv,
		"gethook":      gethook,
		"getinfo":      informer(chunk).getinfo,
		"getlocal":     getlocal,
		"getmetatable": getmetatable,
		"getregistry":  getregistry,
		"getupvalue":   getupvalue,
		"setfenv":      setfenv,
		"sethook":      sethook,
		"setlocal":     setlocal,
		"setmetatable": setmetatable,
		"setupvalue":   setupvalue,
		"traceback":    traceback,
	}, 1)
}

// thread returns the thread that is meant, and how many arguments stand before
// the others: many functions take one first.
func thread(L *lua.LState) (th *lua.LState, before int) {
	if th, ok := L.Get(1).(*lua.LState); ok {
		return th, 1
	}
	return L, 0
}

// traceback is debug.traceback([thread,] [message [, level]]).
func traceback(L *lua.LState) int {
	th, before := thread(L)
	level := 0
	if th == L {
		level = 1
	}
	if n, ok := arg.ToNumber(L.Get(before + 2)); ok {
		level = int(int32(arg.ToInt(n)))
		L.SetTop(before + 1)
	}
	text := ""
	if L.GetTop() > before {
		message := L.Get(before + 1)
		if !lua.LVCanConvToString(message) {
			L.Push(L.Get(-1))
			return 1
		}
		text = arg.String(L, before+1) + "\n"
	}
	L.Push(lua.LString(text + vm.Traceback(th, level)))
	return 1
}

// sethook is debug.sethook([thread,] [hook, mask [, count]]).
func sethook(L *lua.LState) int {
	th, before := thread(L)
	if L.Get(before+1) == lua.LNil {
		vm.SetHook(th, lua.LNil, "", 0)
		return 0
	}
	mask := arg.String(L, before+2)
	f := arg.Function(L, before+1)
	vm.SetHook(th, f, mask, int(int32(arg.OptInt(L, before+3, 0))))
	return 0
}

// gethook is debug.gethook([thread]).
func gethook(L *lua.LState) int {
	th, _ := thread(L)
	f, mask, count := vm.Hook(th)
	L.Push(f)
	var events []byte
	for _, event := range []byte("crl") {
		for i := range len(mask) {
			if mask[i] == event {
				events = append(events, event)
				break
			}
		}
	}
	L.Push(lua.LString(events))
	L.Push(lua.LNumber(count))
	return 3
}

func getregistry(L *lua.LState) int {
	glua.InvalidateAll(L)
	L.Push(L.G.Registry)
	return 1
}

func getmetatable(L *lua.LState) int {
	metatable := glua.Metatable(L, arg.Any(L, 1))
	glua.Invalidate(L, metatable)
	L.Push(metatable)
	return 1
}

// setmetatable is debug.setmetatable(v, metatable): also of what has one for all
// values of its type.
func setmetatable(L *lua.LState) int {
	v, metatable := L.Get(1), L.Get(2)
	if _, ok := metatable.(*lua.LTable); !ok && (metatable != lua.LNil || L.GetTop() < 2) {
		arg.Error(L, 2, "nil or table expected")
	}
	glua.SetMetatable(L, v, metatable)
	L.Push(lua.LTrue)
	return 1
}

// getfenv is debug.getfenv(v).
func getfenv(L *lua.LState) int {
	env := lua.LValue(lua.LNil)
	switch v := L.Get(1).(type) {
	case *lua.LFunction:
		env = v.Env
	case *lua.LUserData:
		env = v.Env
	case *lua.LState:
		env = v.Env
	}
	L.Push(env)
	return 1
}

// setfenv is debug.setfenv(v, env).
func setfenv(L *lua.LState) int {
	env := arg.Table(L, 2)
	glua.Inside(L).Shown(env)
	switch v := L.Get(1).(type) {
	case *lua.LFunction:
		v.Env = env
	case *lua.LUserData:
		v.Env = env
	case *lua.LState:
		v.Env = env
	default:
		arg.Raise(L, "'setfenv' cannot change environment of given object")
	}
	L.Push(L.Get(1))
	return 1
}

// levelArg returns the level that argument n names.
func levelArg(L, th *lua.LState, n int) glua.Level {
	level, ok := glua.LevelAt(th, arg.Int32(L, n))
	if !ok {
		arg.Error(L, n, "level out of range")
	}
	return level
}
