package subprocess

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/lib/signal"
)

// A child is what popen returns.
type child struct {
	lib    *library
	run    *luabind.Running
	name   string
	fields map[string]lua.LValue // args, pid and the files
}

// AwaitReadable lets multiprocessing.wait take it: it is ready when it has ended.
func (c *child) AwaitReadable(ctx context.Context) error {
	select {
	case <-c.run.Done():
		return nil
	default:
	}
	select {
	case <-c.run.Done():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Pack refuses: only who has started a program can wait for it.
func (c *child) Pack() (luabind.Parcel, error) {
	return luabind.Parcel{}, errors.New("a Popen stays in the process that made it")
}

// popen is subprocess.popen{...}.
func (lib *library) popen(L *lua.LState) int {
	lib.checkAllowed(L, "popen")
	o := lib.read(L, "popen")
	c := &child{lib: lib, run: lib.start(L, o, "popen"), name: o.name()}
	c.fields = map[string]lua.LValue{"args": o.args, "pid": lua.LNumber(c.run.Pid())}
	for name, f := range map[string]*os.File{"stdin": o.stdin, "stdout": o.stdout, "stderr": o.stderr} {
		if f != nil {
			file := lib.host.NewFile(f, name == "stdin")
			if o.binary {
				lib.host.SetText(file, false)
			}
			c.fields[name] = file
		}
	}
	L.Push(&lua.LUserData{Value: c, Env: L.G.Global, Metatable: lib.class})
	return 1
}

// newClass makes the metatable of what popen returns.
func (lib *library) newClass(L *lua.LState) *lua.LTable {
	methods := glua.NewFunctions(L, map[string]lua.LGFunction{
		"poll":        lib.poll,
		"wait":        lib.wait,
		"send_signal": lib.sendSignal,
		"terminate":   func(L *lua.LState) int { return lib.send(L, syscall.SIGTERM) },
		"kill":        func(L *lua.LState) int { return lib.send(L, os.Kill) },
		"kill_tree": func(L *lua.LState) int {
			check(L).run.KillTree()
			return 0
		},
	}, 0)
	class := glua.NewTable(0, 2)
	glua.SetNamed(class, "__index", L.NewClosure(func(L *lua.LState) int {
		c := check(L)
		switch key := L.Get(2); {
		case key == lua.LString("code"):
			L.Push(c.code())
		case c.fields[key.String()] != nil && key.Type() == lua.LTString:
			L.Push(c.fields[key.String()])
		default:
			L.Push(glua.Get(methods, key))
		}
		return 1
	}, methods)) // help and completion find them there
	glua.SetNamed(class, "__tostring", L.NewFunction(func(L *lua.LState) int {
		c := check(L)
		status := "running"
		if code := c.code(); code != lua.LNil {
			status = "code=" + code.String()
		}
		L.Push(lua.LString(fmt.Sprintf("<Popen %s pid=%d %s>", c.name, c.run.Pid(), status)))
		return 1
	}))
	return class
}

func check(L *lua.LState) *child {
	c, ok := arg.Value(L, 1).(*child)
	if !ok {
		arg.TypeError(L, 1, "Popen")
	}
	return c
}

// code is nil until the program has ended.
func (c *child) code() lua.LValue {
	select {
	case <-c.run.Done():
		return lua.LNumber(c.run.Code())
	default:
		return lua.LNil
	}
}

// poll is p:poll().
func (lib *library) poll(L *lua.LState) int {
	L.Push(check(L).code())
	return 1
}

// wait is p:wait([timeout]).
func (lib *library) wait(L *lua.LState) int {
	c := check(L)
	var expired <-chan time.Time
	var timeout time.Duration
	if L.Get(2) != lua.LNil {
		timeout = seconds(L, L.Get(2))
		expired = time.After(timeout)
	}
	ctx := lib.host.Context()
	lib.host.Pauses("program")
	defer lib.host.Resumes()
	for {
		select {
		case <-c.run.Done():
			L.Push(c.code())
			return 1
		default:
		}
		select {
		case <-c.run.Done():
		case <-lib.host.News():
			lib.host.Attended()
		case <-expired:
			fields := map[string]lua.LValue{"args": c.fields["args"], "timeout": lua.LNumber(timeout.Seconds())}
			lib.raise(L, timeoutExpired, fmt.Sprintf("command %s timed out after %v seconds", c.name, timeout.Seconds()), fields)
		case <-ctx.Done():
			arg.Raise(L, "%s", ctx.Err())
		}
	}
}

func (lib *library) send(L *lua.LState, s os.Signal) int {
	c := check(L)
	if err := c.run.Signal(s); err != nil {
		arg.Raise(L, "cannot send a signal to command %s: %s", c.name, reason(err))
	}
	return 0
}

// sendSignal is p:send_signal(signal): a name or a number.
func (lib *library) sendSignal(L *lua.LState) int {
	check(L)
	return lib.send(L, signal.Check(L, 2))
}
