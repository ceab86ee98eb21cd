package vm

import (
	"context"
	"sync/atomic"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// A state runs its instructions in a loop of its own choice. That of this
// package is run, which does by itself what programs do most, in the case that
// is usual, and leaves everything else to plain.
//
// At each jump back and each call it looks at one word, the alarm, which says
// that there is something else to be done: the context has ended, or the script
// has set a hook. gopher-lua's own, with a context, asks its channel before each
// instruction, which takes up to half of the processor's time. While there is a
// hook, runHooked takes the place of run.

// Adopt lets L, which runs nothing yet, run instructions as Lua 5.1 does.
// Coroutines follow it.
func Adopt(L *lua.LState) {
	s := glua.Inside(L)
	s.MainLoop, s.Panic = loop, raise
	s.Adopt(s.Options.CallStackSize)
}

func loop(L *lua.LState, base *glua.Frame) {
	s := glua.Inside(L)
	if s.Stack.IsEmpty() {
		return
	}
	// A Go function that calls another one again and again may be all that loops.
	if atomic.LoadInt32(&s.G.Alarm) != 0 {
		alarmed(L)
	}
	if L.Parent != nil && base == nil {
		resumedByGo(L, s)
		return
	}
	s.SetFrame(s.Stack.Last())
	frames := s.Frames()
	f := s.Frame()
	if f.Fn.IsG {
		s.RunGoFromGo(L, frames, f)
		return
	}
	if f.R < 0 {
		s.Begin(frames, f, codeOf(f.Fn.Proto))
	}
	runAll(L, s, frames, base)
}

// runAll runs instructions until the call base has ended.
func runAll(L *lua.LState, s *glua.State, frames *glua.Frames, base *glua.Frame) {
	for {
		if !hooked(&s.G.Alarm) && run(L, s, frames, base) || runHooked(L, s, frames, base) {
			return
		}
	}
}

// runHooked runs instructions, each with a look at the hooks, while there are
// any, and says whether the call base has ended.
func runHooked(L *lua.LState, s *glua.State, frames *glua.Frames, base *glua.Frame) (ended bool) {
	for {
		f := s.Frame()
		if !hooked(&s.G.Alarm) {
			return false
		}
		inst := f.Fn.Proto.Code[f.Pc]
		f.Pc++
		held, top := frames.Held, frames.Top
		if takesAll(inst) {
			frames.Held = top
		}
		hooks := alarmed(L)
		if hooks {
			runInterrupt(L)
			runHook(L)
			frames.Top = top // which what was called has moved
		}
		frames.Held = held
		if hooks {
			if done, ended := callHooked(L, s, frames, f, inst); ended {
				return true
			} else if done {
				continue
			}
		}
		if plain(L, s, frames, base, inst) {
			return true
		}
	}
}

// takesAll says whether inst takes all values that the instruction before it has left.
func takesAll(inst uint32) bool {
	switch glua.Opcode(inst) {
	case lua.OP_CALL, lua.OP_TAILCALL, lua.OP_RETURN, lua.OP_SETLIST:
		return glua.B(inst) == 0
	}
	return false
}

// The reasons for an alarm.
const (
	alarmContext = 1 << iota
	alarmHook
	alarmLoop
	alarmInterrupt
)

// SetContext lets ctx end what L and its coroutines run, with an error that
// follows each that was caught. It returns what takes it away again and puts the
// one back that was there before.
func SetContext(L *lua.LState, ctx context.Context) (restore func()) {
	s := glua.Inside(L)
	before := s.Ctx
	s.Ctx = ctx
	stop := context.AfterFunc(ctx, func() { atomic.OrInt32(&s.G.Alarm, alarmContext) })
	return func() {
		stop()
		s.Ctx = before
		atomic.AndInt32(&s.G.Alarm, ^alarmContext)
		if before != nil && before.Err() != nil {
			atomic.OrInt32(&s.G.Alarm, alarmContext)
		}
	}
}

// hooked says whether instructions run one by one: there is a hook, or an interrupt.
func hooked(alarm *int32) bool { return atomic.LoadInt32(alarm)&(alarmHook|alarmInterrupt) != 0 }

// alarmed does what the alarm is for, but for hooks and interrupts: it says whether there
// are any.
func alarmed(L *lua.LState) bool {
	s := glua.Inside(L)
	if atomic.LoadInt32(&s.G.Alarm)&alarmLoop != 0 {
		s.Frames().Watch.Watcher.Look()
	}
	if atomic.LoadInt32(&s.G.Alarm)&alarmContext != 0 {
		// It may be for a context that was taken away. First it is put out, so
		// that one which comes after the look isn't lost.
		atomic.AndInt32(&s.G.Alarm, ^alarmContext)
		if ctx := L.Context(); ctx != nil && ctx.Err() != nil {
			atomic.OrInt32(&s.G.Alarm, alarmContext)
			L.Error(lua.LString(ctx.Err().Error()), 0)
		}
	}
	return hooked(&s.G.Alarm)
}
