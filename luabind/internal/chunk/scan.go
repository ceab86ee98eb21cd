package chunk

import (
	"slices"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// Uses is what the code of one prototype, and of those nested in it, can reach
// besides its upvalues.
type Uses struct {
	Globals  []string // names read or set, each once
	Requires []string // modules named in the code: require "x"
	Require  bool     // require, with a name that isn't in the code
}

func scan(root *lua.FunctionProto) *Uses {
	u := &Uses{}
	global, module := map[string]bool{}, map[string]bool{}
	for _, p := range flatten(nil, root) {
		for pc := 0; pc < len(p.Code); pc++ {
			switch i := p.Code[pc]; glua.Opcode(i) {
			case lua.OP_GETGLOBAL, lua.OP_SETGLOBAL:
				// Names that are only set count too: strict-mode libraries
				// ask whether a global was declared before.
				name := constant(p, glua.Bx(i))
				if name != "require" {
					global[name] = true
				} else if m, ok := required(p, pc); ok {
					module[m] = true
				} else {
					u.Require = true
				}
			case lua.OP_CLOSURE: // followed by one word an upvalue
				pc += int(p.FunctionPrototypes[glua.Bx(i)].NumUpvalues)
			case lua.OP_SETLIST: // C == 0: the next word is a plain number
				if glua.C(i) == 0 {
					pc++
				}
			}
		}
	}
	u.Globals, u.Requires = sorted(global), sorted(module)
	return u
}

// required finds the module's name where the code at pc is require "name".
func required(p *lua.FunctionProto, pc int) (string, bool) {
	if pc+2 >= len(p.Code) {
		return "", false
	}
	get, load, call := p.Code[pc], p.Code[pc+1], p.Code[pc+2]
	if glua.Opcode(get) != lua.OP_GETGLOBAL ||
		glua.Opcode(load) != lua.OP_LOADK || glua.A(load) != glua.A(get)+1 ||
		glua.Opcode(call) != lua.OP_CALL && glua.Opcode(call) != lua.OP_TAILCALL || glua.A(call) != glua.A(get) || glua.B(call) != 2 {
		return "", false
	}
	name, ok := p.Constants[glua.Bx(load)].(lua.LString)
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
