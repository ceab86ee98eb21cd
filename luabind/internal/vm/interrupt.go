package vm

import (
	"sync/atomic"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// interruptField is the field of the registry that holds what OnInterrupt was given.
const interruptField = "_INTERRUPT"

// OnInterrupt lets f be called when Interrupt was called: between two instructions of
// whichever coroutine runs then, which it gets. It may call functions of the script, and
// raise an error, which is that of the instruction that is about to run.
func OnInterrupt(L *lua.LState, f func(*lua.LState)) {
	glua.SetNamed(L.G.Registry, interruptField, &lua.LUserData{Value: f, Metatable: lua.LNil})
}

// Interrupt lets L, as soon as it runs instructions, do what OnInterrupt has said. Any
// goroutine may call it.
func Interrupt(L *lua.LState) { atomic.OrInt32(&glua.Inside(L).G.Alarm, alarmInterrupt) }

// runInterrupt does it, if Interrupt was called since.
func runInterrupt(L *lua.LState) {
	alarm := &glua.Inside(L).G.Alarm
	if atomic.LoadInt32(alarm)&alarmInterrupt == 0 {
		return
	}
	atomic.AndInt32(alarm, ^alarmInterrupt) // first, so that one which comes meanwhile isn't lost
	if ud, ok := glua.Named(L.G.Registry, interruptField).(*lua.LUserData); ok {
		defer interrupting(L)()
		ud.Value.(func(*lua.LState))(L)
	}
}

// interrupting says that what L calls from now on interrupts what it runs, until over is called.
func interrupting(L *lua.LState) (over func()) {
	c := glua.Inside(L).Frames()
	before := c.Interrupted
	c.Interrupted = true
	return func() { c.Interrupted = before }
}
