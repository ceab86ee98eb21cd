package strlib

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/lualib/numeral"
)

// conversion is one of the parts of a format that begin with '%':
//
//	"%" { flag } [ digit [ digit ] ] [ "." [ digit [ digit ] ] ] letter
type conversion struct {
	minus, plus, space, alternate, zero bool // the flags - + space # 0

	width     int
	precision int // -1: there is none
	letter    byte
}

// format is string.format(format, ...).
func (lib *library) format(L *lua.LState) int {
	format := arg.String(L, 1)
	b := lib.scratch[:0]
	argument := 1
	pace := arg.Pace{L: L}
	for {
		i := strings.IndexByte(format, '%')
		if i < 0 {
			break
		}
		pace.Go(i + 16)
		b = append(b, format[:i]...)
		format = format[i+1:]
		if len(b) > maxString {
			tooLarge(L)
		}
		if strings.HasPrefix(format, "%") {
			b = append(b, '%')
			format = format[1:]
			continue
		}
		argument++
		if argument > L.GetTop() {
			arg.Error(L, argument, "no value")
		}
		var c conversion
		var message string
		if c, format, message = parseConversion(format); message != "" {
			arg.Raise(L, "%s", message)
		}
		b = c.append(L, b, argument)
		if len(b) > maxString {
			tooLarge(L)
		}
	}
	b = append(b, format...)
	lib.scratch = b
	if cap(b) > 1<<16 {
		lib.scratch = nil
	}
	L.Push(lua.LString(b))
	return 1
}

// parseConversion parses a conversion, without its '%', and returns what follows
// it. The message is empty if all is well.
func parseConversion(s string) (c conversion, rest, message string) {
	i := 0
	for ; i < len(s) && c.flag(s[i]); i++ {
	}
	if i > len("-+ #0") {
		return c, "", "invalid format (repeated flags)"
	}
	c.width, i = upToTwoDigits(s, i)
	c.precision = -1
	if i < len(s) && s[i] == '.' {
		c.precision, i = upToTwoDigits(s, i+1)
	}
	if i < len(s) && isDigit(s[i]) {
		return c, "", "invalid format (width or precision too long)"
	}
	name := ""
	if i < len(s) && s[i] != 0 {
		name = s[i : i+1]
	}
	if name == "" || strings.IndexByte("cdiouxXeEfgGqs", name[0]) < 0 {
		return c, "", "invalid option '%" + name + "' to 'format'"
	}
	c.letter = s[i]
	return c, s[i+1:], ""
}

// flag sets the flag that a character stands for, if it does for one.
func (c *conversion) flag(character byte) bool {
	switch character {
	case '-':
		c.minus = true
	case '+':
		c.plus = true
	case ' ':
		c.space = true
	case '#':
		c.alternate = true
	case '0':
		c.zero = true
	default:
		return false
	}
	return true
}

func upToTwoDigits(s string, i int) (n, end int) {
	for end = i; end < len(s) && end < i+2 && isDigit(s[end]); end++ {
		n = n*10 + int(s[end]-'0')
	}
	return n, end
}

// append appends an argument of L as c converts it.
func (c *conversion) append(L *lua.LState, b []byte, argument int) []byte {
	switch c.letter {
	case 'c':
		return c.appendChar(b, arg.Number(L, argument))
	case 'd', 'i':
		n := arg.ToInt(arg.Number(L, argument))
		if n < 0 {
			return c.appendInt(b, "-", -uint64(n), 10)
		}
		return c.appendInt(b, c.sign(), uint64(n), 10)
	case 'o':
		return c.appendInt(b, "", toUint(arg.Number(L, argument)), 8)
	case 'u':
		return c.appendInt(b, "", toUint(arg.Number(L, argument)), 10)
	case 'x', 'X':
		return c.appendInt(b, "", toUint(arg.Number(L, argument)), 16)
	case 'q':
		s := arg.String(L, argument)
		if len(b)+2*len(s) > maxString {
			tooLarge(L)
		}
		return appendQuoted(L, b, s)
	case 's':
		s := arg.String(L, argument)
		if len(b)+len(s) > maxString {
			tooLarge(L)
		}
		return c.appendString(b, s)
	}
	return c.appendFloat(b, arg.Number(L, argument))
}

// sign is what stands before a number that isn't negative.
func (c *conversion) sign() string {
	switch {
	case c.plus:
		return "+"
	case c.space:
		return " "
	}
	return ""
}

// toUint converts to an unsigned integer as C does on x86-64: negative numbers
// wrap round, what doesn't fit is 2^63 or, above, 0.
func toUint(f float64) uint64 {
	if f >= 1<<63 {
		return uint64(arg.ToInt(f-1<<63)) ^ 1<<63
	}
	return uint64(arg.ToInt(f))
}

// appendChar appends a byte. PUC Lua takes the result as a string of C, so that
// a zero byte and what follows it are lost.
func (c *conversion) appendChar(b []byte, f float64) []byte {
	code := byte(0)
	if f > math.MinInt32-1 && f < math.MaxInt32+1 {
		code = byte(int32(f))
	}
	padded := pad(c, b, "", []byte{code}, false)
	if code == 0 {
		i := bytes.IndexByte(padded[len(b):], 0)
		return padded[:len(b)+i]
	}
	return padded
}

// appendString appends a string. PUC Lua takes one that is short, or to be cut,
// as one of C, which ends at its first zero; any other it takes as it is.
func (c *conversion) appendString(b []byte, s string) []byte {
	if c.precision < 0 && len(s) >= 100 {
		return append(b, s...)
	}
	s = numeral.CString(s)
	if c.precision >= 0 && len(s) > c.precision {
		s = s[:c.precision]
	}
	return pad(c, b, "", s, false)
}

// appendInt appends sign and n.
func (c *conversion) appendInt(b []byte, sign string, n uint64, base int) []byte {
	var digits [100]byte
	d := strconv.AppendUint(digits[:0], n, base)
	if c.precision == 0 && n == 0 {
		d = d[:0]
	}
	least := c.precision
	if c.alternate && base == 8 && (len(d) == 0 || d[0] != '0') {
		least = max(least, len(d)+1)
	}
	if missing := least - len(d); missing > 0 {
		d = d[:len(d)+missing]
		copy(d[missing:], d)
		for i := range missing {
			d[i] = '0'
		}
	}
	if c.alternate && base == 16 && n != 0 {
		sign = "0x"
	}
	begin := len(b)
	b = pad(c, b, sign, d, c.precision < 0)
	if c.letter == 'X' {
		copy(b[begin:], bytes.ToUpper(b[begin:]))
	}
	return b
}

// pad appends prefix and text, as wide as c demands: with zeros between them
// where zeros may be and the flag 0 says so, else with spaces before or behind.
func pad[T string | []byte](c *conversion, b []byte, prefix string, text T, zeros bool) []byte {
	missing := c.width - len(prefix) - len(text)
	zeros = zeros && c.zero && !c.minus
	if !zeros && !c.minus {
		b = appendTimes(b, ' ', missing)
	}
	b = append(b, prefix...)
	if zeros {
		b = appendTimes(b, '0', missing)
	}
	b = append(b, text...)
	if c.minus {
		b = appendTimes(b, ' ', missing)
	}
	return b
}

func appendTimes(b []byte, c byte, n int) []byte {
	for range n {
		b = append(b, c)
	}
	return b
}

// appendQuoted appends s as Lua reads it back: "%q".
func appendQuoted(L *lua.LState, b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		if i%piece == piece-1 {
			look(L, len(s))
		}
		switch c := s[i]; c {
		case '"', '\\', '\n':
			b = append(b, '\\', c)
		case '\r':
			b = append(b, `\r`...)
		case 0:
			b = append(b, `\000`...)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
