package vm

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// The loop doesn't run gopher-lua's instructions but one in the place of each, whose
// operands are told apart beforehand: registers and constants, by how many bytes they are
// away from the first one. A comparison and the jump behind it are one. What is done
// seldom, or has operands too large for these, is opPlain: the loop takes that from
// package function plain, by the instruction of the prototype.
//
// R and K in a name say of operands B and C that they are registers or constants. A
// constant of an arithmetic operation is a number, that of opGetField and its like a string.
const (
	opPlain = iota
	opMove
	opLoadK
	opLoadBoolSkip
	opLoadNil // from A to B
	opGetUpvalue
	opSetUpvalue
	opGetGlobal // B: the name
	opSetGlobal
	opGetTable
	opGetTableK
	opGetField
	opSetTableRR
	opSetTableRK
	opSetTableKR
	opSetTableKK
	opSetFieldR // A[B] = C
	opSetFieldK
	opNewTable
	opSelf
	opAddRR
	opAddRK
	opAddKR
	opSubRR
	opSubRK
	opSubKR
	opMulRR
	opMulRK
	opMulKR
	opDivRR
	opDivRK
	opDivKR
	opModRR
	opModRK
	opModKR
	opUnm
	opNot
	opLen
	opJump // A: how far, as in all that follow
	opLessRR
	opLessRK
	opLessKR
	opLessEqualRR
	opLessEqualRK
	opLessEqualKR
	opNotLessRR
	opNotLessRK
	opNotLessKR
	opNotLessEqualRR
	opNotLessEqualRK
	opNotLessEqualKR
	opEqualRR
	opEqualRK
	opNotEqualRR
	opNotEqualRK
	opTrue  // B
	opFalse // B
	opTrueSet
	opFalseSet
	opCall
	opTailCall
	opReturn
	opReturn0
	opReturn1
	opForLoop
	opForPrep
	opForIn
	opForNext // the jump behind opForIn
	opClosure
	opVararg
	opClose
	opNop
)

// codeOf returns the Code of p, and makes it where there is none yet.
func codeOf(p *lua.FunctionProto) *glua.Code {
	if c := glua.CodeOf(p); c != nil {
		return c
	}
	return translate(p)
}

// far is how far a jump of an Ins goes at most.
const far = math.MaxInt16

func translate(p *lua.FunctionProto) *glua.Code {
	t := translator{p: p, c: &glua.Code{
		Params:    int(p.NumParameters),
		Registers: int(p.NumUsedRegisters),
		Vararg:    p.IsVarArg&lua.VarArgIsVarArg != 0,
		NeedsArg:  p.IsVarArg&lua.VarArgNeedsArg != 0,
		Ins:       make([]glua.Ins, len(p.Code), len(p.Code)+1), // behind the last one the loop points to the spare one
		Constants: make([]glua.Value, 0, len(p.Constants)+2),
	}}
	for _, k := range p.Constants {
		t.c.Constants = append(t.c.Constants, glua.ConstantOf(k))
	}
	t.c.Constants = append(t.c.Constants, glua.False, glua.True)
	for pc := 0; pc < len(p.Code); pc++ {
		inst := p.Code[pc]
		t.c.Ins[pc] = t.ins(pc, inst)
		t.c.Registers = max(t.c.Registers, registersOf(inst))
		pc += glua.Following(p, inst)
	}
	glua.SetCode(p, t.c)
	return t.c
}

type translator struct {
	p *lua.FunctionProto
	c *glua.Code
}

func (t *translator) ins(pc int, inst uint32) glua.Ins {
	plain := glua.Ins{Op: opPlain}
	a, b, c := glua.A(inst), glua.B(inst), glua.C(inst)
	switch op := glua.Opcode(inst); op {
	case lua.OP_MOVE, lua.OP_MOVEN: // behind the second one are as many of the first
		return glua.Ins{Op: opMove, A: at(a), B: at(b)}
	case lua.OP_LOADK:
		if k := glua.Bx(inst); fits(k) {
			return glua.Ins{Op: opLoadK, A: at(a), B: at(k)}
		}
	case lua.OP_LOADBOOL:
		k := len(t.p.Constants) // false, and then true
		if b != 0 {
			k++
		}
		if !fits(k) {
			return plain
		}
		if c != 0 {
			return glua.Ins{Op: opLoadBoolSkip, A: at(a), B: at(k)}
		}
		return glua.Ins{Op: opLoadK, A: at(a), B: at(k)}
	case lua.OP_LOADNIL:
		return glua.Ins{Op: opLoadNil, A: at(a), B: at(b)}
	case lua.OP_GETUPVAL:
		return glua.Ins{Op: opGetUpvalue, A: at(a), B: uint16(b)}
	case lua.OP_SETUPVAL:
		return glua.Ins{Op: opSetUpvalue, A: at(a), B: uint16(b)}
	case lua.OP_GETGLOBAL, lua.OP_SETGLOBAL:
		if k := glua.Bx(inst); fits(k) && t.c.Constants[k].IsString() {
			if op == lua.OP_GETGLOBAL {
				return glua.Ins{Op: opGetGlobal, A: at(a), B: at(k)}
			}
			return glua.Ins{Op: opSetGlobal, A: at(a), B: at(k)}
		}
	case lua.OP_GETTABLE, lua.OP_GETTABLEKS:
		switch k, constant := glua.Constant(c); {
		case !constant:
			return glua.Ins{Op: opGetTable, A: at(a), B: at(b), C: at(c)}
		case t.c.Constants[k].IsString():
			return glua.Ins{Op: opGetField, A: at(a), B: at(b), C: at(k)}
		default:
			return glua.Ins{Op: opGetTableK, A: at(a), B: at(b), C: at(k)}
		}
	case lua.OP_SETTABLE, lua.OP_SETTABLEKS:
		kb, keyConstant := glua.Constant(b)
		if k, ok := t.loaded(pc, b); ok && op == lua.OP_SETTABLEKS && !keyConstant {
			kb, keyConstant = k, true
		}
		kc, valueConstant := glua.Constant(c)
		i := glua.Ins{Op: opSetTableRR, A: at(a), B: at(b &^ (b & 256)), C: at(c &^ (c & 256))}
		switch {
		case keyConstant && t.c.Constants[kb].IsString():
			i.Op, i.B = opSetFieldR, at(kb)
			if valueConstant {
				i.Op, i.C = opSetFieldK, at(kc)
			}
		case keyConstant && valueConstant:
			i.Op = opSetTableKK
		case keyConstant:
			i.Op = opSetTableKR
		case valueConstant:
			i.Op = opSetTableRK
		}
		return i
	case lua.OP_NEWTABLE:
		return glua.Ins{Op: opNewTable, A: at(a), B: uint16(b), C: uint16(c)}
	case lua.OP_SELF:
		if k, constant := glua.Constant(c); constant && t.c.Constants[k].IsString() {
			return glua.Ins{Op: opSelf, A: at(a), B: at(b), C: at(k)}
		}
	case lua.OP_ADD:
		return t.arithmetic(opAddRR, a, b, c)
	case lua.OP_SUB:
		return t.arithmetic(opSubRR, a, b, c)
	case lua.OP_MUL:
		return t.arithmetic(opMulRR, a, b, c)
	case lua.OP_DIV:
		return t.arithmetic(opDivRR, a, b, c)
	case lua.OP_MOD:
		return t.arithmetic(opModRR, a, b, c)
	case lua.OP_UNM:
		return t.unary(opUnm, a, b)
	case lua.OP_NOT:
		return t.unary(opNot, a, b)
	case lua.OP_LEN:
		return t.unary(opLen, a, b)
	case lua.OP_JMP:
		d := glua.SBx(inst)
		if d < -far || d > far {
			return plain
		}
		if pc > 0 && glua.Opcode(t.p.Code[pc-1]) == lua.OP_TFORLOOP {
			return glua.Ins{Op: opForNext, A: at(glua.A(t.p.Code[pc-1])), B: uint16(int16(d))}
		}
		return glua.Ins{Op: opJump, A: uint16(int16(d))}
	case lua.OP_EQ:
		if _, constant := glua.Constant(b); constant {
			b, c = c, b
		}
		if _, constant := glua.Constant(b); constant {
			return plain
		}
		return t.compare(opEqualRR, opNotEqualRR, false, pc, a, b, c)
	case lua.OP_LT:
		return t.compare(opLessRR, opNotLessRR, true, pc, a, b, c)
	case lua.OP_LE:
		return t.compare(opLessEqualRR, opNotLessEqualRR, true, pc, a, b, c)
	case lua.OP_TEST:
		if c == 0 {
			return glua.Ins{Op: opFalse, A: t.jump(pc), B: at(a)}
		}
		return glua.Ins{Op: opTrue, A: t.jump(pc), B: at(a)}
	case lua.OP_TESTSET:
		if c == 0 {
			return glua.Ins{Op: opFalseSet, A: t.jump(pc), B: at(b), C: at(a)}
		}
		return glua.Ins{Op: opTrueSet, A: t.jump(pc), B: at(b), C: at(a)}
	case lua.OP_CALL:
		return glua.Ins{Op: opCall, A: at(a), B: uint16(b), C: uint16(c)}
	case lua.OP_TAILCALL:
		return glua.Ins{Op: opTailCall, A: at(a), B: uint16(b)}
	case lua.OP_RETURN:
		switch b {
		case 1:
			return glua.Ins{Op: opReturn0, A: at(a), B: 1}
		case 2:
			return glua.Ins{Op: opReturn1, A: at(a), B: 2}
		}
		return glua.Ins{Op: opReturn, A: at(a), B: uint16(b)}
	case lua.OP_FORLOOP, lua.OP_FORPREP:
		if d := glua.SBx(inst); -far <= d && d <= far {
			if op == lua.OP_FORLOOP {
				return glua.Ins{Op: opForLoop, A: at(a), B: uint16(int16(d))}
			}
			return glua.Ins{Op: opForPrep, A: at(a), B: uint16(int16(d))}
		}
	case lua.OP_TFORLOOP:
		return glua.Ins{Op: opForIn, A: at(a), C: uint16(c)}
	case lua.OP_CLOSURE:
		return glua.Ins{Op: opClosure, A: at(a)}
	case lua.OP_VARARG:
		return glua.Ins{Op: opVararg, A: at(a), B: uint16(b)}
	case lua.OP_CLOSE:
		return glua.Ins{Op: opClose, A: at(a)}
	case lua.OP_NOP:
		return glua.Ins{Op: opNop}
	}
	return plain
}

// loaded returns which constant a register holds at pc, where it is that of a key: gopher-lua's
// compiler loads it before what is assigned is evaluated, which leaves it alone.
func (t *translator) loaded(pc, register int) (k int, ok bool) {
	const far = 100
	for i := pc - 1; i >= max(0, pc-far); i-- {
		if inst := t.p.Code[i]; glua.Opcode(inst) == lua.OP_LOADK && glua.A(inst) == register {
			k = glua.Bx(inst)
			return k, fits(k)
		}
	}
	return 0, false
}

func (t *translator) unary(op uint16, a, b int) glua.Ins {
	if _, constant := glua.Constant(b); constant {
		return glua.Ins{Op: opPlain}
	}
	return glua.Ins{Op: op, A: at(a), B: at(b)}
}

// arithmetic returns one of three instructions from rr on.
func (t *translator) arithmetic(rr uint16, a, b, c int) glua.Ins {
	kb, leftConstant := glua.Constant(b)
	kc, rightConstant := glua.Constant(c)
	switch {
	case !leftConstant && !rightConstant:
		return glua.Ins{Op: rr, A: at(a), B: at(b), C: at(c)}
	case !leftConstant && t.c.Constants[kc].IsNumber():
		return glua.Ins{Op: rr + 1, A: at(a), B: at(b), C: at(kc)}
	case !rightConstant && t.c.Constants[kb].IsNumber():
		return glua.Ins{Op: rr + 2, A: at(a), B: at(kb), C: at(c)}
	}
	return glua.Ins{Op: opPlain}
}

// compare returns one of the instructions from holds on, or from not on, that jump where
// the comparison comes out as that says. Ordered says that a constant must be a number.
func (t *translator) compare(holds, not uint16, ordered bool, pc, a, b, c int) glua.Ins {
	kb, leftConstant := glua.Constant(b)
	kc, rightConstant := glua.Constant(c)
	i := glua.Ins{Op: holds, A: t.jump(pc), B: at(b), C: at(c)}
	if a == 0 {
		i.Op = not
	}
	switch {
	case leftConstant && rightConstant:
		return glua.Ins{Op: opPlain}
	case rightConstant && (!ordered || t.c.Constants[kc].IsNumber()):
		i.Op, i.C = i.Op+1, at(kc)
	case leftConstant && t.c.Constants[kb].IsNumber():
		i.Op, i.B = i.Op+2, at(kb)
	case leftConstant || rightConstant:
		return glua.Ins{Op: opPlain}
	}
	return i
}

// jump returns how far the jump behind pc goes, counted from itself. It is 0 for one that
// goes back, or too far: then it is left to that.
func (t *translator) jump(pc int) uint16 {
	next := t.p.Code[pc+1]
	if d := glua.SBx(next); glua.Opcode(next) == lua.OP_JMP && d >= 0 && d < far {
		return uint16(d + 1)
	}
	return 0
}

// at returns how far a register, or a constant that fits, is away from the first one.
func at(n int) uint16 { return uint16(n * glua.ValueSize) }

func fits(k int) bool { return k < math.MaxUint16/glua.ValueSize }

// registersOf returns how many registers inst needs at least.
func registersOf(inst uint32) int {
	a, b, c := glua.A(inst), glua.B(inst), glua.C(inst)
	switch glua.Opcode(inst) {
	case lua.OP_LOADNIL:
		return max(a, b) + 1
	case lua.OP_SELF:
		return a + 2
	case lua.OP_CALL, lua.OP_TAILCALL:
		return max(a+1, a+b, a+c-1)
	case lua.OP_RETURN, lua.OP_VARARG:
		return max(a+1, a+b-1)
	case lua.OP_FORLOOP, lua.OP_FORPREP:
		return a + 4
	case lua.OP_TFORLOOP:
		return a + 3 + max(3, c)
	case lua.OP_SETLIST:
		return a + 1 + b
	case lua.OP_CONCAT:
		return max(a, b, c) + 1
	}
	return a + 1
}
