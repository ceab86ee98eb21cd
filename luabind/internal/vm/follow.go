package vm

import (
	"slices"
	"sync/atomic"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// A Loop is a generic for that calls a function in Go for its values. Lua 5.1 tells
// nobody when a loop is left: break, return and goto jump, an error cuts its call off.
// So it is looked at, at each call and each jump back of the script, whether the loop is
// still there. It is while
//
//	its call is on the stack of its thread      none has taken the place of that
//	the next instruction there is one of its    break, return and goto lead out of it
//	its hidden variable holds the function      in a later call of the same code it is another
type Loop struct {
	thread   *lua.LState
	frame    *glua.Frame
	fn       *lua.LFunction // that the loop stands in
	iterator *lua.LFunction
	register int // of the hidden variable
	body     int // the first instruction of its body
	next     int // the one behind the jump back to it, which follows the call of the function
	over     func()

	all *loops // that it is one of
}

// loops has the loops of a state and its coroutines that are followed.
type loops []*Loop

// Follow lets over be called when the generic for has ended that has called the function
// in Go which runs in L: before the script, or a coroutine of it, calls anything else or
// goes round another loop. Nil: no generic for has called it. The end of the script itself
// is no end of a loop here: whoever follows one calls Forget then.
func Follow(L *lua.LState, over func()) *Loop {
	f := glua.Inside(L).Frame()
	caller := f.Parent
	if caller == nil || caller.Fn.IsG || caller.Pc == 0 {
		return nil
	}
	code := caller.Fn.Proto.Code
	inst := code[caller.Pc-1]
	if glua.Opcode(inst) != lua.OP_TFORLOOP {
		return nil
	}
	l := &Loop{
		thread:   L,
		frame:    caller,
		fn:       caller.Fn,
		iterator: f.Fn,
		register: glua.A(inst),
		body:     caller.Pc + 1 + glua.SBx(code[caller.Pc]),
		next:     caller.Pc + 1,
		over:     over,
	}
	watch := glua.Inside(L).Frames().Watch
	all, ok := watch.Watcher.(*loops)
	if !ok {
		all = &loops{}
		watch.Watcher = all
	}
	l.all = all
	*all = append(*all, l)
	atomic.OrInt32(&glua.Inside(L).G.Alarm, alarmLoop)
	return l
}

// Forget lets nobody be told of the end of l.
func (l *Loop) Forget() {
	if i := slices.Index(*l.all, l); i >= 0 {
		*l.all = slices.Delete(*l.all, i, i+1)
	}
	if len(*l.all) == 0 {
		atomic.AndInt32(&glua.Inside(l.thread).G.Alarm, ^alarmLoop)
	}
}

// Look tells of those that have ended, the inner ones first.
func (all *loops) Look() {
	for i := len(*all) - 1; i >= 0; i-- {
		if i >= len(*all) { // one of them has let others be forgotten
			continue
		}
		if l := (*all)[i]; l.ended() {
			l.Forget()
			l.over()
		}
	}
}

func (l *Loop) ended() bool {
	s, f := glua.Inside(l.thread), l.frame
	return s.Dead || f.Idx >= s.Stack.Sp() || s.Stack.At(f.Idx) != f ||
		f.Fn != l.fn || f.Pc < l.body || f.Pc > l.next ||
		s.Frames().Register(f, l.register).LValue(nil) != lua.LValue(l.iterator)
}
