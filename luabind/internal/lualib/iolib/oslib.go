package iolib

import (
	"strings"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/scarce"
)

// OpenOS registers the global os, but for os.exit: what that does is the
// engine's.
func OpenOS(L *lua.LState, h *Host) *lua.LTable {
	return glua.NewLibrary(L, lua.OsLibName, map[string]lua.LGFunction{
		"clock":     osClock,
		"date":      osDate,
		"difftime":  osDifftime,
		"execute":   h.osExecute,
		"getenv":    h.osGetenv,
		"remove":    h.osRemove,
		"rename":    h.osRename,
		"setlocale": osSetlocale,
		"time":      osTime,
		"tmpname":   h.osTmpname,
	}, 3)
}

func osClock(L *lua.LState) int {
	L.Push(lua.LNumber(cpuTime()))
	return 1
}

func osDifftime(L *lua.LState) int {
	end, start := arg.Int(L, 1), int64(0)
	if L.Get(2) != lua.LNil {
		start = arg.Int(L, 2)
	}
	L.Push(lua.LNumber(end) - lua.LNumber(start))
	return 1
}

// osExecute is os.execute([command]): without a command, whether there is a
// shell, else the status as C's system gives it.
func (h *Host) osExecute(L *lua.LState) int {
	if L.Get(1) == lua.LNil {
		if h.Shell {
			L.Push(lua.LNumber(1))
		} else {
			L.Push(lua.LNumber(0))
		}
		return 1
	}
	line := arg.String(L, 1)
	if !h.Shell {
		arg.Raise(L, "'execute' not supported")
	}
	ctx := h.context()
	c, err := scarce.Retry(L, func() (*command, error) { return h.start(ctx, line, nil, nil) })
	status := 127 << 8 // there is no shell, or it can't take the line
	if err == nil {
		status = c.wait(ctx)
	}
	if ctx.Err() != nil {
		arg.Raise(L, "%s", ctx.Err())
	}
	L.Push(lua.LNumber(status))
	return 1
}

func (h *Host) osGetenv(L *lua.LState) int {
	if value, ok := h.getenv(arg.String(L, 1)); ok {
		L.Push(lua.LString(value))
	} else {
		L.Push(lua.LNil)
	}
	return 1
}

// getenv looks a variable up in Environ, where the first one counts, as in C.
func (h *Host) getenv(name string) (value string, ok bool) {
	for _, v := range h.Environ {
		if n, value, ok := strings.Cut(v, "="); ok && sameVariable(n, name) {
			return value, true
		}
	}
	return "", false
}

func (h *Host) osRemove(L *lua.LState) int {
	name := arg.String(L, 1)
	if err := h.remove(name); err != nil {
		return failOn(L, name+": ", err)
	}
	return succeed(L)
}

func (h *Host) osRename(L *lua.LState) int {
	from, to := arg.String(L, 1), arg.String(L, 2)
	if err := h.rename(from, to); err != nil {
		return failOn(L, from+": ", err)
	}
	return succeed(L)
}

// osSetlocale is os.setlocale([locale [, category]]): there is only one locale.
func osSetlocale(L *lua.LState) int {
	locale := "C"
	if L.Get(1) != lua.LNil {
		locale = arg.String(L, 1)
	}
	if L.Get(2) != lua.LNil {
		checkOption(L, 2, "all", "collate", "ctype", "monetary", "numeric", "time")
	}
	switch locale {
	case "", "C", "POSIX":
		L.Push(lua.LString("C"))
	default:
		L.Push(lua.LNil)
	}
	return 1
}

// osTmpname makes an empty file and returns its name.
func (h *Host) osTmpname(L *lua.LState) int {
	var name string
	f, err := scarce.Retry(L, func() (f afero.File, err error) {
		f, name, err = h.createTemp()
		return f, err
	})
	if err != nil {
		arg.Raise(L, "unable to generate a unique filename")
	}
	f.Close()
	L.Push(lua.LString(name))
	return 1
}
