package glua

import (
	"iter"

	lua "github.com/yuin/gopher-lua"
)

// A Level is one of the calls that are under way, as Lua 5.1 counts them: a call
// that took the place of another by a tail call is followed by a level for that
// one, and under the outermost call of a state is one of the program.
type Level struct {
	*Frame // nil of a lost call and of the program
	Lost   bool
}

// Levels yields the levels of thread, the innermost first; number 0 is the
// function that runs.
func Levels(thread *lua.LState) iter.Seq[Level] {
	return func(yield func(Level) bool) {
		f := Inside(thread).currentFrame
		if f == nil {
			return // a coroutine that hasn't begun
		}
		if y := yielding(thread, f); y != nil && !yield(Level{Frame: y}) {
			return
		}
		for ; f != nil; f = f.Parent {
			if !yield(Level{Frame: f}) {
				return
			}
			if f.Fn.IsG {
				continue
			}
			for range f.TailCall {
				if !yield(Level{Lost: true}) {
					return
				}
			}
		}
		if thread.G.MainThread == thread {
			yield(Level{})
		}
	}
}

// yielding returns the call of yield that thread, whose innermost call is f, waits
// in, or nil. gopher-lua has it no longer.
func yielding(thread *lua.LState, f *Frame) *Frame {
	if thread.Parent != nil || thread.Dead || thread.G.MainThread == thread || f.Fn.IsG || f.Pc == 0 {
		return nil
	}
	if _, call := f.Code(); !call {
		return nil
	}
	return &Frame{CallFrame: CallFrame{Idx: f.Idx + 1, Fn: yieldOf(thread), Parent: f, Base: f.LocalBase, LocalBase: f.LocalBase}, R: -1}
}

// yieldOf returns coroutine.yield.
func yieldOf(thread *lua.LState) *lua.LFunction {
	if loaded, ok := Named(thread.G.Registry, "_LOADED").(*lua.LTable); ok {
		if coroutine, ok := Named(loaded, lua.CoroutineLibName).(*lua.LTable); ok {
			if f, ok := Named(coroutine, "yield").(*lua.LFunction); ok {
				return f
			}
		}
	}
	return &lua.LFunction{IsG: true, Env: thread.Env}
}

// LevelAt returns a level by its number. As in PUC Lua, below 0 are lost ones.
func LevelAt(thread *lua.LState, number int) (level Level, ok bool) {
	if number < 0 {
		return Level{Lost: true}, true
	}
	n := 0
	for l := range Levels(thread) {
		if n == number {
			return l, true
		}
		n++
	}
	return Level{}, false
}

// Where says where the function at a level is, as "name:line: ".
func (l Level) Where() string { return l.Frame.Where() }
