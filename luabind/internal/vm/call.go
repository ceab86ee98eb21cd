package vm

import (
	"sync/atomic"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// call calls what stands in the register before first, with nargs arguments from there on.
// Where it is a function in Go, the results stand from to on when it returns, and yielded
// says that it was coroutine.yield. A Lua function is the current call then.
func call(L *lua.LState, s *glua.State, c *glua.Frames, f *glua.Frame, first, nargs, nret, to int) (yielded bool) {
	called := &c.Registers()[first-1]
	if !called.IsFunction() {
		handler := s.Handler(called, &eventCall)
		if handler == nil || !handler.IsFunction() {
			operand := first - 1 - f.R
			if inst, call := f.Code(); !call || glua.A(inst) != operand {
				operand = -1
			}
			typeError(L, "call", called.LValue(nil), operand)
		}
		fn := *handler
		regs := s.Into(c, first-1, nargs+2)
		copy(regs[1:], regs[:nargs+1])
		regs[0] = fn
		nargs++
		called = &regs[0]
	}
	if c.IsFull() {
		throw(L, "stack overflow")
	}
	fn := called.Function()
	if !fn.IsG {
		s.Enter(c, fn, codeOf(fn.Proto), first, nargs, nret)
		return false
	}
	return callGo(L, s, c, fn, first, nargs, nret, to)
}

// invoke is glua.Call, in fewer steps where a Lua function is called.
func invoke(L *lua.LState, s *glua.State, nargs, nret int) {
	c := s.Frames()
	base := s.Reg.Top - nargs - 1
	f, ok := s.Reg.Values()[base].(*lua.LFunction)
	if !ok || f.IsG || c.IsFull() || s.G.MainThread == nil {
		glua.Call(L, nargs, nret)
		return
	}
	called := s.CallLua(c, f, codeOf(f.Proto), base, nargs, nret)
	if atomic.LoadInt32(&s.G.Alarm) != 0 {
		alarmed(L)
	}
	runAll(L, s, c, called)
}

// Holds says whether f(a, b) is true.
func Holds(L *lua.LState, f *lua.LFunction, a, b glua.Value) bool {
	v := First(L, f, a, b)
	return v.Truth()
}

// First returns the first result of f, called from Go, or nil. What calls a function of the script's for each of many
// items saves half of what glua.Call takes.
func First(L *lua.LState, f *lua.LFunction, args ...glua.Value) glua.Value {
	s := glua.Inside(L)
	c := s.Frames()
	if f.IsG || c.IsFull() {
		return firstOfGo(L, s, f, args)
	}
	first, top := c.End(s.Frame())+1, s.Reg.Top
	copy(s.Into(c, first, len(args)), args)
	s.Enter(c, f, codeOf(f.Proto), first, len(args), 1)
	called := s.Frame()
	called.Direct, c.Answered = true, false
	if atomic.LoadInt32(&s.G.Alarm) != 0 {
		alarmed(L)
	}
	runAll(L, s, c, called)
	if c.Answered {
		c.Answered = false // it isn't for who has called this one
		return c.Registers()[first-1]
	}
	v := glua.ValueOf(s.Reg.Values()[top])
	L.Pop(1)
	return v
}

// firstOfGo is First of a function in Go.
func firstOfGo(L *lua.LState, s *glua.State, f *lua.LFunction, args []glua.Value) glua.Value {
	L.Push(f)
	for _, v := range args {
		L.Push(v.LValue(s.Reg.Numbers))
	}
	glua.Call(L, len(args), 1)
	v := glua.ValueOf(L.Get(-1))
	L.Pop(1)
	return v
}

// valuesAt returns how many values stand from a register of f on, for an operand B that
// says one more, or 0 for all up to c.Top.
func valuesAt(c *glua.Frames, first, operand int) int {
	if operand > 0 {
		return operand - 1
	}
	return c.Top - first
}

// argumentsAt returns where the arguments of f stood when it was called.
func argumentsAt(f *glua.Frame, code *glua.Code) int {
	if code.Vararg {
		return f.R - max(f.NArgs, code.Params)
	}
	return f.R
}

// tailCall does what calls and returns the results, fn being a Lua function.
func tailCall(s *glua.State, c *glua.Frames, f *glua.Frame, fn *lua.LFunction, first, nargs int) {
	c.CloseUpvalues(f.R)
	s.TailCall(c, f, fn, codeOf(fn.Proto), argumentsAt(f, codeOf(f.Fn.Proto)), first, nargs)
}

// giveBack ends the call f, of a prototype with that code, for the instruction in, which returns:
// its results come to stand where the function stood.
func giveBack(s *glua.State, c *glua.Frames, f *glua.Frame, code *glua.Code, in glua.Ins) {
	from := f.R + int(in.A)/glua.ValueSize
	n := valuesAt(c, from, int(in.B))
	to, want := argumentsAt(f, code)-1, f.NRet
	s.Leave(c, f)
	if want < 0 {
		want = n
	}
	c.Top = to + want
	results := s.Into(c, to, want)
	glua.SetNil(results[copy(results, c.Registers()[from:from+n]):])
}

// giveOut ends the call f where Go code, or a coroutine's parent, gets the results, and says
// whether that was so.
func giveOut(L *lua.LState, s *glua.State, c *glua.Frames, base, f *glua.Frame, in glua.Ins) bool {
	from := f.R + int(in.A)/glua.ValueSize
	n := valuesAt(c, from, int(in.B))
	switch {
	case f.Parent == nil && L.Parent != nil:
		c.Handed = c.Registers()[from : from+n]
		s.Leave(c, f)
		return true
	case f == base || f.Parent == nil || f.Parent.Fn.IsG:
		values := c.Registers()[from : from+n]
		s.Leave(c, f)
		s.Give(f, values)
		return true
	}
	return false
}

// putVarargs puts want of the arguments of f beyond those that have names, or all if want is
// negative, into its registers from a on.
func putVarargs(s *glua.State, c *glua.Frames, f *glua.Frame, code *glua.Code, a, want int) {
	n := max(f.NArgs-code.Params, 0)
	if want < 0 {
		want = n
	}
	c.Top = f.R + a + want
	to := s.Into(c, f.R+a, want)
	glua.SetNil(to[copy(to, c.Varargs(f, code)):])
}

// newClosure returns the function of the instruction at pc, an OP_CLOSURE. Those behind it
// say where its upvalues are.
func newClosure(c *glua.Frames, f *glua.Frame, p *lua.FunctionProto, pc int) *lua.LFunction {
	fn := glua.NewClosure(p.FunctionPrototypes[glua.Bx(p.Code[pc])], f.Fn.Env)
	upvalues := glua.Upvalues(fn)
	for i := range upvalues {
		inst := p.Code[pc+1+i]
		if glua.Opcode(inst) == lua.OP_MOVE {
			upvalues[i] = c.FindUpvalue(f.R + glua.B(inst))
		} else {
			upvalues[i] = glua.UpvalueOf(f.Fn, uint16(glua.B(inst)))
		}
	}
	return fn
}
