package snapshot

import (
	"slices"

	lua "github.com/yuin/gopher-lua"
)

// uses is what the code of one prototype, and of those nested in it, can reach
// besides its upvalues.
type uses struct {
	globals  []string // names read or set, each once
	requires []string // modules named in the code: require "x"
	require  bool     // require, with a name that isn't in the code
}

// The layout of an instruction as the VM reads it; the drawing at the top of
// gopher-lua's opcode.go shows another one.
//
//	 31     26 25     18 17      9 8       0
//	| opcode  |    A    |    C    |    B    |
//	| opcode  |    A    |        Bx         |
func opcode(i uint32) int { return int(i >> 26) }
func argA(i uint32) int   { return int(i >> 18 & 0xff) }
func argB(i uint32) int   { return int(i & 0x1ff) }
func argC(i uint32) int   { return int(i >> 9 & 0x1ff) }
func argBx(i uint32) int  { return int(i & 0x3ffff) }

func scan(root *lua.FunctionProto) *uses {
	u := &uses{}
	global, module := map[string]bool{}, map[string]bool{}
	for _, p := range flatten(nil, root) {
		for pc := 0; pc < len(p.Code); pc++ {
			switch i := p.Code[pc]; opcode(i) {
			case lua.OP_GETGLOBAL, lua.OP_SETGLOBAL:
				// Names that are only set count too: strict-mode libraries
				// ask whether a global was declared before.
				name := constant(p, argBx(i))
				if name != "require" {
					global[name] = true
				} else if m, ok := required(p, pc); ok {
					module[m] = true
				} else {
					u.require = true
				}
			case lua.OP_CLOSURE: // followed by one word an upvalue
				pc += int(p.FunctionPrototypes[argBx(i)].NumUpvalues)
			case lua.OP_SETLIST: // C == 0: the next word is a plain number
				if argC(i) == 0 {
					pc++
				}
			}
		}
	}
	u.globals, u.requires = sorted(global), sorted(module)
	return u
}

// required finds the module's name where the code at pc is require "name".
func required(p *lua.FunctionProto, pc int) (string, bool) {
	if pc+2 >= len(p.Code) {
		return "", false
	}
	get, load, call := p.Code[pc], p.Code[pc+1], p.Code[pc+2]
	if opcode(get) != lua.OP_GETGLOBAL ||
		opcode(load) != lua.OP_LOADK || argA(load) != argA(get)+1 ||
		opcode(call) != lua.OP_CALL && opcode(call) != lua.OP_TAILCALL || argA(call) != argA(get) || argB(call) != 2 {
		return "", false
	}
	name, ok := p.Constants[argBx(load)].(lua.LString)
	return string(name), ok
}

func constant(p *lua.FunctionProto, i int) string {
	s, _ := p.Constants[i].(lua.LString)
	return string(s)
}

func sorted(set map[string]bool) []string {
	list := make([]string, 0, len(set))
	for s := range set {
		list = append(list, s)
	}
	slices.Sort(list)
	return list
}
