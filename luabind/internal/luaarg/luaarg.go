// Package luaarg checks the arguments of Go functions as Lua 5.1's lauxlib does
// those of functions in C, and raises errors with its messages.
//
// gopher-lua's own checks take no numbers in strings, word errors otherwise, and
// name a position where Lua, for a function called from C, has none.
package luaarg

import (
	"fmt"
	"math"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/luanumber"
	"luaspawn/luabind/internal/vm"
)

func String(L *lua.LState, n int) string {
	switch v := L.Get(n).(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return luanumber.Format(v)
	}
	TypeError(L, n, "string")
	return ""
}

func Number(L *lua.LState, n int) float64 {
	switch v := L.Get(n).(type) {
	case lua.LNumber:
		return float64(v)
	case lua.LString:
		if f, ok := luanumber.Parse(string(v)); ok {
			return float64(f)
		}
	}
	TypeError(L, n, "number")
	return 0
}

func Int(L *lua.LState, n int) int64 { return ToInt(Number(L, n)) }

// OptInt returns or where the argument is missing or nil.
func OptInt(L *lua.LState, n int, or int64) int64 {
	if L.Get(n) == lua.LNil {
		return or
	}
	return Int(L, n)
}

// ToInt converts as C does on x86-64: what doesn't fit is the least integer.
func ToInt(f float64) int64 {
	if f >= -1<<63 && f < 1<<63 {
		return int64(f)
	}
	return math.MinInt64
}

// Raise raises an error behind the position of the Lua code that called the
// running function.
func Raise(L *lua.LState, format string, args ...any) {
	L.Error(lua.LString(Where(L)+fmt.Sprintf(format, args...)), 0)
}

func TypeError(L *lua.LState, n int, want string) {
	got := "no value"
	if n <= L.GetTop() {
		got = L.Get(n).Type().String()
	}
	Error(L, n, want+" expected, got "+got)
}

// Error raises the error of a bad argument of the running function.
func Error(L *lua.LState, n int, message string) {
	L.Error(lua.LString(Message(L, n, message)), 0)
}

// Message is the text of that error, with its position.
func Message(L *lua.LState, n int, message string) string {
	kind, name := vm.Inside(L).CurrentFrame.CalledAs()
	switch {
	case kind == "":
		name = "?"
	case kind == "method":
		if n--; n == 0 {
			return fmt.Sprintf("%scalling '%s' on bad self (%s)", Where(L), name, message)
		}
	}
	return fmt.Sprintf("%sbad argument #%d to '%s' (%s)", Where(L), n, name, message)
}

// Where is the position of the running function's caller, "file:line: ", or
// empty where that isn't a Lua function.
func Where(L *lua.LState) string { return vm.Inside(L).CurrentFrame.Parent.Where() }
