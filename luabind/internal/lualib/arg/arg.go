// Package arg checks the arguments of Go functions as Lua 5.1's lauxlib does
// those of functions in C, and raises errors with its messages.
//
// gopher-lua's own checks take no numbers in strings, word errors otherwise, and
// name a position where Lua, for a function called from C, has none.
package arg

import (
	"fmt"
	"math"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/numeral"
)

func String(L *lua.LState, n int) string {
	switch v := L.Get(n).(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return numeral.Format(v)
	}
	TypeError(L, n, "string")
	return ""
}

func Number(L *lua.LState, n int) float64 {
	if s, ok := L.Get(n).(lua.LString); ok {
		if f, ok := glua.Number(L, string(s), numeral.Parse); ok {
			return float64(f)
		}
		TypeError(L, n, "number")
	}
	f, ok := ToNumber(L.Get(n))
	if !ok {
		TypeError(L, n, "number")
	}
	return f
}

// ToNumber converts a number, or a string that holds one.
func ToNumber(v lua.LValue) (f float64, ok bool) {
	switch v := v.(type) {
	case lua.LNumber:
		return float64(v), true
	case lua.LString:
		n, ok := numeral.Parse(string(v))
		return float64(n), ok
	}
	return 0, false
}

func Int(L *lua.LState, n int) int64 { return ToInt(Number(L, n)) }

func Table(L *lua.LState, n int) *lua.LTable {
	t, ok := L.Get(n).(*lua.LTable)
	if !ok {
		TypeError(L, n, "table")
	}
	return t
}

func Function(L *lua.LState, n int) *lua.LFunction {
	f, ok := L.Get(n).(*lua.LFunction)
	if !ok {
		TypeError(L, n, "function")
	}
	return f
}

// Value returns what the userdata in argument n holds; nil: it is no userdata.
func Value(L *lua.LState, n int) any {
	if ud, ok := glua.Inside(L).Arg(n).(*lua.LUserData); ok {
		return ud.Value
	}
	return nil
}

// Any returns an argument of any type that was given.
func Any(L *lua.LState, n int) lua.LValue {
	if n > L.GetTop() {
		Error(L, n, "value expected")
	}
	return L.Get(n)
}

// IsCallable says whether v is a function, or a value whose __call is one.
func IsCallable(L *lua.LState, v lua.LValue) bool {
	return v.Type() == lua.LTFunction || glua.Metamethod(L, v, "__call").Type() == lua.LTFunction
}

// Callable raises the error of calling v from Go, unless it can be called.
func Callable(L *lua.LState, v lua.LValue) {
	if !IsCallable(L, v) {
		L.Error(lua.LString("attempt to call a "+v.Type().String()+" value"), 0)
	}
}

// Int32 is for arguments that Lua 5.1 takes as an int of C.
func Int32(L *lua.LState, n int) int { return int(int32(Int(L, n))) }

// A Pace is how far a function has come that takes long: it looks at the context of L now
// and then.
type Pace struct {
	L    *lua.LState
	left int
}

// Go is called before n more steps, of some nanoseconds each.
func (p *Pace) Go(n int) {
	const between = 1 << 16
	if p.left -= n; p.left < 0 {
		p.left = between
		Look(p.L)
	}
}

// Look raises an error if the context of L has ended. What takes long calls it
// now and then.
func Look(L *lua.LState) {
	if ctx := L.Context(); ctx != nil {
		if err := ctx.Err(); err != nil {
			Raise(L, "%s", err)
		}
	}
}

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
	kind, name := glua.Inside(L).Frame().CalledAs()
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
func Where(L *lua.LState) string { return glua.Inside(L).Frame().Parent.Where() }

// WhereAt is the position of the function at a level, 0 being the one that runs.
func WhereAt(L *lua.LState, level int) string {
	if level == 1 {
		return Where(L)
	}
	if at, ok := glua.LevelAt(L, level); ok {
		return at.Where()
	}
	return ""
}
