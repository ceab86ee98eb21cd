// Package system has the Lua modules "system.core" and "term.core": the parts in C of the libraries
// luasystem 0.2 and lua-term, on which busted stands. Their parts in Lua are
// required as ever.
package system

import (
	_ "embed"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/term"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/lualib/iolib"
	luatime "luaspawn/luabind/lib/time"
)

// Core is what require "system.core" returns, Term what require "term.core" does.
var (
	Core = luabind.Module{Name: "system.core", Open: openCore, OnDemand: true, Manual: coreManual}
	Term = luabind.Module{Name: "term.core", Open: openTerm, OnDemand: true, Manual: termManual}
)

var (
	//go:embed stub.lua
	coreManual string
	//go:embed stub_term.lua
	termManual string
)

func openCore(h *luabind.Host) (lua.LValue, error) {
	clock, err := h.Open(luatime.Module)
	if err != nil {
		return nil, err
	}
	ask := func(L *lua.LState, name string, args ...lua.LValue) {
		L.Push(glua.Named(clock.(*lua.LTable), name))
		for _, a := range args {
			L.Push(a)
		}
		glua.Call(L, len(args), 1)
	}
	t := glua.NewFunctions(inside.State(h), map[string]lua.LGFunction{
		"gettime": func(L *lua.LState) int {
			L.Push(lua.LNumber(float64(time.Now().UnixMicro()) / 1e6))
			return 1
		},
		"monotime": func(L *lua.LState) int {
			ask(L, "monotonic")
			return 1
		},
		"sleep": func(L *lua.LState) int {
			if seconds := arg.Number(L, 1); seconds > 0 {
				ask(L, "sleep", lua.LNumber(seconds))
			}
			return 0
		},
	}, 1)
	glua.SetNamed(t, "_VERSION", lua.LString("LuaSystem 0.2.1"))
	return t, nil
}

func openTerm(h *luabind.Host) (lua.LValue, error) {
	return glua.NewFunctions(inside.State(h), map[string]lua.LGFunction{"isatty": isatty}, 0), nil
}

// isatty is term.isatty(file).
func isatty(L *lua.LState) int {
	f, _, ok := iolib.FileOf(L.Get(1))
	if !ok {
		arg.TypeError(L, 1, "FILE*")
	}
	L.Push(lua.LBool(f != nil && term.IsTerminal(int(f.Fd()))))
	return 1
}
