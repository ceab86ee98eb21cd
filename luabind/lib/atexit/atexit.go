// Package atexit is the Lua module "atexit": functions of a script that run at the end of
// its process, after Python's module of that name.
package atexit

import (
	"context"
	_ "embed"
	"errors"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/internal/lualib/arg"
)

// Module is what require "atexit" returns: a table that can be called.
var Module = luabind.Module{Name: "atexit", Open: open, OnDemand: true, Manual: manual}

//go:embed stub.lua
var manual string

// library is the module in one engine.
type library struct {
	host  *luabind.Host
	calls []*call
}

// A call is a function to be called, and with what.
type call struct {
	f    lua.LValue
	args []lua.LValue
}

func open(h *luabind.Host) (lua.LValue, error) {
	L := inside.State(h)
	lib := &library{host: h}
	register := L.NewFunction(lib.register)
	t := glua.NewTable(0, 2)
	glua.SetNamed(t, "register", register)
	glua.SetNamed(t, "unregister", L.NewFunction(lib.unregister))
	meta := glua.NewTable(0, 1)
	glua.SetNamed(meta, "__call", L.NewFunction(func(L *lua.LState) int {
		L.Remove(1)
		return lib.register(L)
	}))
	t.Metatable = meta
	return t, nil
}

// register is atexit(f, ...): it returns f.
func (lib *library) register(L *lua.LState) int {
	arg.Callable(L, L.Get(1))
	c := &call{f: L.Get(1)}
	for i := 2; i <= L.GetTop(); i++ {
		c.args = append(c.args, L.Get(i))
	}
	if len(lib.calls) == 0 {
		lib.host.AtExit(lib.run)
		lib.host.Hold() // a signal that ends the process comes here first
		lib.host.ExpectPosts(true)
	}
	lib.calls = append(lib.calls, c)
	L.Push(c.f)
	return 1
}

// unregister is atexit.unregister(f): f is called no more, however often it was entered.
func (lib *library) unregister(L *lua.LState) int {
	for _, c := range lib.calls {
		if c.f == L.Get(1) {
			c.f = nil
		}
	}
	return 0
}

// run calls the functions, the last one first. One that fails keeps none from its turn.
func (lib *library) run() {
	for len(lib.calls) > 0 { // one may enter others
		last := len(lib.calls) - 1
		c := lib.calls[last]
		lib.calls = lib.calls[:last]
		if c.f == nil {
			continue
		}
		_, err := inside.Do(context.Background(), lib.host, c.f, 0, c.args...)
		var failed *luabind.Error
		switch exit := (*luabind.ExitError)(nil); {
		case errors.As(err, &failed):
			lib.host.WriteError("atexit: " + failed.Traceback() + "\n")
		case err != nil && !errors.As(err, &exit):
			lib.host.WriteError("atexit: " + err.Error() + "\n")
		}
	}
}
