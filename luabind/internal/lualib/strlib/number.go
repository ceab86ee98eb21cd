package strlib

import (
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/lualib/numeral"
	"luaspawn/luabind/internal/vm"
)

// ToNumber is tonumber(v [, base]).
func ToNumber(L *lua.LState) int {
	if v, ok := L.Get(1).(lua.LNumber); ok && L.GetTop() == 1 {
		L.Push(v)
		return 1
	}
	base := int32(arg.OptInt(L, 2, 10))
	if base != 10 {
		s := arg.String(L, 1)
		if base < 2 || base > 36 {
			arg.Error(L, 2, "base out of range")
		}
		inBase := func(s string) (lua.LNumber, bool) { return parseBase(s, uint64(base)) }
		if n, ok := glua.Number(L, s, inBase); ok {
			L.Push(n)
			return 1
		}
		L.Push(lua.LNil)
		return 1
	}
	checkAny(L, 1)
	switch v := L.Get(1).(type) {
	case lua.LNumber:
		L.Push(v)
		return 1
	case lua.LString:
		if n, ok := glua.Number(L, string(v), numeral.Parse); ok {
			L.Push(n)
			return 1
		}
	}
	L.Push(lua.LNil)
	return 1
}

// ToString is tostring(v). As in Lua 5.1, __tostring may return what it likes.
func ToString(L *lua.LState) int {
	checkAny(L, 1)
	v := L.Get(1)
	if f := glua.Metamethod(L, v, "__tostring"); f != lua.LNil {
		arg.Callable(L, f)
		L.Push(f)
		L.Push(v)
		glua.Call(L, 1, 1)
		return 1
	}
	switch v := v.(type) {
	case lua.LString:
		L.Push(v)
	case lua.LNumber:
		L.Push(lua.LString(numeral.Format(v)))
	default:
		L.Push(lua.LString(v.String()))
	}
	return 1
}

// Printed returns what print writes for v: what the global function tostring, be
// it a script's own, returns for it.
func Printed(L *lua.LState, v lua.LValue) string {
	f := vm.Field(L, L.G.Global, "tostring")
	arg.Callable(L, f)
	L.Push(f)
	L.Push(v)
	glua.Call(L, 1, 1)
	text := L.Get(-1)
	L.Pop(1)
	switch text := text.(type) {
	case lua.LString:
		return string(text)
	case lua.LNumber:
		return numeral.Format(text)
	}
	arg.Raise(L, "'tostring' must return a string to 'print'")
	return ""
}

func checkAny(L *lua.LState, n int) {
	if n > L.GetTop() {
		arg.Error(L, n, "value expected")
	}
}

// parseBase converts s as C's strtoul does, which wraps negative numbers round
// and takes the greatest for what is too great.
func parseBase(s string, base uint64) (lua.LNumber, bool) {
	s = skipSpace(numeral.CString(s))
	negative := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		negative = s[0] == '-'
		s = s[1:]
	}
	if base == 16 && len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' && isHexDigit(s[2]) {
		s = s[2:]
	}
	var n uint64
	overflow := false
	i := 0
	for ; i < len(s); i++ {
		d := digitValue(s[i])
		if d >= base {
			break
		}
		overflow = overflow || n > (math.MaxUint64-d)/base
		n = n*base + d
	}
	if i == 0 || skipSpace(s[i:]) != "" {
		return 0, false
	}
	if overflow {
		n = math.MaxUint64
	} else if negative {
		n = -n
	}
	return lua.LNumber(n), true
}

// digitValue returns 36 for what isn't a digit of any base.
func digitValue(c byte) uint64 {
	switch lower := c | 0x20; {
	case isDigit(c):
		return uint64(c - '0')
	case 'a' <= lower && lower <= 'z':
		return uint64(lower-'a') + 10
	}
	return 36
}

const spaces = " \t\n\v\f\r"

func skipSpace(s string) string { return strings.TrimLeft(s, spaces) }
