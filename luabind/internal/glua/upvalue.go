package glua

import (
	"iter"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// An Upvalue is a variable of a function that stands outside of it: it looks at a
// register until the call that has it ends, then it holds the value by itself.
//
// Those of a Lua function stand where gopher-lua has its own, in a slice of length 0
// and of as much room as there are, so that none of its code takes them for its own. Functions
// in Go have gopher-lua's.
type Upvalue struct {
	v      *Value // into registers, or at closed
	closed Value
	next   *Upvalue // of those that look at registers, with a lower index
	index  int      // of the register
}

// NewUpvalue returns one that holds a value.
func NewUpvalue(v lua.LValue) *Upvalue {
	u := &Upvalue{closed: ValueOf(v)}
	u.v = &u.closed
	return u
}

// Value returns the value.
func (u *Upvalue) Value() lua.LValue { return u.v.LValue(nil) }

// SetValue sets it.
func (u *Upvalue) SetValue(v lua.LValue) { *u.v = ValueOf(v) }

// At returns where the value is at present.
func (u *Upvalue) At() *Value { return u.v }

// Upvalues returns those of a Lua function. They may be replaced in it.
func Upvalues(f *lua.LFunction) []*Upvalue {
	if len(f.Upvalues) > 0 {
		adopt(f)
	}
	return unsafe.Slice((**Upvalue)(unsafe.Pointer(unsafe.SliceData(f.Upvalues))), cap(f.Upvalues))
}

// UpvalueOf is Upvalues(f)[i], which there must be.
func UpvalueOf(f *lua.LFunction, i uint16) *Upvalue {
	if len(f.Upvalues) > 0 {
		adopt(f)
	}
	return *(**Upvalue)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(f.Upvalues)), uintptr(i)*unsafe.Sizeof(f)))
}

// adopt gives a Lua function that gopher-lua has made upvalues of this package.
func adopt(f *lua.LFunction) {
	ours := make([]*Upvalue, len(f.Upvalues))
	for i, u := range f.Upvalues {
		var v lua.LValue = lua.LNil
		if u != nil {
			v = u.Value()
		}
		ours[i] = NewUpvalue(v)
	}
	setUpvalues(f, ours)
}

func setUpvalues(f *lua.LFunction, list []*Upvalue) {
	f.Upvalues = unsafe.Slice((**lua.Upvalue)(unsafe.Pointer(unsafe.SliceData(list))), len(list))[:0]
}

// Captures says whether a function, in Lua or in Go, has upvalues.
func Captures(f *lua.LFunction) bool {
	return len(f.Upvalues) > 0 || !f.IsG && cap(f.Upvalues) > 0
}

// Captured yields the values of a function's upvalues, in Lua or in Go.
func Captured(f *lua.LFunction) iter.Seq[lua.LValue] {
	return func(yield func(lua.LValue) bool) {
		if !f.IsG {
			for _, u := range Upvalues(f) {
				if !yield(u.Value()) {
					return
				}
			}
			return
		}
		for _, u := range f.Upvalues {
			if u == nil && !yield(lua.LNil) || u != nil && !yield(u.Value()) {
				return
			}
		}
	}
}

// NewClosure returns a function of p whose upvalues are to be set. Few of them
// are allocated together with it.
func NewClosure(p *lua.FunctionProto, env *lua.LTable) *lua.LFunction {
	var fn *lua.LFunction
	switch p.NumUpvalues {
	case 0:
		fn = &lua.LFunction{}
	case 1:
		one := &struct {
			lua.LFunction
			upvalues [1]*Upvalue
		}{}
		fn = &one.LFunction
		setUpvalues(fn, one.upvalues[:])
	case 2:
		two := &struct {
			lua.LFunction
			upvalues [2]*Upvalue
		}{}
		fn = &two.LFunction
		setUpvalues(fn, two.upvalues[:])
	default:
		fn = &lua.LFunction{}
		setUpvalues(fn, make([]*Upvalue, p.NumUpvalues))
	}
	fn.Env, fn.Proto = env, p
	return fn
}

// FindUpvalue returns the one that looks at a register, a new one if none does.
func (c *Frames) FindUpvalue(index int) *Upvalue {
	p := &c.open
	for *p != nil && (*p).index > index {
		p = &(*p).next
	}
	if *p != nil && (*p).index == index {
		return *p
	}
	u := &Upvalue{v: &c.regs[index], index: index, next: *p}
	*p = u
	return u
}

// CloseUpvalues lets those of registers from index on hold their values themselves.
func (c *Frames) CloseUpvalues(index int) {
	for u := c.open; u != nil && u.index >= index; u = c.open {
		c.open = u.next
		u.closed, u.next = *u.v, nil
		u.v = &u.closed
	}
}

// Open says whether an upvalue looks at a register from index on.
func (c *Frames) Open(index int) bool { return c.open != nil && c.open.index >= index }
