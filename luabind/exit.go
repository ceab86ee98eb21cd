package luabind

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/lualib/arg"
)

// os.exit ends the run, not the host: it raises an error that no pcall keeps, and
// so does the end of the run's context. Whatever catches errors (pcall, xpcall
// and coroutine.resume; coroutine.wrap passes them on) is wrapped to raise it
// again.

// osExit is os.exit([code]): true is 0, false is 1, a number its low eight bits.
func (e *Engine) osExit(L *lua.LState) int {
	code := 0
	switch v := L.Get(1).(type) {
	case lua.LBool:
		if !v {
			code = 1
		}
	case *lua.LNilType:
	default:
		code = int(arg.Int(L, 1))
	}
	e.exit = &ExitError{code & 0xff}
	return e.unwind(L)
}

// Unwind ends the run under way as os.exit does: no pcall keeps its error. It is called in
// the goroutine of the script.
func (h *Host) Unwind(L *lua.LState, code int) {
	h.exit = &ExitError{code & 0xff}
	h.unwind(L)
}

// Running reports whether a call of the engine is under way. Any goroutine may ask.
func (h *Host) Running() bool { return h.runLock.Load()%2 == 1 }

// AtExit lets f be called by RunAtExit, the last one first. It is for functions of the
// script, which f calls: they find everything as the script has left it.
func (h *Host) AtExit(f func()) {
	h.atExit = append(h.atExit, f)
	h.exits.Store(true)
}

// HasAtExit reports whether AtExit was called. Any goroutine may ask.
func (h *Host) HasAtExit() bool { return h.exits.Load() }

// RunAtExit calls what AtExit was given, once. Close does so first; a program that is about
// to exit without Close does it itself.
func (h *Host) RunAtExit() {
	failed := h.failed
	for len(h.atExit) > 0 {
		last := len(h.atExit) - 1
		f := h.atExit[last]
		h.atExit = h.atExit[:last]
		f()
	}
	h.failed = failed // of the script, which is over
}

// ending says whether the run is to end, whatever the script does.
func (e *Engine) ending() bool {
	return e.exit != nil || e.run != nil && e.run.vm != nil && e.run.ctx.Err() != nil
}

func (e *Engine) unwind(L *lua.LState) int {
	if e.exit != nil {
		L.Error(lua.LString(e.exit.Error()), 0)
	}
	L.Error(lua.LString(e.run.ctx.Err().Error()), 0)
	return 0
}

// unlessEnding wraps a function that catches errors.
func (e *Engine) unlessEnding(catch lua.LGFunction) lua.LGFunction {
	return func(L *lua.LState) int {
		n := catch(L)
		if e.ending() {
			return e.unwind(L)
		}
		return n
	}
}
