package vm

import (
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
)

// throw raises an error at the present instruction.
func throw(L *lua.LState, message string) {
	L.Error(lua.LString(glua.Inside(L).Frame().Where()+message), 0)
}

// typeError raises the error of doing something to v, which an operand of the
// present instruction names.
func typeError(L *lua.LState, what string, v lua.LValue, operand int) {
	throw(L, describe(glua.Inside(L).Frame(), what, v, operand))
}

// describe words the error of doing something to v, as Lua 5.1's luaG_typeerror
// does. An operand of -1 is no register of f.
func describe(f *glua.Frame, what string, v lua.LValue, operand int) string {
	message := "attempt to " + what + " "
	_, isConstant := glua.Constant(operand)
	if operand >= 0 && !isConstant {
		if kind, name := f.NameOf(operand); kind != "" {
			return message + kind + " '" + name + "' (a " + v.Type().String() + " value)"
		}
	}
	return message + "a " + v.Type().String() + " value"
}

// explain words an error that gopher-lua raises in running an instruction, or in
// checking the arguments of a Go function, as Lua 5.1 does.
func explain(L *lua.LState, message string) string {
	f := glua.Inside(L).Frame()
	switch {
	case f == nil || f.Pc == 0 && !f.Fn.IsG:
		return message
	case f.Fn.IsG:
		return explainArgument(L, message)
	}
	inst := f.Fn.Proto.Code[f.Pc-1]
	switch _, text, _ := strings.Cut(message, ": "); {
	case strings.HasPrefix(text, "attempt to index a non-table object("):
		return f.Where() + explainIndex(L, f, inst, text)
	case text == "attempt to call a non-function object":
		return f.Where() + explainCall(L, f, inst)
	case text == "too many recursions in gettable":
		return f.Where() + "loop in gettable"
	case text == "too many recursions in settable":
		return f.Where() + "loop in settable"
	}
	return message
}

// explainIndex is for a value that has no fields: the one that inst indexes, or
// one that its metamethod led to.
func explainIndex(L *lua.LState, f *glua.Frame, inst uint32, text string) string {
	operand, event := glua.B(inst), "__index"
	switch glua.Opcode(inst) {
	case lua.OP_SETTABLE, lua.OP_SETTABLEKS:
		operand, event = glua.A(inst), "__newindex"
	case lua.OP_GETTABLE, lua.OP_GETTABLEKS, lua.OP_SELF:
	default:
		operand = -1
	}
	if operand >= 0 {
		v := glua.Inside(L).Reg.Values()[f.LocalBase+operand]
		if _, ok := v.(*lua.LTable); !ok && metamethod(L, v, event) == lua.LNil {
			return describe(f, "index", v, operand)
		}
	}
	_, text, _ = strings.Cut(text, "(")
	kind, _, _ := strings.Cut(text, ")")
	return "attempt to index a " + kind + " value"
}

// explainCall is for a value that can't be called.
func explainCall(L *lua.LState, f *glua.Frame, inst uint32) string {
	s := glua.Inside(L)
	switch glua.Opcode(inst) {
	case lua.OP_CALL, lua.OP_TAILCALL:
		return describe(f, "call", s.Reg.Values()[f.LocalBase+glua.A(inst)], glua.A(inst))
	case lua.OP_TFORLOOP:
		return describe(f, "call", s.Reg.Values()[f.LocalBase+glua.A(inst)], -1)
	}
	return "attempt to call a value" // that a metamethod should have been
}

// explainArgument is for what gopher-lua's checks of arguments raise:
// "where bad argument #n to name (what)". Those of lualib/arg put name in quotes.
func explainArgument(L *lua.LState, message string) string {
	_, text, ok := strings.Cut(message, " bad argument #")
	if !ok {
		return message
	}
	number, text, ok := strings.Cut(text, " to ")
	n, err := strconv.Atoi(number)
	open := strings.Index(text, " (")
	if !ok || err != nil || open < 0 || text[0] == '\'' || !strings.HasSuffix(text, ")") {
		return message
	}
	what := text[open+len(" (") : len(text)-1]
	if rest, ok := strings.CutSuffix(what, "got nil"); ok && n > L.GetTop() {
		what = rest + "got no value"
	}
	return arg.Message(L, n, what)
}
