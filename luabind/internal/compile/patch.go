package compile

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// maxSetList is the highest number of an OP_SETLIST that has no word of its own.
const maxSetList = 511

// patcher mends the code of a chunk.
type patcher struct {
	literals []lua.LValue
	blocks   *blocks
}

// patch mends the code of function and of those in it.
func (p *patcher) patch(function *lua.FunctionProto, name string) error {
	function.LineDefined &= lineMask
	function.LastLineDefined &= lineMask
	p.blocks.lifetimes(function)
	p.marks(function)
	patchLists(function)
	patchLines(function)
	if pc, ok := closuresFit(function); !ok {
		return &Error{Name: name, Line: function.DbgSourcePositions[pc], Message: "function or expression too complex"}
	}
	if pc, ok := jumps(function); !ok {
		return &Error{Name: name, Line: function.DbgSourcePositions[pc], Message: "control structure too long"}
	}
	if len(function.Constants) > maxConstants {
		return &Error{Name: name, Line: function.LineDefined, Message: "constant table overflow"}
	}
	shrink(function)
	for _, inner := range function.FunctionPrototypes {
		if err := p.patch(inner, name); err != nil {
			return err
		}
	}
	return nil
}

// maxRegisters is how many registers a function of Lua 5.1 has.
const maxRegisters = 250

// closuresFit says whether all closures are made in registers that there are; pc is of one that isn't. The
// compiler counts all registers but theirs, and takes others behind the 256th.
func closuresFit(p *lua.FunctionProto) (pc int, ok bool) {
	for pc = 0; pc < len(p.Code); pc++ {
		inst := p.Code[pc]
		if glua.Opcode(inst) == lua.OP_CLOSURE && glua.A(inst) >= maxRegisters {
			return pc, false
		}
		pc += glua.Following(p, inst)
	}
	return 0, true
}

// shrink lets go of the room for a thousand instructions that the compiler has made for each function: it
// is 15 KB, and stays as long as the function.
func shrink(p *lua.FunctionProto) {
	p.Code = exactly(p.Code)
	p.DbgSourcePositions = exactly(p.DbgSourcePositions)
	p.DbgCalls = exactly(p.DbgCalls)
}

func exactly[T any](list []T) []T {
	if cap(list)-len(list) < 16 {
		return list
	}
	return append(make([]T, 0, len(list)), list...)
}

// maxJump is how far a jump goes.
const maxJump = 1<<17 - 1

// jumps says whether all jumps go where they should; pc is of one that doesn't. The compiler looks at those forward only. One
// that is too far leads elsewhere, the other way; of a while or a repeat that is behind the end where
// the function has less than twice as many instructions as a jump goes far.
func jumps(p *lua.FunctionProto) (pc int, ok bool) {
	if len(p.Code) <= maxJump {
		return 0, true
	}
	var loops []int // where they begin
	for pc = 0; pc < len(p.Code); pc++ {
		inst := p.Code[pc]
		to := pc + 1 + glua.SBx(inst)
		switch glua.Opcode(inst) {
		case lua.OP_JMP:
			if to < 0 || to >= len(p.Code) {
				return pc, false
			}
		case lua.OP_FORPREP:
			loops = append(loops, pc)
		case lua.OP_FORLOOP:
			last := len(loops) - 1
			if to != loops[last]+1 || glua.SBx(p.Code[loops[last]]) != pc-loops[last]-1 {
				return pc, false
			}
			loops = loops[:last]
		}
		pc += glua.Following(p, inst)
	}
	return 0, true
}

// maxConstants is how many constants instructions can name.
const maxConstants = 1 << 18

// marks does what the marks in line numbers say, and takes them away: how many
// variables a goto leaves alone, and which literal stands in place of true or of a name.
func (p *patcher) marks(function *lua.FunctionProto) {
	var index map[lua.LValue]int
	for pc, line := range function.DbgSourcePositions {
		if line <= lineMask {
			continue
		}
		function.DbgSourcePositions[pc] = line & lineMask
		inst := &function.Code[pc]
		switch glua.Opcode(*inst) {
		case lua.OP_CLOSE:
			if locals := line >> gotoShift & gotoMask; locals > 0 {
				*inst = *inst&^glua.AMask | uint32(locals-1)<<glua.AShift
			}
		case lua.OP_LOADBOOL, lua.OP_SETGLOBAL:
			if line&literalMark == 0 {
				continue
			}
			if index == nil {
				index = map[lua.LValue]int{}
			}
			value := p.literals[line>>blockShift&blockMask]
			at, ok := index[value]
			if !ok {
				at = len(function.Constants)
				index[value] = at
				function.Constants = append(function.Constants, value)
			}
			opcode := lua.OP_LOADK
			if glua.Opcode(*inst) == lua.OP_SETGLOBAL {
				opcode = lua.OP_SETGLOBAL
			}
			*inst = uint32(opcode)<<glua.OpcodeShift | *inst&glua.AMask | uint32(at)
		}
	}
}

// patchLines gives instructions the lines that they have in Lua 5.1, where the
// tree has no place for them: a closure is made at its end, the jump behind a
// branch stands at the end of that, and a variable without a value costs nothing
// at the beginning of a function.
func patchLines(p *lua.FunctionProto) {
	lines := p.DbgSourcePositions
	for pc := 0; pc < len(p.Code); pc++ {
		inst := p.Code[pc]
		switch glua.Opcode(inst) {
		case lua.OP_CLOSURE:
			inner := p.FunctionPrototypes[glua.Bx(inst)]
			lines[pc] = max(lines[pc], inner.LastLineDefined&lineMask)
			pc += int(inner.NumUpvalues)
		case lua.OP_JMP:
			if pc > 0 {
				lines[pc] = max(lines[pc], lines[pc-1])
			}
		case lua.OP_SETLIST:
			if glua.C(inst) == 0 {
				pc++
			}
		}
	}
	if len(lines) > 1 && glua.Opcode(p.Code[0]) == lua.OP_LOADNIL {
		lines[0] = lines[1]
	}
}

// patchLists mends long lists in constructors. The compiler stores 50 items at
// a time, and
//
//   - stores the last 50 once more for each named field that follows them, from
//     registers that hold other things by then;
//   - begins with them again where a call that follows gives the rest;
//   - counts only to 511 times 50, and leaves the place for a larger count empty;
//   - counts a call that gives the rest as a named field, for which it makes room.
func patchLists(p *lua.FunctionProto) {
	code := p.Code
	var stored [256]uint32 // of the constructor at each register, in fifties
	var made [256]int      // where that begins
	var fields [256]int    // named ones that were stored
	const nop = uint32(lua.OP_NOP) << glua.OpcodeShift
	for pc := 0; pc < len(code); pc++ {
		inst := code[pc]
		a := inst & glua.AMask >> glua.AShift
		switch int(inst >> glua.OpcodeShift) {
		case lua.OP_CLOSURE:
			pc += int(p.FunctionPrototypes[glua.Bx(inst)].NumUpvalues) // no instructions
		case lua.OP_NEWTABLE:
			stored[a], made[a], fields[a] = 0, pc, 0
		case lua.OP_SETTABLE, lua.OP_SETTABLEKS:
			fields[a]++
		case lua.OP_SETLIST:
			long := inst&glua.CMask == 0
			if inst&glua.BMask == 0 {
				code[made[a]] = code[made[a]]&^glua.CMask | uint32(glua.RoomOperand(fields[a]))<<glua.CShift
			}
			if inst&glua.BMask == glua.ItemsPerFlush && setsField(code[pc-1], a) {
				code[pc] = nop
				if long {
					code[pc+1] = nop
				}
			} else {
				stored[a]++
				if !long {
					code[pc] = inst&^glua.CMask | min(stored[a], maxSetList)<<glua.CShift // see bridge
				} else {
					code[pc+1] = stored[a]
				}
			}
			if long {
				pc++
			}
		}
	}
}

// setsField says whether inst stores a field of the table at register a.
func setsField(inst, a uint32) bool {
	op := int(inst >> glua.OpcodeShift)
	return (op == lua.OP_SETTABLE || op == lua.OP_SETTABLEKS) && inst&glua.AMask>>glua.AShift == a
}
