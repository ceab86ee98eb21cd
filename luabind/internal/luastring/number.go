package luastring

import (
	"math"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// FormatNumber returns n as Lua 5.1 writes numbers: as "%.14g" of C, with
// glibc's inf, -inf, nan and -nan.
func FormatNumber(n lua.LNumber) string {
	var b [32]byte
	return string(appendNumber(b[:0], float64(n)))
}

// appendNumber appends f to b as "%.14g".
func appendNumber(b []byte, f float64) []byte {
	const limit = 1e14 // from here on there is an exponent
	if -limit < f && f < limit {
		if i := int64(f); float64(i) == f && (i != 0 || !math.Signbit(f)) {
			return strconv.AppendInt(b, i, 10)
		}
	}
	if word := notFinite(f); word != "" {
		return append(b, word...)
	}
	return strconv.AppendFloat(b, f, 'g', 14, 64)
}

// notFinite returns glibc's word for an infinity or a NaN; empty for any other.
func notFinite(f float64) string {
	negative := math.Signbit(f)
	switch {
	case math.IsNaN(f) && negative:
		return "-nan"
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	return ""
}

// ParseNumber converts s as Lua 5.1 does when it needs a number: what glibc's
// strtod takes, with space around it. That includes hexadecimal integers and
// floats, inf and nan.
func ParseNumber(s string) (lua.LNumber, bool) {
	s = strings.TrimRight(skipSpace(cString(s)), spaces)
	digits := s
	negative := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		negative = s[0] == '-'
		digits = s[1:]
	}
	if digits == "" {
		return 0, false
	}
	var f float64
	switch {
	case digits[0] > '9':
		var ok bool
		if f, ok = parseWord(digits); !ok {
			return 0, false
		}
	case len(digits) > 1 && digits[0] == '0' && digits[1]|0x20 == 'x':
		exponent, ok := scanFloat(digits[2:], isHexDigit, 'p')
		if !ok {
			return 0, false
		}
		if !exponent {
			digits += "p0" // without which Go doesn't take it
		}
		f, _ = strconv.ParseFloat(digits, 64) // out of range: an infinity or zero, as here
	default:
		if i, ok := parseSmall(digits); ok {
			f = float64(i)
			break
		}
		if _, ok := scanFloat(digits, isDigit, 'e'); !ok {
			return 0, false
		}
		f, _ = strconv.ParseFloat(digits, 64)
	}
	if negative {
		f = -f
	}
	return lua.LNumber(f), true
}

// parseSmall parses what is most often parsed: a few digits.
func parseSmall(s string) (n int, ok bool) {
	if len(s) > 15 {
		return 0, false
	}
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// parseWord parses inf, infinity, nan and nan(letters, digits and underscores).
func parseWord(s string) (float64, bool) {
	switch {
	case strings.EqualFold(s, "inf"), strings.EqualFold(s, "infinity"):
		return math.Inf(1), true
	case len(s) >= 3 && strings.EqualFold(s[:3], "nan"):
		payload := s[3:]
		if payload == "" {
			return math.NaN(), true
		}
		if len(payload) < 2 || payload[0] != '(' || payload[len(payload)-1] != ')' {
			return 0, false
		}
		for _, c := range []byte(payload[1 : len(payload)-1]) {
			if !isAlnum(c) && c != '_' {
				return 0, false
			}
		}
		return math.NaN(), true
	}
	return 0, false
}

// scanFloat says whether s is digits with at most one point in or around them,
// then perhaps mark, a sign and decimal digits, and whether that mark is there.
func scanFloat(s string, isDigit func(byte) bool, mark byte) (exponent, ok bool) {
	i, digits, point := 0, 0, false
	for ; i < len(s); i++ {
		if isDigit(s[i]) {
			digits++
		} else if s[i] == '.' && !point {
			point = true
		} else {
			break
		}
	}
	if digits == 0 {
		return false, false
	}
	if i == len(s) {
		return false, true
	}
	if s[i]|0x20 != mark {
		return false, false
	}
	i++
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	if i == len(s) {
		return false, false
	}
	for ; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false, false
		}
	}
	return true, true
}

// parseBase converts s as C's strtoul does, which wraps negative numbers round
// and takes the greatest for what is too great.
func parseBase(s string, base uint64) (float64, bool) {
	s = skipSpace(cString(s))
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
	return float64(n), true
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

// cString returns s as far as C sees it.
func cString(s string) string {
	if i := strings.IndexByte(s, 0); i >= 0 {
		return s[:i]
	}
	return s
}

// ToNumber is tonumber(v [, base]).
func ToNumber(L *lua.LState) int {
	if v, ok := L.Get(1).(lua.LNumber); ok && L.GetTop() == 1 {
		L.Push(v)
		return 1
	}
	base := int32(optInt(L, 2, 10))
	if base != 10 {
		s := checkString(L, 1)
		if base < 2 || base > 36 {
			argError(L, 2, "base out of range")
		}
		if f, ok := parseBase(s, uint64(base)); ok {
			L.Push(lua.LNumber(f))
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
		if n, ok := ParseNumber(string(v)); ok {
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
	if f := L.GetMetaField(v, "__tostring"); f != lua.LNil {
		L.Push(f)
		L.Push(v)
		L.Call(1, 1)
		return 1
	}
	switch v := v.(type) {
	case lua.LString:
		L.Push(v)
	case lua.LNumber:
		L.Push(lua.LString(FormatNumber(v)))
	default:
		L.Push(lua.LString(v.String()))
	}
	return 1
}

// Printed returns what print writes for v: what the global function tostring, be
// it a script's own, returns for it.
func Printed(L *lua.LState, v lua.LValue) string {
	L.Push(L.GetGlobal("tostring"))
	L.Push(v)
	L.Call(1, 1)
	text := L.Get(-1)
	L.Pop(1)
	switch text := text.(type) {
	case lua.LString:
		return string(text)
	case lua.LNumber:
		return FormatNumber(text)
	}
	raise(L, "'tostring' must return a string to 'print'")
	return ""
}

func checkAny(L *lua.LState, n int) {
	if n > L.GetTop() {
		argError(L, n, "value expected")
	}
}
