// Package subprocess is the Lua module "subprocess": programs that a script runs, with
// their input, output and status, after Python's module of that name.
//
//	run{...}, popen{...}   options.go    what is to be run, and how
//	run                    run.go        to its end, its output collected
//	popen                  popen.go      beside the script, its pipes as files
//
// Programs are started by the engine, as those of io.popen are: Config.Shell must allow
// it, and they end with the context of the run that has started them.
package subprocess

import (
	_ "embed"
	"errors"
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/scarce"
)

// Module is what require "subprocess" returns.
var Module = luabind.Module{Name: "subprocess", Open: open, OnDemand: true, Manual: manual}

//go:embed stub.lua
var manual string

// library is the module in one engine.
type library struct {
	host   *luabind.Host
	class  *lua.LTable // of what popen returns
	errors map[string]*lua.LTable
}

// typeName names the metatable of what popen returns in the registry, as the stub does.
const typeName = "subprocess.Popen"

func open(h *luabind.Host) (lua.LValue, error) {
	L := inside.State(h)
	lib := &library{host: h, errors: map[string]*lua.LTable{}}
	t := glua.NewFunctions(L, map[string]lua.LGFunction{"run": lib.run, "popen": lib.popen}, 5)
	lib.class = lib.newClass(L)
	glua.SetNamed(L.G.Registry, typeName, lib.class)
	glua.SetNamed(t, "PIPE", lua.LString(toPipe))
	glua.SetNamed(t, "STDOUT", lua.LString(toStdout))
	glua.SetNamed(t, "DEVNULL", lua.LString(toNull))
	toString := L.NewFunction(errorText)
	for _, name := range []string{timeoutExpired, failedProcess} {
		class := glua.NewTable(0, 4)
		glua.SetNamed(class, "name", lua.LString(name))
		glua.SetNamed(class, "class", class)
		glua.SetNamed(class, "__index", class)
		glua.SetNamed(class, "__tostring", toString)
		lib.errors[name] = class
		glua.SetNamed(t, name, class)
	}
	return t, nil
}

// The errors that have a class of their own.
const (
	timeoutExpired = "TimeoutExpired"
	failedProcess  = "CalledProcessError"
)

// errorText is tostring of an error: its position, its name and its message.
func errorText(L *lua.LState) int {
	t := arg.Table(L, 1)
	text := func(field string) string { return lua.LVAsString(glua.Named(t, field)) }
	class, _ := t.Metatable.(*lua.LTable)
	if class == nil {
		class = t
	}
	L.Push(lua.LString(text("where") + lua.LVAsString(glua.Named(class, "name")) + ": " + text("message")))
	return 1
}

// raise raises an error of a class, with fields.
func (lib *library) raise(L *lua.LState, class, message string, fields map[string]lua.LValue) {
	e := glua.NewTable(0, 2+len(fields))
	glua.SetNamed(e, "message", lua.LString(message))
	glua.SetNamed(e, "where", lua.LString(arg.Where(L)))
	for name, v := range fields {
		glua.SetNamed(e, name, v)
	}
	e.Metatable = lib.errors[class]
	glua.Raise(L, e)
}

// start starts what o says, and closes the ends that are the program's.
func (lib *library) start(L *lua.LState, o *options, what string) *luabind.Running {
	r, err := scarce.Retry(L, func() (*luabind.Running, error) { return lib.host.RunProgram(o.program) })
	o.closeTheirs()
	if err != nil {
		o.closeOurs()
	}
	switch {
	case errors.Is(err, luabind.ErrNoShell):
		arg.Raise(L, "'%s' not supported", what)
	case err != nil && o.program.Dir != "":
		arg.Raise(L, "cannot run %s in '%s': %s", o.name(), o.program.Dir, reason(err))
	case err != nil:
		arg.Raise(L, "cannot run %s: %s", o.name(), reason(err))
	}
	return r
}

// checkAllowed refuses a function where the engine has no right to run programs.
func (lib *library) checkAllowed(L *lua.LState, what string) {
	if !lib.host.Config().Shell {
		arg.Raise(L, "'%s' not supported", what)
	}
}

// ended says how a program has ended that was to end well.
func ended(name string, code int) string {
	if code < 0 {
		return fmt.Sprintf("command %s died with signal %d", name, -code)
	}
	return fmt.Sprintf("command %s returned exit status %d", name, code)
}
