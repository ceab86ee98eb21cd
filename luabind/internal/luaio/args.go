package luaio

import (
	"fmt"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// The arguments of Lua functions, checked as lauxlib does and with its messages.
// Those of gopher-lua word them otherwise.

// raise raises an error with the position of the Lua function that called; there
// is none if a Go function did, such as pcall.
func raise(L *lua.LState, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if source, line, ok := luaCaller(L); ok {
		message = fmt.Sprintf("%s:%d: %s", source, line, message)
	}
	L.Error(lua.LString(message), 0)
}

// luaCaller returns where the function that runs was called, if Lua called it.
func luaCaller(L *lua.LState) (source string, line int, ok bool) {
	caller, ok := L.GetStack(1)
	if !ok {
		return "", 0, false
	}
	_, err := L.GetInfo("Sl", caller, lua.LNil)
	return caller.Source, caller.CurrentLine, err == nil && caller.CurrentLine > 0
}

// argError raises that argument n is wrong. In a call of a method the file
// isn't counted; a script that calls f.read(f, x) is told the same.
func argError(L *lua.LState, n int, format string, args ...any) {
	name := "?"
	self, ok := L.GetStack(0)
	if _, _, byLua := luaCaller(L); ok && byLua {
		if _, err := L.GetInfo("n", self, lua.LNil); err == nil && !strings.HasPrefix(self.Name, "(") {
			name = self.Name
		}
	}
	if _, ok := fileArg(L); ok {
		switch name {
		case "close", "flush", "lines", "read", "seek", "setvbuf", "write":
			n--
		}
	}
	raise(L, "bad argument #%d to '%s' (%s)", n, name, fmt.Sprintf(format, args...))
}

func typeError(L *lua.LState, n int, expected string) {
	argError(L, n, "%s expected, got %s", expected, typeName(L, n))
}

func typeName(L *lua.LState, n int) string {
	if n > L.GetTop() {
		return "no value"
	}
	return L.Get(n).Type().String()
}

func checkString(L *lua.LState, n int) string {
	switch v := L.Get(n).(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return formatNumber(float64(v))
	}
	typeError(L, n, "string")
	return ""
}

func checkNumber(L *lua.LState, n int) float64 {
	number, ok := toNumber(L.Get(n))
	if !ok {
		typeError(L, n, "number")
	}
	return number
}

func checkTable(L *lua.LState, n int) *lua.LTable {
	t, ok := L.Get(n).(*lua.LTable)
	if !ok {
		typeError(L, n, "table")
	}
	return t
}

// checkOption returns the index of argument n among the options.
func checkOption(L *lua.LState, n int, options ...string) int {
	s := checkString(L, n)
	for i, o := range options {
		if s == o {
			return i
		}
	}
	argError(L, n, "invalid option '%s'", s)
	return 0
}

// toNumber converts a number or a string that reads as one.
func toNumber(v lua.LValue) (float64, bool) {
	switch v := v.(type) {
	case lua.LNumber:
		return float64(v), true
	case lua.LString:
		return parseNumber(string(v))
	}
	return 0, false
}

// toInteger cuts off the fraction. What no integer can hold becomes the lowest
// one, as on the processors that C programs know best.
func toInteger(f float64) int64 {
	if f >= -(1<<63) && f < 1<<63 {
		return int64(f)
	}
	return math.MinInt64
}
