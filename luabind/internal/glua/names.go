package glua

import lua "github.com/yuin/gopher-lua"

// NameOf returns what a register of f, a Lua function, holds at its present
// instruction, as Lua 5.1's getobjname does: "local", "global", "field",
// "upvalue" or "method", and the name of that. The kind is empty where the code
// doesn't say.
func (f *Frame) NameOf(register int) (kind, name string) {
	return nameOf(f.Fn, register, f.Pc-1)
}

// CalledAs returns by what its caller has called f, as NameOf does. The kind is
// empty where that is not known: the caller is a Go function, or f has taken the
// place of what it had called.
func (f *Frame) CalledAs() (kind, name string) {
	caller := f.Parent
	if caller == nil || caller.Fn.IsG || caller.Pc == 0 || f.TailCall > 0 && !f.Fn.IsG {
		return "", ""
	}
	inst := caller.Fn.Proto.Code[caller.Pc-1]
	switch Opcode(inst) {
	case lua.OP_CALL, lua.OP_TAILCALL, lua.OP_TFORLOOP:
		return caller.NameOf(A(inst))
	}
	return "", "" // a metamethod
}

func nameOf(fn *lua.LFunction, register, pc int) (kind, name string) {
	p := fn.Proto
	if name, ok := localName(p, register, pc); ok && !temporary(name) {
		return "local", name
	}
	set := lastSet(p, register, pc)
	if set < 0 {
		return "", ""
	}
	inst := p.Code[set]
	switch Opcode(inst) {
	case lua.OP_GETGLOBAL:
		return "global", constantName(p, Bx(inst))
	case lua.OP_MOVE, lua.OP_MOVEN:
		if B(inst) < A(inst) {
			return nameOf(fn, B(inst), set)
		}
	case lua.OP_GETTABLE, lua.OP_GETTABLEKS:
		return "field", keyName(p, C(inst), set)
	case lua.OP_SELF:
		return "method", keyName(p, C(inst), set)
	case lua.OP_GETUPVAL:
		if n := B(inst); n < len(p.DbgUpvalues) {
			return "upvalue", p.DbgUpvalues[n]
		}
		return "upvalue", "?"
	}
	return "", ""
}

// temporary says whether name is one of those that package compile gives to variables of its
// own, "(1)": they are named by what they were set to.
func temporary(name string) bool { return len(name) > 1 && name[0] == '(' && name[1] <= '9' }

// keyName returns the key that an operand of the instruction at pc is, "?" if it
// isn't written there. A function of many constants has some in registers.
func keyName(p *lua.FunctionProto, operand, pc int) string {
	if n, ok := Constant(operand); ok {
		return constantName(p, n)
	}
	if _, ok := localName(p, operand, pc); !ok {
		if set := lastSet(p, operand, pc); set >= 0 && Opcode(p.Code[set]) == lua.OP_LOADK {
			return constantName(p, Bx(p.Code[set]))
		}
	}
	return "?"
}

func constantName(p *lua.FunctionProto, n int) string {
	if s, ok := p.Constants[n].(lua.LString); ok {
		return string(s)
	}
	return "?"
}

// lastSet returns the instruction before pc that has set a register, or -1. Like
// Lua 5.1 it takes each jump forward, so that of several ways it looks at one.
func lastSet(p *lua.FunctionProto, register, pc int) int {
	last := -1
	for i := 0; i < pc; i++ {
		inst := p.Code[i]
		a, set := A(inst), false
		switch Opcode(inst) {
		case lua.OP_LOADNIL:
			set = a <= register && register <= B(inst)
		case lua.OP_TFORLOOP:
			set = register >= a+2
		case lua.OP_CALL, lua.OP_TAILCALL, lua.OP_VARARG:
			set = register >= a
		case lua.OP_SELF:
			set = register == a || register == a+1
		case lua.OP_FORLOOP, lua.OP_FORPREP:
			set = a <= register && register <= a+3
		case lua.OP_JMP:
			if to := i + 1 + SBx(inst); i < to && to <= pc {
				i = to - 1
				continue
			}
		case lua.OP_CLOSURE:
			set = register == a
		case lua.OP_SETGLOBAL, lua.OP_SETUPVAL, lua.OP_SETTABLE, lua.OP_SETTABLEKS, lua.OP_SETLIST,
			lua.OP_EQ, lua.OP_LT, lua.OP_LE, lua.OP_TEST, lua.OP_RETURN, lua.OP_CLOSE, lua.OP_NOP:
		default:
			set = register == a
		}
		if set {
			last = i
		}
		i += Following(p, inst)
	}
	return last
}

// Following returns how many words after inst belong to it and are no
// instructions.
func Following(p *lua.FunctionProto, inst uint32) int {
	switch {
	case Opcode(inst) == lua.OP_CLOSURE:
		return int(p.FunctionPrototypes[Bx(inst)].NumUpvalues)
	case Opcode(inst) == lua.OP_SETLIST && C(inst) == 0:
		return 1
	}
	return 0
}

// Local returns the name of the local variable in a register of f, a Lua
// function, at its present instruction.
func (f *Frame) Local(register int) (name string, ok bool) {
	return localName(f.Fn.Proto, register, f.Pc-1)
}

// localName is gopher-lua's LocalName, which takes a variable for dead at its
// first and its last instruction.
func localName(p *lua.FunctionProto, register, pc int) (name string, ok bool) {
	for _, v := range p.DbgLocals {
		if v.StartPc > pc {
			break
		}
		if pc < v.EndPc {
			if register == 0 {
				return v.Name, true
			}
			register--
		}
	}
	return "", false
}
