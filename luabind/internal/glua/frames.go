package glua

import lua "github.com/yuin/gopher-lua"

// Frames is the call stack that a state has after Adopt. It takes memory as it
// gets deeper, as gopher-lua's growing one does, but for a coroutine no more
// than its first calls need, and a call on it is made in place.
type Frames struct {
	segments []*[segment]Frame
	sp       int
	limit    int
	methods  *Methods // of a state and its coroutines
	Watch    *Watch   // of a state and its coroutines
	Cause    error    // of the error that has ended the coroutine; nil: there is none behind it
}

const segment = 16

// Watch is a place for what looks at the calls under way when there is an alarm, see
// Global.Alarm.
type Watch struct{ Watcher interface{ Look() } }

// Adopt gives a state that runs nothing yet a stack of Frames.
func (s *State) Adopt(limit int) {
	frames := &Frames{limit: limit, methods: &Methods{}, Watch: &Watch{}}
	if s.G.MainThread != nil {
		if main, ok := Inside(s.G.MainThread).Stack.(*Frames); ok {
			frames.methods, frames.Watch = main.methods, main.Watch
		}
	}
	for i := range s.Stack.Sp() { // a coroutine has its first call already
		frames.Push(*s.Stack.At(i))
	}
	s.Stack.FreeAll()
	s.Stack = frames
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

func (c *Frames) Push(f Frame) {
	next := c.next()
	f.Idx = next.Idx
	*next = f
}

// next returns the place for one more call, which the stack has room for.
func (c *Frames) next() *Frame {
	i := c.sp
	if uint(i)/segment == uint(len(c.segments)) {
		c.segments = append(c.segments, new([segment]Frame))
	}
	c.sp++
	f := c.At(i)
	f.Idx = i
	return f
}

// Call makes a call of fn current, which stands in the register base of the call
// under way and has nargs arguments behind it. The stack has room.
func (s *State) Call(fn *lua.LFunction, base, nargs, nret int) *Frame {
	f := s.Frames().call(fn, s.currentFrame, base, nargs, nret)
	if fn.IsG {
		s.Reg.setTop(f.LocalBase + nargs)
	} else {
		s.Reg.Begin(f)
	}
	s.currentFrame = f
	return f
}

// call pushes a call whose registers aren't laid out yet.
func (c *Frames) call(fn *lua.LFunction, parent *Frame, base, nargs, nret int) *Frame {
	f := c.next()
	f.Fn, f.Parent = fn, parent
	f.Pc, f.TailCall = 0, 0
	f.Base, f.LocalBase, f.ReturnBase = base, base+1, base
	f.NArgs, f.NRet = nargs, nret
	return f
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

// Forget lets go of the values that have stayed behind next above the top.
func (r *Registry) Forget() { clear(r.array[r.Top:min(r.Top+forgotten, len(r.array))]) }

// Need makes room for registers below size.
func (r *Registry) Need(size int) {
	if size > len(r.array) {
		resize(r, size)
	}
}

// Begin lays out the registers of f, a call of a Lua function whose arguments
// stand behind it.
func (r *Registry) Begin(f *Frame) {
	p := f.Fn.Proto
	params := int(p.NumParameters)
	given := min(f.NArgs, params)
	if p.IsVarArg&lua.VarArgIsVarArg != 0 {
		given = r.vararg(f, params)
	}
	top := f.LocalBase + int(p.NumUsedRegisters)
	r.Need(top)
	rest := r.array[f.LocalBase+given : max(top, f.LocalBase+given)]
	for i := range rest {
		rest[i] = lua.LNil
	}
	r.Top = top
}

// vararg puts the first registers of f behind all its arguments, and returns how
// many it has put there.
func (r *Registry) vararg(f *Frame, params int) int {
	args := f.LocalBase
	n := max(f.NArgs, params) // missing ones are nil
	f.LocalBase += n
	r.Need(f.LocalBase + params + 1)
	for i := f.NArgs; i < params; i++ {
		r.array[args+i] = lua.LNil
	}
	named := r.array[args : args+params]
	copy(r.array[f.LocalBase:], named)
	for i := range named {
		named[i] = lua.LNil
	}
	var arg lua.LValue = lua.LNil
	if f.Fn.Proto.IsVarArg&lua.VarArgNeedsArg != 0 {
		t := &Table{Metatable: lua.LNil, array: append([]lua.LValue(nil), r.array[args+params:args+n]...)}
		arg = t.Outside()
		t.Outside().RawSetString("n", lua.LNumber(n-params))
	}
	r.array[f.LocalBase+params] = arg
	r.Top = f.LocalBase + params + 1
	return params + 1
}

// Return moves the n results of f, which stand in register at, to where its
// caller wants them.
func (r *Registry) Return(f *Frame, at, n int) {
	to, want := f.ReturnBase, f.NRet
	if want < 0 {
		want = n
	}
	end := to + want
	r.Need(end)
	n = copy(r.array[to:end], r.array[at:at+n])
	for i := to + n; i < end; i++ {
		r.array[i] = lua.LNil
	}
	if end <= r.Top {
		r.lower(end)
	}
	r.Top = end
}

// Vararg puts want of the arguments of f beyond those that have names, or all
// if want is negative, into the registers from to on.
func (r *Registry) Vararg(f *Frame, to, want int) {
	from := f.Base + 1 + int(f.Fn.Proto.NumParameters)
	n := max(f.Base+1+f.NArgs-from, 0)
	if want < 0 {
		want = n
	}
	end := to + want
	r.Need(end)
	n = copy(r.array[to:end], r.array[from:from+n])
	for i := to + n; i < end; i++ {
		r.array[i] = lua.LNil
	}
	r.Top = end
}

// TailCall lets a call of fn, in register at with nargs arguments behind it,
// take the place of f.
func (r *Registry) TailCall(f *Frame, fn *lua.LFunction, at, nargs int) {
	top := r.Top
	copy(r.array[f.Base:], r.array[at:at+1+nargs])
	f.Fn, f.Pc, f.LocalBase, f.NArgs = fn, 0, f.Base+1, nargs
	f.TailCall++
	r.Begin(f)
	if now := r.Top; now < top {
		r.Top = top
		r.lower(now)
	}
}
