// Package luaarg checks the arguments of Go functions as Lua 5.1's lauxlib does
// those of functions in C, and raises errors with its messages.
//
// gopher-lua's own checks take no numbers in strings, word errors otherwise, and
// name a position where Lua, for a function called from C, has none.
package luaarg

import (
	"fmt"
	"math"
	"reflect"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/luanumber"
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

func Error(L *lua.LState, n int, message string) {
	name, method := CalledAs(L)
	if method {
		n--
	}
	if n == 0 {
		Raise(L, "calling '%s' on bad self (%s)", name, message)
	}
	Raise(L, "bad argument #%d to '%s' (%s)", n, name, message)
}

// Where is the position of the running function's caller, "file:line: ", or
// empty where that isn't a Lua function.
func Where(L *lua.LState) string {
	dbg, _, ok := caller(L)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%s:%d: ", dbg.Source, dbg.CurrentLine)
}

// caller returns the Lua function that has called the running function.
func caller(L *lua.LState) (*lua.Debug, *lua.LFunction, bool) {
	dbg, ok := L.GetStack(1)
	if !ok {
		return nil, nil, false
	}
	v, err := L.GetInfo("Slf", dbg, lua.LNil)
	f, _ := v.(*lua.LFunction)
	return dbg, f, err == nil && f != nil && !f.IsG
}

// CalledAs returns the name by which the running function was called, "?" if it
// has none there, and whether that was a call of a method.
func CalledAs(L *lua.LState) (name string, method bool) {
	dbg, f, ok := caller(L)
	if !ok {
		return "?", false
	}
	// The calling instruction: gopher-lua doesn't export its number. Reading it
	// by reflection can go when Debug tells it.
	frame := reflect.ValueOf(dbg).Elem().FieldByName("frame")
	if frame.Kind() != reflect.Pointer || frame.IsNil() {
		return "?", false
	}
	field := frame.Elem().FieldByName("Pc")
	if field.Kind() != reflect.Int {
		return "?", false
	}
	pc := int(field.Int()) - 1
	code := f.Proto.Code
	if pc < 0 || pc >= len(code) {
		return "?", false
	}
	if opcode(code[pc]) == lua.OP_TFORLOOP {
		return "(for generator)", false
	}
	for _, call := range f.Proto.DbgCalls {
		if call.Pc == pc {
			return call.Name, isMethodCall(code, pc)
		}
	}
	return "?", false
}

// isMethodCall says whether the function that the instruction at pc calls was
// loaded by SELF. Between the two, arguments use higher registers only.
func isMethodCall(code []uint32, pc int) bool {
	function := register(code[pc])
	for pc--; pc >= 0; pc-- {
		switch opcode(code[pc]) {
		case lua.OP_SELF:
			if register(code[pc]) == function {
				return true
			}
		case lua.OP_CALL, lua.OP_TAILCALL:
			if register(code[pc]) <= function {
				return false
			}
		}
	}
	return false
}

func opcode(instruction uint32) int   { return int(instruction >> 26) }
func register(instruction uint32) int { return int(instruction >> 18 & 0xff) }
