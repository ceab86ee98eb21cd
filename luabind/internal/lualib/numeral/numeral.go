// Package numeral turns numbers into text and back as Lua 5.1 on glibc does.
package numeral

import (
	"math"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Format returns n as Lua 5.1 writes numbers: as "%.14g" of C, with
// glibc's inf, -inf, nan and -nan.
func Format(n lua.LNumber) string {
	var b [32]byte
	return string(Append(b[:0], float64(n)))
}

// Append appends f to b as "%.14g".
func Append(b []byte, f float64) []byte {
	const limit = 1e14 // from here on there is an exponent
	if -limit < f && f < limit {
		if i := int64(f); float64(i) == f && (i != 0 || !math.Signbit(f)) {
			return strconv.AppendInt(b, i, 10)
		}
	}
	if word := NotFinite(f); word != "" {
		return append(b, word...)
	}
	return strconv.AppendFloat(b, f, 'g', 14, 64)
}

// NotFinite returns glibc's word for an infinity or a NaN; empty for any other.
func NotFinite(f float64) string {
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

// Parse converts s as Lua 5.1 does when it needs a number: what glibc's
// strtod takes, with space around it. That includes hexadecimal integers and
// floats, inf and nan.
func Parse(s string) (lua.LNumber, bool) {
	s = strings.TrimRight(skipSpace(CString(s)), spaces)
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

const spaces = " \t\n\v\f\r"

func skipSpace(s string) string { return strings.TrimLeft(s, spaces) }

// CString returns s as far as C sees it.
func CString(s string) string {
	if i := strings.IndexByte(s, 0); i >= 0 {
		return s[:i]
	}
	return s
}

func isDigit(c byte) bool    { return '0' <= c && c <= '9' }
func isAlnum(c byte) bool    { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' }
func isHexDigit(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }
