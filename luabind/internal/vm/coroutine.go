package vm

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// A coroutine is a state with registers and calls of its own. Whoever resumes it runs the loop
// for it, on Go's stack above its own; yield ends that loop and leaves the calls as they are. The
// values go from the registers of the one to those of the other.
//
//	resume, or what wrap returns   Resume, next --> goOn --> proceed --> runAll --> run
//	yield                          Yield; what is handed over stands in Frames.Handed until goOn takes it
//
// Where the loop calls yield, or what wrap returns, it does without a call of a function in Go
// (switched). gopher-lua's own L.Resume calls loop, which calls resumedByGo.

// Coroutine are the functions of the table coroutine.
var Coroutine = map[string]lua.LGFunction{
	"create":  Create,
	"resume":  Resume,
	"running": Running,
	"status":  Status,
	"wrap":    Wrap,
	"yield":   Yield,
}

// Create is coroutine.create(f). Unlike in Lua 5.1, f may be a function in Go,
// as it may be one in C since Lua 5.2.
func Create(L *lua.LState) int {
	L.Push(create(L))
	return 1
}

func create(L *lua.LState) *lua.LState {
	f, ok := L.Get(1).(*lua.LFunction)
	if !ok {
		argError(L, 1, "Lua function expected")
	}
	thread := glua.Inside(L).NewThread()
	Adopt(thread)
	glua.Inside(thread).Stack.Push(glua.CallFrame{Fn: f, LocalBase: 1, NRet: lua.MultRet})
	return thread
}

// Wrap is coroutine.wrap(f).
func Wrap(L *lua.LState) int {
	L.Push(L.NewClosure(next, create(L)))
	return 1
}

// next is the function that Wrap returns.
func next(L *lua.LState) int {
	thread := wrapped(glua.Inside(L).Frame().Fn)
	values, err := resume(L, thread, 1)
	if err != nil {
		raiseNext(L, err)
	}
	return pushAll(L, values)
}

// wrapped returns the coroutine of a function that Wrap has returned.
func wrapped(f *lua.LFunction) *lua.LState { return f.Upvalues[0].Value().(*lua.LState) }

// raiseNext raises the error that resuming thread has come to, in the call of the function that
// Wrap has returned.
func raiseNext(L *lua.LState, err *lua.ApiError) {
	raised := err.Object
	if lua.LVCanConvToString(raised) {
		raised = lua.LString(glua.Inside(L).Frame().Parent.Where() + raised.String())
	}
	if err.Cause != nil {
		panic(&lua.ApiError{Type: lua.ApiErrorRun, Object: raised, Cause: err.Cause})
	}
	glua.Raise(L, raised)
}

// Resume is coroutine.resume(thread, ...).
func Resume(L *lua.LState) int {
	thread, ok := L.Get(1).(*lua.LState)
	if !ok {
		argError(L, 1, "coroutine expected")
	}
	values, err := resume(L, thread, 2)
	if err != nil {
		return failure(L, err.Object)
	}
	L.Push(lua.LTrue)
	return 1 + pushAll(L, values)
}

// pushAll pushes values and returns how many they are.
func pushAll(L *lua.LState, values []glua.Value) int {
	for _, v := range values {
		L.Push(v.LValue(nil))
	}
	return len(values)
}

// resume resumes thread with the arguments of L's current call from number first on.
func resume(L, thread *lua.LState, first int) ([]glua.Value, *lua.ApiError) {
	args := make([]glua.Value, 0, 8)
	for i := first; i <= L.GetTop(); i++ {
		args = append(args, glua.ValueOf(L.Get(i)))
	}
	if why := refusal(L, thread); why != "" {
		return nil, &lua.ApiError{Type: lua.ApiErrorRun, Object: why}
	}
	if t := glua.Inside(thread); !t.IsAdopted() {
		return resumeForeign(L, thread, args)
	}
	return goOn(L, thread, args)
}

// resumeForeign resumes a thread that Go code has made and begun, which runs gopher-lua's own loop.
func resumeForeign(L, thread *lua.LState, args []glua.Value) (values []glua.Value, err *lua.ApiError) {
	given := make([]lua.LValue, len(args))
	for i, v := range args {
		given[i] = glua.Inside(L).Shown(v.LValue(nil))
	}
	state, failed, results := L.Resume(thread, nil, given...)
	if state == lua.ResumeError {
		return nil, asError(L, failed)
	}
	for _, v := range results {
		values = append(values, glua.ValueOf(v))
	}
	return values, nil
}

// refusal says why thread can't be resumed, if it can't.
func refusal(L, thread *lua.LState) lua.LString {
	if status := statusOf(L, thread); status != "suspended" {
		return lua.LString("cannot resume " + status + " coroutine")
	}
	if tooDeep(glua.Inside(L)) {
		return "C stack overflow"
	}
	return ""
}

// goOn runs thread, which is suspended, with args until it yields or ends. Values are what it hands
// over, in its registers, or an error has ended it.
func goOn(L, thread *lua.LState, args []glua.Value) (values []glua.Value, err *lua.ApiError) {
	s, t := glua.Inside(L), glua.Inside(thread)
	c := t.Frames()
	t.Parent, t.G.CurrentThread = L, thread
	waitFor(s, t, c)
	done := false
	defer func() {
		t.Parent, t.G.CurrentThread = nil, L
		if done {
			return
		}
		t.Dead = true
		if r := recover(); r != nil { // nil: the goroutine ends
			err = died(thread, t, r)
		}
	}()
	proceed(thread, t, c, args)
	done = true
	values, c.Handed = c.Handed, nil
	return values, nil
}

// waitFor says that s waits for the coroutine t, which goes by the context of s.
func waitFor(s, t *glua.State, c *glua.Frames) {
	t.Ctx, c.Nested, c.Below = s.Ctx, 1, 0
	if s.IsAdopted() {
		waiting := s.Frames()
		c.Nested, c.Below = waiting.Nested+1, waiting.Below+waiting.Sp()
	}
}

// resumedByGo runs the coroutine L for gopher-lua's own Resume, with what stands on its stack.
func resumedByGo(L *lua.LState, s *glua.State) {
	s.Panic = raise
	defer namePanics(L)
	c := s.Frames()
	waitFor(glua.Inside(L.Parent), s, c)
	args := s.Given()
	L.SetTop(0)
	proceed(L, s, c, args)
	s.HandOver(L)
}

// proceed runs a coroutine until it yields or ends, with what it is given. It waits in a call of yield, that
// of a Lua function with registers, or hasn't begun.
func proceed(thread *lua.LState, t *glua.State, c *glua.Frames, args []glua.Value) {
	switch f := t.Frame(); {
	case f != nil && f.R >= 0:
		inst, _ := f.Code() // which has called yield
		t.Receive(c, args, f.R+glua.A(inst), countOf(inst))
		runAll(thread, t, c, nil)
		ended(t, c)
	case c.IsEmpty(): // Its function is yield itself: this is what it returns.
		c.Handed = args
		t.Dead = true
	default:
		begin(thread, t, c, args)
	}
}

// begin lets a coroutine begin with its function.
func begin(thread *lua.LState, t *glua.State, c *glua.Frames, args []glua.Value) {
	fn := c.Last().Fn
	c.SetSp(0)
	t.SetFrame(nil)
	copy(t.Into(c, 0, len(args)), args)
	if fn.IsG {
		if !t.RunGo(thread, c, t.PushGo(c, fn, 0, len(args), lua.MultRet), 0) {
			c.Handed = c.Registers()[:c.Top]
			t.Dead = true
		}
		return
	}
	t.Enter(c, fn, codeOf(fn.Proto), 0, len(args), lua.MultRet)
	runAll(thread, t, c, nil)
	ended(t, c)
}

// ended says that a coroutine is over if it has no calls any more, and lets go of its registers.
func ended(t *glua.State, c *glua.Frames) {
	if c.IsEmpty() {
		t.Dead = true
		handed := c.Handed
		c.FreeAll()
		c.Handed = handed
	}
}

// died ends a coroutine by what was recovered. Its calls stay, for a traceback.
func died(thread *lua.LState, t *glua.State, r any) *lua.ApiError {
	err := asError(thread, r)
	t.Frames().CloseUpvalues(0)
	if err.Object == lua.LString(fullStack) {
		err.Object = lua.LString(t.Frame().Where() + "stack overflow")
	}
	return err
}

// callGo calls a function in Go whose arguments stand in registers from first on. Its results stand
// from to on when it returns; yielded says that it doesn't, but has yielded.
func callGo(L *lua.LState, s *glua.State, c *glua.Frames, fn *lua.LFunction, first, nargs, nret, to int) (yielded bool) {
	switch glua.EntryOf(fn.GFunction) {
	case glua.EntryOf(next), glua.EntryOf(Yield):
		if done, yielded := switched(L, s, c, fn, first, nargs, nret, to); done {
			return yielded
		}
	}
	return s.RunGo(L, c, s.PushGo(c, fn, first, nargs, nret), to)
}

// switched does a call of yield, or of a function that wrap has returned, where that is no error: errors are
// for the function itself.
func switched(L *lua.LState, s *glua.State, c *glua.Frames, fn *lua.LFunction, first, nargs, nret, to int) (done, yielded bool) {
	args := c.Registers()[first : first+nargs]
	if glua.EntryOf(fn.GFunction) == glua.EntryOf(Yield) {
		if !s.MayYield(s.Frame()) {
			return false, false
		}
		c.Handed = args
		return true, true
	}
	thread := wrapped(fn)
	if refusal(L, thread) != "" || !glua.Inside(thread).IsAdopted() {
		return false, false
	}
	call := s.PushGo(c, fn, first, 0, nret) // as tracebacks and the positions of errors want it
	values, err := goOn(L, thread, args)
	if err != nil {
		raiseNext(L, err)
	}
	s.PopGo(c, call)
	s.Receive(c, values, to, nret)
	return true, false
}

// countOf returns how many results the call inst takes, -1 for all.
func countOf(inst uint32) int {
	if glua.Opcode(inst) == lua.OP_TAILCALL {
		return -1
	}
	return glua.C(inst) - 1
}

// maxDepth is how many calls may be under way in a coroutine and those that
// wait for it, together. Each has a stack of its own, but all of them share one
// of Go, which ends the process when it is full.
const maxDepth = 200_000

// maxNested is how many coroutines may wait for one another, as many as C calls
// in Lua 5.1.
const maxNested = 195

func tooDeep(s *glua.State) bool {
	below, nested := 0, 0
	if s.IsAdopted() {
		below, nested = s.Frames().Below, s.Frames().Nested
	}
	return below+s.Stack.Sp() > maxDepth || nested >= maxNested
}

// Yield is coroutine.yield(...).
func Yield(*lua.LState) int { return -1 } // gopher-lua: yield all that is on the stack, where that is possible

// Status is coroutine.status(thread).
func Status(L *lua.LState) int {
	thread, ok := L.Get(1).(*lua.LState)
	if !ok {
		argError(L, 1, "coroutine expected")
	}
	L.Push(lua.LString(statusOf(L, thread)))
	return 1
}

func statusOf(L, thread *lua.LState) string {
	switch {
	case thread == L:
		return "running"
	case thread.Dead:
		return "dead"
	case thread.Parent != nil: // which waits for it
		return "normal"
	}
	for waiting := L.Parent; waiting != nil; waiting = waiting.Parent {
		if thread == waiting {
			return "normal"
		}
	}
	return "suspended"
}

// Running is coroutine.running(): nil outside coroutines.
func Running(L *lua.LState) int {
	if L == L.G.MainThread {
		L.Push(lua.LNil)
	} else {
		L.Push(L)
	}
	return 1
}
