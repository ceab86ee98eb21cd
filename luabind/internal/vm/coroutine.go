package vm

import (
	"sync"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// The coroutines of gopher-lua lose what happens at their edges: one that
// yields in a tail call can't be resumed, values that aren't given to resume
// aren't nil for yield but nothing at all, a yield inside pcall, a metamethod
// or an iterator goes on as if it had returned, and an error that passes
// coroutine.wrap leaves the wrong coroutine running.
//
// Resuming and yielding themselves are left to gopher-lua: Resume calls its
// coroutine.resume in the same frame.

// Coroutine are the functions of the table coroutine.
var Coroutine = map[string]lua.LGFunction{
	"create":  Create,
	"resume":  Resume,
	"running": Running,
	"status":  Status,
	"wrap":    Wrap,
	"yield":   Yield,
}

// theirs are gopher-lua's own functions.
var theirs = sync.OnceValue(func() (f struct{ create, resume lua.LGFunction }) {
	L := lua.NewState(lua.Options{SkipOpenLibs: true, MinimizeStackMemory: true, RegistrySize: 128})
	defer L.Close()
	lua.OpenCoroutine(L)
	table := L.Get(-1).(*lua.LTable)
	f.create = glua.Named(table, "create").(*lua.LFunction).GFunction
	f.resume = glua.Named(table, "resume").(*lua.LFunction).GFunction
	return f
})

// Create is coroutine.create(f). Unlike in Lua 5.1, f may be a function in Go,
// as it may be one in C since Lua 5.2.
func Create(L *lua.LState) int {
	if _, ok := L.Get(1).(*lua.LFunction); !ok {
		argError(L, 1, "Lua function expected")
	}
	// With a context gopher-lua would make one more for the coroutine, and end
	// it with the coroutine, if that ends. Resume gives it that of its caller.
	// And it would make a stack for all calls that there may be.
	s := glua.Inside(L)
	ctx, depth := s.Ctx, s.Options.CallStackSize
	s.Ctx, s.Options.CallStackSize = nil, 1
	n := theirs().create(L)
	s.Ctx, s.Options.CallStackSize = ctx, depth
	thread := L.Get(-1).(*lua.LState)
	thread.Options.CallStackSize = depth
	Adopt(thread)
	return n
}

// Wrap is coroutine.wrap(f).
func Wrap(L *lua.LState) int {
	Create(L)
	thread := L.Get(-1)
	L.Push(L.NewClosure(next, thread))
	return 1
}

// next is the function that Wrap returns.
func next(L *lua.LState) int {
	thread := L.Get(lua.UpvalueIndex(1)).(*lua.LState)
	L.Insert(thread, 1)
	n, ok := resume(L, thread)
	if ok {
		return n
	}
	raised := L.Get(-1)
	if lua.LVCanConvToString(raised) {
		raised = lua.LString(glua.Inside(L).Frame().Parent.Where() + raised.String())
	}
	if cause := glua.Inside(thread).Frames().Cause; cause != nil {
		panic(&lua.ApiError{Type: lua.ApiErrorRun, Object: raised, Cause: cause})
	}
	glua.Raise(L, raised)
	return 0
}

// Resume is coroutine.resume(thread, ...).
func Resume(L *lua.LState) int {
	thread, ok := L.Get(1).(*lua.LState)
	if !ok {
		argError(L, 1, "coroutine expected")
	}
	n, _ := resume(L, thread)
	return n + 1
}

// resume resumes thread, the first argument of L's current call, with the other
// arguments. It leaves on top whether all went well, and n results or one error
// value.
func resume(L, thread *lua.LState) (n int, ok bool) {
	status := statusOf(L, thread)
	switch {
	case status != "suspended":
		return failure(L, lua.LString("cannot resume "+status+" coroutine")) - 1, false
	case tooDeep(L):
		return failure(L, lua.LString("C stack overflow")) - 1, false
	}
	t := glua.Inside(thread)
	if yielded := t.Frame(); yielded != nil {
		// What yield returns: as many values as its caller wants.
		if inst, _ := yielded.Code(); countOf(inst) >= 0 {
			L.SetTop(1 + countOf(inst))
		}
	} else if t.Stack.IsEmpty() {
		// Its function is yield itself: this is what it returns.
		thread.Dead = true
		L.Replace(1, lua.LTrue)
		return L.GetTop() - 1, true
	}
	t.Ctx = L.Context()
	n = theirs().resume(L) - 1
	if L.G.CurrentThread == thread {
		return finish(L, thread), true
	}
	if ok = lua.LVAsBool(L.Get(-n - 1)); !ok {
		died(L, thread)
	}
	return n, ok
}

// finish takes the results of a coroutine whose function was one in Go and has
// returned, which gopher-lua doesn't notice.
func finish(L, thread *lua.LState) int {
	L.G.CurrentThread = L
	thread.Parent, thread.Dead = nil, true
	n := thread.GetTop()
	L.Push(lua.LTrue)
	thread.XMoveTo(L, n)
	return n
}

// countOf returns how many results the call inst takes, -1 for all.
func countOf(inst uint32) int {
	if glua.Opcode(inst) == lua.OP_TAILCALL {
		return -1
	}
	return glua.C(inst) - 1
}

// died sees to what a coroutine that ended with an error leaves behind: upvalues
// that still look at its variables, its innermost call, which a traceback shows,
// and the wording of a full stack.
func died(L, thread *lua.LState) {
	t := glua.Inside(thread)
	t.Frames().CloseUpvalues(0)
	if f := t.Stack.At(t.Stack.Sp()); f.Parent == t.Frame() { // gopher-lua has taken it down
		t.SetFrame(f)
	}
	switch L.Get(-1) {
	case nil: // of an *lua.ApiError without a value
		L.Replace(-1, lua.LNil)
	case lua.LString(fullStack):
		L.Replace(-1, lua.LString(glua.Inside(thread).Frame().Where()+"stack overflow"))
	}
}

// maxDepth is how many calls may be under way in a coroutine and those that
// wait for it, together. Each has a stack of its own, but all of them share one
// of Go, which ends the process when it is full.
const maxDepth = 200_000

// maxNested is how many coroutines may wait for one another, as many as C calls
// in Lua 5.1.
const maxNested = 195

func tooDeep(L *lua.LState) bool {
	depth, nested := 0, 0
	for ; L != nil; L = L.Parent {
		depth += glua.Inside(L).Stack.Sp()
		nested++
	}
	return depth > maxDepth || nested > maxNested
}

// Yield is coroutine.yield(...).
func Yield(L *lua.LState) int {
	// Only calls that one loop of the interpreter made can be left: those of
	// Lua functions by a call instruction.
	possible := L.Parent != nil
	for f := glua.Inside(L).Frame().Parent; possible && f != nil; f = f.Parent {
		possible = !f.Fn.IsG
		if possible {
			_, possible = f.Code()
		}
	}
	if !possible {
		L.Error(lua.LString("attempt to yield across metamethod/C-call boundary"), 0)
	}
	return -1 // gopher-lua: yield all that is on the stack
}

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
