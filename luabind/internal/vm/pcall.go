package vm

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// A protected call closes the upvalues of the calls that it cuts off, and no others.

// PCall is pcall(f, ...).
func PCall(L *lua.LState) int {
	if L.GetTop() == 0 {
		argError(L, 1, "value expected")
	}
	f := L.Get(1)
	if !callable(L, f) {
		return failure(L, notCallable(f))
	}
	if err := protect(L, L.GetTop()-1, lua.MultRet, nil); err != nil {
		return failure(L, err.Object)
	}
	L.Insert(lua.LTrue, 1)
	return L.GetTop()
}

// XPCall returns xpcall(f, handler). While over, unless nil, says true, no
// handler gets an error: the program ends by it.
func XPCall(over func() bool) lua.LGFunction {
	return func(L *lua.LState) int {
		if L.GetTop() < 2 {
			argError(L, 2, "value expected")
		}
		f, handler, depth := L.Get(1), L.Get(2), glua.Inside(L).Stack.Sp()
		L.SetTop(0)
		L.Push(callee(L, f))
		err := protect(L, 0, lua.MultRet, func(err *lua.ApiError) {
			if over == nil || !over() {
				handle(L, handler, err, depth)
			}
		})
		if err != nil {
			return failure(L, err.Object)
		}
		L.Insert(lua.LTrue, 1)
		return L.GetTop()
	}
}

// Call is a protected call from Go, like L.PCall: the function and its nargs
// arguments are on top of the stack, and nret results, or all for lua.MultRet,
// replace them. A failed call leaves nothing there and returns a
// *lua.ApiError with a traceback of the calls that led to the error.
func Call(L *lua.LState, nargs, nret int) error {
	s := glua.Inside(L)
	if at := &s.Reg.Values()[s.Reg.Top-nargs-1]; !callable(L, *at) {
		*at = callee(L, *at)
	}
	err := protect(L, nargs, nret, func(err *lua.ApiError) {
		if err.StackTrace == "" {
			err.StackTrace = uncaught(L, err.Cause)
		}
	})
	if err != nil { // not a nil *ApiError in an error
		return err
	}
	return nil
}

// maxHandlers is how many calls of a message handler that raises errors itself
// Lua 5.1 makes, each with the error of the one before.
const maxHandlers = 220

// handle lets a message handler have the error, at the top of the calls that
// led to it; those from depth down are not of the protected call.
func handle(L *lua.LState, handler lua.LValue, err *lua.ApiError, depth int) {
	for range maxHandlers {
		f, ok := handler.(*lua.LFunction)
		if !ok {
			break
		}
		again := attempt(L, func() {
			L.Push(f)
			L.Push(err.Object)
			glua.Call(L, 1, 1)
			err.Object = L.Get(-1)
			L.Pop(1)
		})
		if again == nil {
			return
		}
		makeRoom(L, again, depth)
		err.Object = again.Object
	}
	err.Object = lua.LString("error in error handling")
}

// attempt returns the error that f raises.
func attempt(L *lua.LState, f func()) (err *lua.ApiError) {
	defer func() {
		if r := recover(); r != nil {
			err = asError(L, r)
		}
	}()
	f()
	return nil
}

// protect calls the function under nargs arguments on top of the stack. If that
// raises an error, seen, unless nil, gets it while the calls that led to it
// still stand; then they are cut off.
func protect(L *lua.LState, nargs, nret int, seen func(*lua.ApiError)) (err *lua.ApiError) {
	s := glua.Inside(L)
	caller, depth := s.Frame(), s.Stack.Sp()
	top := L.GetTop() - nargs - 1
	onPanic, held := L.Panic, s.Frames().Held
	L.Panic = raise
	returned := false
	defer func() {
		if !returned {
			if r := recover(); r != nil { // nil: the goroutine ends
				err = asError(L, r)
				makeRoom(L, err, depth)
				if seen != nil {
					seen(err)
				}
			}
			cut(L, caller, depth, top)
			s.Frames().Held = held // where it runs in a hook, or at an interrupt
		}
		L.Panic = onPanic
	}()
	invoke(L, s, nargs, nret)
	returned = true
	return nil
}

// cut drops all calls above depth, the topmost that stays being caller, and what
// is on its stack above top.
func cut(L *lua.LState, caller *glua.Frame, depth, top int) {
	s := glua.Inside(L)
	c := s.Frames()
	for i := depth; i < c.Sp(); i++ { // before the values go
		if f := c.At(i); !f.Fn.IsG && f.R >= 0 {
			c.CloseUpvalues(f.R)
			break
		}
	}
	c.Held = 0
	if s.Stack.Sp() != depth {
		s.Stack.SetSp(depth)
	}
	s.SetFrame(caller)
	if s.G.CurrentThread != nil {
		s.G.CurrentThread = L
	}
	L.SetTop(top)
}

// spare is how many calls are cut off from the top of a full stack, so that a
// message handler has room for its own.
const spare = 200

// makeRoom words the error of a full stack as Lua 5.1 does, and takes its
// topmost calls down, those above depth at most.
func makeRoom(L *lua.LState, err *lua.ApiError, depth int) {
	s := glua.Inside(L)
	if !overflown(err) && !s.Stack.IsFull() {
		return
	}
	err.Object = lua.LString(s.Frame().Where() + "stack overflow")
	err.Type = lua.ApiErrorRun
	keep := max(s.Stack.Sp()-spare, depth+1)
	if keep >= s.Stack.Sp() {
		return
	}
	last, next := s.Stack.At(keep-1), s.Stack.At(keep)
	top := next.LocalBase - last.LocalBase
	if next.Fn.IsG || next.R < 0 {
		top = next.Base - last.LocalBase
	}
	cut(L, last, keep, max(top, 0))
}

// overflown says whether err came from a full stack: of calls, which gopher-lua
// panics for, or of values.
func overflown(err *lua.ApiError) bool {
	message, ok := err.Object.(lua.LString)
	if !ok {
		return false
	}
	return err.Type == lua.ApiErrorPanic && message == fullStack ||
		strings.HasSuffix(string(message), " registry overflow")
}

// raise is the Panic of a state: the error is on its stack.
func raise(L *lua.LState) {
	raised := L.Get(-1)
	if message, ok := raised.(lua.LString); ok {
		raised = lua.LString(explain(L, string(message)))
	}
	panic(&lua.ApiError{Type: lua.ApiErrorRun, Object: raised})
}

// asError makes an error of what was recovered: of a panic in Go one that says so.
func asError(L *lua.LState, r any) *lua.ApiError {
	if err, ok := r.(*lua.ApiError); ok {
		if err.Object == nil {
			err.Object = lua.LNil
		}
		return err
	}
	if r == fullStack {
		return &lua.ApiError{Type: lua.ApiErrorPanic, Object: lua.LString(fullStack)}
	}
	where, p := "", panicked(r)
	if f := glua.Inside(L).Frame(); f != nil && f.Fn.IsG {
		where = f.Parent.Where()
	}
	return &lua.ApiError{Type: lua.ApiErrorPanic, Object: lua.LString(where + p.Error()), Cause: p}
}

// fullStack is what gopher-lua panics with when the stack of calls is full.
const fullStack = "lua callstack overflow"

// callable says whether f is a function, or a value whose __call is one.
func callable(L *lua.LState, f lua.LValue) bool {
	if _, ok := f.(*lua.LFunction); ok {
		return true
	}
	return glua.Metamethod(L, f, "__call").Type() == lua.LTFunction
}

// callee returns f, or a function that raises the error of calling it.
func callee(L *lua.LState, f lua.LValue) lua.LValue {
	if callable(L, f) {
		return f
	}
	return L.NewFunction(func(L *lua.LState) int {
		L.Error(notCallable(f), 0)
		return 0
	})
}

func notCallable(f lua.LValue) lua.LString {
	return lua.LString("attempt to call a " + f.Type().String() + " value")
}

// failure returns false and an error value.
func failure(L *lua.LState, value lua.LValue) int {
	L.SetTop(0)
	L.Push(lua.LFalse)
	L.Push(value)
	return 2
}

// argError raises the error of a bad argument of the current call, as Lua 5.1
// words it.
func argError(L *lua.LState, n int, what string) {
	f := glua.Inside(L).Frame()
	kind, name := f.CalledAs()
	if kind == "" {
		name = "?"
	}
	message := fmt.Sprintf("%sbad argument #%d to '%s' (%s)", f.Parent.Where(), n, name, what)
	L.Error(lua.LString(message), 0)
}
