package baselib

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
)

// getfenv is getfenv([function or level]). That of a function in Go is the one
// of the thread.
func getfenv(L *lua.LState) int {
	f, ok := L.Get(1).(*lua.LFunction)
	if !ok {
		f = function(L, arg.OptInt(L, 1, 1))
	}
	if f == nil || f.IsG {
		L.Push(L.Env)
	} else {
		L.Push(f.Env)
	}
	return 1
}

// setfenv is setfenv(function or level, env); level 0 is the thread.
func setfenv(L *lua.LState) int {
	env := arg.Table(L, 2)
	glua.Inside(L).Shown(env)
	var f *lua.LFunction
	level := int64(0)
	if v, ok := L.Get(1).(*lua.LFunction); ok {
		f = v
	} else {
		level = arg.Int(L, 1)
		f = function(L, level)
		if level == 0 {
			L.Env = env
			return 0
		}
	}
	if f == nil || f.IsG {
		arg.Raise(L, "'setfenv' cannot change environment of given object")
	}
	f.Env = env
	L.Push(f)
	return 1
}

// function returns the function at a level, nil where it is the program's.
func function(L *lua.LState, level int64) *lua.LFunction {
	if level < 0 {
		arg.Error(L, 1, "level must be non-negative")
	}
	at, ok := glua.LevelAt(L, int(min(level, 1<<31)))
	switch {
	case !ok:
		arg.Error(L, 1, "invalid level")
	case at.Lost:
		arg.Raise(L, "no function environment for tail call at level %d", level)
	case at.Frame != nil:
		return at.Fn
	}
	return nil
}
