package vm

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// plain runs one instruction, behind which the current call is, and says whether that has
// ended the call base. It does each of them, in all cases: those that run leaves to it, and
// all while there is a hook.
func plain(L *lua.LState, s *glua.State, c *glua.Frames, base *glua.Frame, inst uint32) (ended bool) {
	f := s.Frame()
	p := f.Fn.Proto
	code := codeOf(p)
	o := operation{L, s, c, f, inst}
	a := glua.A(inst)
	switch op := glua.Opcode(inst); op {
	case lua.OP_MOVE, lua.OP_MOVEN:
		*c.Register(f, a) = *c.Register(f, glua.B(inst))
	case lua.OP_LOADK:
		*c.Register(f, a) = code.Constants[glua.Bx(inst)]
	case lua.OP_LOADBOOL:
		c.Register(f, a).SetBool(glua.B(inst) != 0)
		if glua.C(inst) != 0 {
			f.Pc++
		}
	case lua.OP_LOADNIL:
		for i := a; i <= glua.B(inst); i++ {
			c.Register(f, i).SetNil()
		}
	case lua.OP_GETUPVAL:
		*c.Register(f, a) = *glua.UpvalueOf(f.Fn, uint16(glua.B(inst))).At()
	case lua.OP_SETUPVAL:
		*glua.UpvalueOf(f.Fn, uint16(glua.B(inst))).At() = *c.Register(f, a)
	case lua.OP_GETGLOBAL:
		o.set(a, o.index(f.Fn.Env, p.Constants[glua.Bx(inst)], -1))
	case lua.OP_SETGLOBAL:
		o.setIndex(f.Fn.Env, p.Constants[glua.Bx(inst)], o.register(a), -1)
	case lua.OP_GETTABLE, lua.OP_GETTABLEKS:
		o.set(a, o.index(o.register(glua.B(inst)), o.rk(glua.C(inst)), glua.B(inst)))
	case lua.OP_SELF:
		object := o.register(glua.B(inst))
		v := o.index(object, o.rk(glua.C(inst)), glua.B(inst))
		o.set(a+1, object)
		o.set(a, v)
	case lua.OP_SETTABLE, lua.OP_SETTABLEKS:
		o.setIndex(o.register(a), o.rk(glua.B(inst)), o.rk(glua.C(inst)), a)
	case lua.OP_NEWTABLE:
		o.set(a, glua.NewTable(glua.Room(glua.B(inst)), glua.Room(glua.C(inst))))
	case lua.OP_ADD, lua.OP_SUB, lua.OP_MUL, lua.OP_DIV, lua.OP_MOD, lua.OP_POW:
		o.arithmetic(o.rk(glua.B(inst)), o.rk(glua.C(inst)))
	case lua.OP_UNM:
		x := o.rk(glua.B(inst))
		o.arithmetic(x, x)
	case lua.OP_NOT:
		c.Register(f, a).SetBool(!lua.LVAsBool(o.rk(glua.B(inst))))
	case lua.OP_LEN:
		o.length(o.rk(glua.B(inst)))
	case lua.OP_CONCAT:
		o.concat(glua.B(inst), glua.C(inst))
	case lua.OP_JMP:
		if f.Pc > 1 && glua.Opcode(p.Code[f.Pc-2]) == lua.OP_TFORLOOP && !o.next(glua.A(p.Code[f.Pc-2])) {
			break
		}
		f.Pc += glua.SBx(inst)
		if glua.SBx(inst) < 0 {
			alarmed(L)
		}
	case lua.OP_EQ:
		o.branch(equals(L, o.rk(glua.B(inst)), o.rk(glua.C(inst))))
	case lua.OP_LT:
		o.branch(Less(L, o.rk(glua.B(inst)), o.rk(glua.C(inst))))
	case lua.OP_LE:
		o.branch(lessOrEqual(L, o.rk(glua.B(inst)), o.rk(glua.C(inst))))
	case lua.OP_TEST:
		if c.Register(f, a).Truth() == (glua.C(inst) == 0) {
			f.Pc++
		}
	case lua.OP_TESTSET:
		if v := c.Register(f, glua.B(inst)); v.Truth() != (glua.C(inst) == 0) {
			*c.Register(f, a) = *v
		} else {
			f.Pc++
		}
	case lua.OP_CALL:
		first := f.R + a + 1
		return call(L, s, c, f, first, valuesAt(c, first, glua.B(inst)), glua.C(inst)-1, first-1)
	case lua.OP_TAILCALL:
		first := f.R + a + 1
		nargs := valuesAt(c, first, glua.B(inst))
		called := c.Registers()[first-1]
		if called.IsFunction() && !called.Function().IsG {
			tailCall(s, c, f, called.Function(), first, nargs)
			return false
		}
		return call(L, s, c, f, first, nargs, -1, first-1) // the return of all of these follows
	case lua.OP_RETURN:
		c.CloseUpvalues(f.R)
		in := code.Ins[f.Pc-1]
		if giveOut(L, s, c, base, f, in) {
			return true
		}
		giveBack(s, c, f, code, in)
	case lua.OP_FORLOOP:
		index, limit, step := c.Register(f, a), c.Register(f, a+1).Float(), c.Register(f, a+2).Float()
		i := index.Float() + step
		if step > 0 && i <= limit || step <= 0 && i >= limit {
			index.SetNumber(i)
			c.Register(f, a+3).SetNumber(i)
			f.Pc += glua.SBx(inst)
			alarmed(L)
		}
	case lua.OP_FORPREP:
		o.prepareFor(a)
		f.Pc += glua.SBx(inst)
	case lua.OP_TFORLOOP:
		at := f.R + a + 3
		copy(s.Into(c, at, 3), c.Registers()[f.R+a:at])
		return call(L, s, c, f, at+1, 2, glua.C(inst), at) // the jump back follows
	case lua.OP_SETLIST:
		o.setList(a)
	case lua.OP_CLOSE:
		c.CloseUpvalues(f.R + a)
	case lua.OP_CLOSURE:
		fn := newClosure(c, f, p, f.Pc-1)
		o.set(a, fn)
		f.Pc += int(fn.Proto.NumUpvalues)
	case lua.OP_VARARG:
		putVarargs(s, c, f, code, a, glua.B(inst)-1)
	}
	return false
}

// An operation is one instruction that runs.
type operation struct {
	L    *lua.LState
	s    *glua.State
	c    *glua.Frames
	f    *glua.Frame
	inst uint32
}

func (o *operation) register(n int) lua.LValue {
	return o.c.Register(o.f, n).LValue(o.s.Reg.Numbers)
}

func (o *operation) set(n int, v lua.LValue) { *o.c.Register(o.f, n) = glua.ValueOf(v) }

// rk returns what an operand, B or C, names: a register or a constant.
func (o *operation) rk(operand int) lua.LValue {
	if n, ok := glua.Constant(operand); ok {
		return o.f.Fn.Proto.Constants[n]
	}
	return o.register(operand)
}

// branch skips the jump after a comparison unless it came out as the instruction wants it.
func (o *operation) branch(holds bool) {
	if holds == (glua.A(o.inst) == 0) {
		o.f.Pc++
	}
}

// index is v[key]; v is an operand of the instruction, or -1.
func (o *operation) index(v, key lua.LValue, operand int) lua.LValue {
	result, ok := get(o.L, v, key)
	if !ok {
		indexError(o.L, v, result, operand, "gettable")
	}
	return result
}

// setIndex is v[key] = value.
func (o *operation) setIndex(v, key, value lua.LValue, operand int) {
	if wrong, ok := set(o.L, v, key, value); !ok {
		setError(o.L, v, wrong, key, operand)
	}
}

// setError raises the error of what set has returned as wrong.
func setError(L *lua.LState, v, wrong, key lua.LValue, operand int) {
	if _, isTable := wrong.(*lua.LTable); isTable {
		throw(L, keyError(key))
	}
	indexError(L, v, wrong, operand, "settable")
}

func keyError(key lua.LValue) string {
	if isNil(key) {
		return "table index is nil"
	}
	return "table index is NaN"
}

// indexError raises the error of having come, by v's metamethods, to wrong, which has no
// fields; nil: to no end.
func indexError(L *lua.LState, v, wrong lua.LValue, operand int, what string) {
	switch {
	case wrong == nil:
		throw(L, "loop in "+what)
	case wrong == v:
		typeError(L, "index", v, operand)
	}
	typeError(L, "index", wrong, -1)
}

// setList stores a part of the list in a constructor.
func (o *operation) setList(a int) {
	n, part := glua.B(o.inst), glua.C(o.inst)
	if part == 0 {
		part = int(o.f.Fn.Proto.Code[o.f.Pc])
		o.f.Pc++
	}
	first := o.f.R + a + 1
	if n == 0 {
		n = o.c.Top - first
	}
	o.c.Register(o.f, a).Table().SetList(1+(part-1)*glua.ItemsPerFlush, o.c.Registers()[first:first+n])
}

// prepareFor is the start of a numeric for.
func (o *operation) prepareFor(a int) {
	var values [3]lua.LNumber
	for i, what := range [...]string{"initial value", "limit", "step"} {
		n, ok := toNumber(o.L, o.register(a+i))
		if !ok {
			throw(o.L, "'for' "+what+" must be a number")
		}
		values[i] = n
		*o.c.Register(o.f, a+i) = glua.NumberValue(float64(n))
	}
	*o.c.Register(o.f, a) = glua.NumberValue(float64(values[0] - values[2]))
}

// next ends the call that an OP_TFORLOOP has made, and says whether the loop goes on.
func (o *operation) next(a int) bool {
	v := o.c.Register(o.f, a+3)
	if v.IsNil() {
		return false
	}
	*o.c.Register(o.f, a+2) = *v
	return true
}
