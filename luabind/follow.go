package luabind

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/vm"
)

// This file holds what a module wants that shows something while a script runs.

// FollowLoop is called by a Go function that a script calls in L. Where it is the
// iterator of a generic for, over is called when that loop has ended, in whatever way:
// before the script calls anything else or goes round another loop, on the goroutine of
// the script. Where it isn't, ok is false. Forget is called, on that goroutine, when
// nothing is to be called any more, at the end of the run at the latest (see OnReturn).
// While a loop is followed each call of the script takes some nanoseconds longer.
func (h *Host) FollowLoop(L *lua.LState, over func()) (forget func(), ok bool) {
	l := vm.Follow(L, over)
	if l == nil {
		return nil, false
	}
	return l.Forget, true
}

// OnReturn lets f be called whenever a call of the engine from outside has ended, before
// that returns. It is for the Open of a module.
func (h *Host) OnReturn(f func()) { h.onReturn = append(h.onReturn, f) }

// OnMute lets f be called by Mute, on the goroutine of whoever calls that. It is for the
// Open of a module; see Hold.
func (h *Host) OnMute(f func()) { h.onMute = append(h.onMute, f) }

// Hold says that Mute is to be called before a signal ends the program: a module holds
// something back, or has changed something that must not stay so. See OnHolding.
func (h *Host) Hold() {
	if holding := h.io.Holding; holding != nil {
		h.io.Holding = nil
		holding()
	}
}
