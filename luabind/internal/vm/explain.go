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

// explain words an error that gopher-lua raises in checking the arguments of a Go function
// as Lua 5.1 does.
func explain(L *lua.LState, message string) string {
	f := glua.Inside(L).Frame()
	if f != nil && f.Fn.IsG {
		return explainArgument(L, message)
	}
	return message
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
