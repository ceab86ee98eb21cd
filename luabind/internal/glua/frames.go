package glua

import lua "github.com/yuin/gopher-lua"

// Frames is the call stack that a state has after Adopt, and the registers of the calls of
// Lua functions on it. Both take memory as the stack gets deeper: for a coroutine no more
// than its first calls need.
type Frames struct {
	segments []*[segment]Frame
	sp       int
	limit    int
	regs     []Value
	open     *Upvalue // those that look at registers, the highest first
	Top      int      // behind the results of the last call, or of ..., for an instruction that takes all of them
	Held     int      // the registers below are in use, see End
	Answered bool     // by the call that has just ended, see Frame.Direct
	methods  *Methods // of a state and its coroutines
	Watch    *Watch   // of a state and its coroutines
	Cause    error    // of the error that has ended the coroutine; nil: there is none behind it
	Handed   []Value  // what the coroutine has yielded or returned, for who has resumed it
	Nested   int      // how many states wait for this one to yield
	Below    int      // how many calls are under way in those

	Interrupted bool // between two instructions Go code has called what runs: a hook, or an interrupt
}

const segment = 8

// A Frame is a call under way.
type Frame struct {
	CallFrame
	R      int  // of a Lua function: its first register; -1: its arguments are in the registry yet
	Direct bool // Go code has called it that takes one result from the register before R, if Answered is set
}

// Watch is a place for what looks at the calls under way when there is an alarm, see
// Global.Alarm.
type Watch struct{ Watcher interface{ Look() } }

// Adopt gives a state that runs nothing yet a stack of Frames.
func (s *State) Adopt(limit int) {
	frames := &Frames{limit: limit}
	if s.G.MainThread != nil {
		if main, ok := Inside(s.G.MainThread).Stack.(*Frames); ok {
			frames.methods, frames.Watch = main.methods, main.Watch
		}
	}
	if frames.methods == nil {
		frames.methods, frames.Watch = &Methods{}, &Watch{}
	}
	if s.Stack != nil { // it is none of NewThread
		s.Stack.FreeAll()
	}
	s.Stack = frames
	for _, t := range []*lua.LTable{s.G.Registry, s.G.Global} {
		if in := InsideTable(t); !in.IsOwn() && !frames.methods.exposed {
			in.foreign().adopt()
		}
	}
}

// Frames returns the stack of a state that was adopted.
func (s *State) Frames() *Frames { return s.Stack.(*Frames) }

// Methods returns what the state and its coroutines remember.
func (c *Frames) Methods() *Methods { return c.methods }

func (c *Frames) At(i int) *Frame { return &c.segments[uint(i)/segment][uint(i)%segment] }
func (c *Frames) Sp() int         { return c.sp }
func (c *Frames) SetSp(sp int)    { c.sp = sp }
func (c *Frames) IsEmpty() bool   { return c.sp == 0 }
func (c *Frames) IsFull() bool    { return c.sp >= c.limit }
func (c *Frames) FreeAll()        { *c = Frames{limit: c.limit, methods: c.methods, Watch: c.Watch} }

func (c *Frames) Last() *Frame {
	if c.sp == 0 {
		return nil
	}
	return c.At(c.sp - 1)
}

func (c *Frames) Pop() *Frame {
	c.sp--
	return c.At(c.sp)
}

// Push is how gopher-lua makes a call.
func (c *Frames) Push(f CallFrame) {
	next := c.next()
	f.Idx = next.Idx
	next.CallFrame, next.R = f, -1
}

// next returns the place for one more call, which the stack has room for.
func (c *Frames) next() *Frame {
	i := c.sp
	if uint(i)/segment == uint(len(c.segments)) {
		c.segments = append(c.segments, new([segment]Frame))
	}
	c.sp++
	f := c.At(i)
	f.Idx, f.Direct = i, false
	return f
}

// Enter makes a call of a Lua function current, whose nargs arguments stand in the registers
// from first on. The stack has room.
func (s *State) Enter(c *Frames, fn *lua.LFunction, code *Code, first, nargs, nret int) {
	f := c.next()
	// The collector is to be told of a pointer that goes: most calls are as the one before.
	if f.Fn != fn {
		f.Fn = fn
	}
	if f.Parent != s.currentFrame {
		f.Parent = s.currentFrame
	}
	top := s.Reg.Top
	f.Pc, f.TailCall = 0, 0
	f.Base, f.LocalBase, f.ReturnBase = top, top, top
	f.NArgs, f.NRet = nargs, nret
	if code.Vararg {
		s.layOut(c, f, code, first)
	} else {
		f.R = first
		end := first + code.Registers
		if end > len(c.regs) {
			s.grow(c, end)
		}
		if first += min(nargs, code.Params); first < end {
			SetNil(c.regs[first:end])
		}
	}
	s.currentFrame = f
}

// layOut sets the registers of f, whose arguments stand in those from first on.
func (s *State) layOut(c *Frames, f *Frame, code *Code, first int) {
	given := min(f.NArgs, code.Params)
	if code.Vararg {
		first += s.vararg(c, f, code, first)
		given = code.Params + 1
	}
	f.R = first
	end := first + code.Registers
	if end > len(c.regs) {
		s.grow(c, end)
	}
	SetNil(c.regs[first+given : max(end, first+given)])
}

// vararg puts the first registers of f behind all its arguments, and returns how far.
func (s *State) vararg(c *Frames, f *Frame, code *Code, first int) int {
	n := max(f.NArgs, code.Params) // missing ones are nil
	if end := first + n + code.Params + 1; end > len(c.regs) {
		s.grow(c, end)
	}
	args := c.regs[first:]
	for i := f.NArgs; i < code.Params; i++ {
		args[i].SetNil()
	}
	copy(args[n:n+code.Params], args)
	SetNil(args[:code.Params])
	arg := &args[n+code.Params]
	arg.SetNil()
	if code.NeedsArg {
		extra := args[code.Params:n]
		t := NewTable(len(extra), 1)
		InsideTable(t).SetList(1, extra)
		SetNamed(t, "n", lua.LNumber(len(extra)))
		*arg = TableValue(t)
	}
	return n
}

// Varargs returns the arguments of f, of a prototype with that code, beyond those that have
// names: they stand before its registers.
func (c *Frames) Varargs(f *Frame, code *Code) []Value {
	return c.regs[f.R-max(f.NArgs-code.Params, 0) : f.R]
}

// Into returns the registers from first on, with room for n.
func (s *State) Into(c *Frames, first, n int) []Value {
	if first+n > len(c.regs) {
		s.grow(c, first+n)
	}
	return c.regs[first : first+n]
}

// spareRegisters are those that there are beyond what was asked for.
const spareRegisters = 16

// grow makes room for registers below size; an error says that there are too many.
func (s *State) grow(c *Frames, size int) {
	most := max(s.Reg.MaxSize, len(s.Reg.array))
	if size > most {
		if f := s.currentFrame; f.Pc == 0 {
			f.Pc = 1 // gopher-lua says where it is
		}
		resize(s.Reg, size) // raises the error
	}
	regs := make([]Value, max(size+spareRegisters, min(2*len(c.regs), most)))
	for i := copy(regs, c.regs); i < len(regs); i++ {
		regs[i].n = tagNil
	}
	c.regs = regs
	for u := c.open; u != nil; u = u.next {
		u.v = &regs[u.index]
	}
}

// Registers returns the registers of all calls.
func (c *Frames) Registers() []Value { return c.regs }

// Register returns register n of f, a Lua function.
func (c *Frames) Register(f *Frame, n int) *Value { return &c.regs[f.R+n] }

// End returns where registers begin that no call in use needs, f being the innermost one.
// Held are others that are in use: values for an instruction that takes all that there
// are, while a hook runs before it.
func (c *Frames) End(f *Frame) int {
	for ; f != nil; f = f.Parent {
		if !f.Fn.IsG && f.R >= 0 {
			return max(f.R+CodeOf(f.Fn.Proto).Registers, c.Held)
		}
	}
	return 0
}

// Begin lays out the registers of f, a Lua function that gopher-lua calls: its arguments are
// in the registry.
func (s *State) Begin(c *Frames, f *Frame, code *Code) {
	first := c.End(f.Parent)
	args := s.Into(c, first, f.NArgs)
	for i := range args {
		from := f.Base + 1 + i
		if i < code.Params {
			from = f.LocalBase + i
		}
		args[i] = ValueOf(s.Reg.array[from])
	}
	f.LocalBase = f.Base
	s.Reg.setTop(f.Base)
	s.layOut(c, f, code, first)
}

// CallLua makes a call of a Lua function current that stands in the registry at base, with nargs
// arguments behind it. The stack has room.
func (s *State) CallLua(c *Frames, fn *lua.LFunction, code *Code, base, nargs, nret int) *Frame {
	f := s.call(c, fn, base, nargs, nret)
	s.Begin(c, f, code)
	return f
}

// Give puts values, the results of f, into the registry, where the Go code that has called it
// wants them.
func (s *State) Give(f *Frame, values []Value) {
	r := s.Reg
	to, want := f.ReturnBase, f.NRet
	if want < 0 {
		want = len(values)
	}
	end := to + want
	r.Need(end)
	shows := s.showsResults(f)
	for i := range want {
		if i < len(values) {
			v := values[i].LValue(r.Numbers)
			if shows {
				Turn(v)
			}
			r.array[to+i] = v
		} else {
			r.array[to+i] = lua.LNil
		}
	}
	if end <= r.Top {
		r.lower(end)
	}
	r.Top = end
}

// Leave ends the call f, which is current.
func (s *State) Leave(c *Frames, f *Frame) {
	c.sp--
	s.currentFrame = f.Parent
}

// TailCall lets a call of fn take the place of f; its nargs arguments stand in the registers
// from at on. First is where those of f's own call stood.
func (s *State) TailCall(c *Frames, f *Frame, fn *lua.LFunction, code *Code, first, at, nargs int) {
	copy(c.regs[first:], c.regs[at:at+nargs])
	f.Fn, f.Pc, f.NArgs = fn, 0, nargs
	f.TailCall++
	s.layOut(c, f, code, first)
}

// setTop lowers or raises the top, as gopher-lua's SetTop.
func (r *Registry) setTop(top int) {
	if top <= r.Top {
		r.lower(top)
		return
	}
	r.Need(top)
	for i := r.Top; i < top; i++ {
		r.array[i] = lua.LNil
	}
	r.Top = top
}

// forgotten is how many values may stay behind above the top, out of use, until
// others take their place; of more the collector would keep too much.
const forgotten = 16

func (r *Registry) lower(top int) {
	if r.Top-top > forgotten {
		clear(r.array[top:r.Top])
	}
	r.Top = top
}

// Forget lets go of the values that have stayed behind next above the top, and of
// registers next above those in use.
func (s *State) Forget() {
	r := s.Reg
	clear(r.array[r.Top:min(r.Top+forgotten, len(r.array))])
	if c, ok := s.Stack.(*Frames); ok {
		end := c.End(s.currentFrame)
		SetNil(c.regs[min(end, len(c.regs)):min(end+2*forgotten, len(c.regs))])
	}
}

// ClearUnused lets go of what calls that have ended have left behind.
func (s *State) ClearUnused() {
	clear(s.Reg.array[s.Reg.Top:])
	if c, ok := s.Stack.(*Frames); ok {
		SetNil(c.regs[min(c.End(s.currentFrame), len(c.regs)):])
	}
}

// Need makes room for values below size.
func (r *Registry) Need(size int) {
	if size > len(r.array) {
		resize(r, size)
	}
}

// InUse returns how many registers of f, a Lua function, hold something at its present
// instruction: those below what it has called, or all.
func (c *Frames) InUse(f *Frame) int {
	if inst, call := f.Code(); call && f.Idx+1 < c.sp {
		return A(inst)
	}
	return CodeOf(f.Fn.Proto).Registers
}
