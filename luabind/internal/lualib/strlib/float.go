package strlib

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"

	"luaspawn/luabind/internal/lualib/numeral"
)

// appendFloat appends f as C's e, E, f, g or G.
func (c *conversion) appendFloat(b []byte, f float64) []byte {
	sign := c.sign()
	if word, negative := strings.CutPrefix(numeral.NotFinite(f), "-"); word != "" {
		if negative {
			sign = "-"
		}
		if isUpper(c.letter) {
			word = strings.ToUpper(word)
		}
		return pad(c, b, sign, word, false)
	}
	if math.Signbit(f) {
		sign, f = "-", -f
	}
	precision := c.precision
	if precision < 0 {
		precision = 6
	}
	var space [512]byte // the greatest float has 309 digits, and 99 may be after the point
	digits := space[:0]
	switch {
	case c.letter|0x20 != 'g':
		digits = strconv.AppendFloat(digits, f, c.letter, precision, 64)
		if c.alternate && precision == 0 {
			digits = withPoint(digits)
		}
	case c.alternate:
		digits = appendAlternateG(digits, f, c.letter, max(precision, 1))
	default:
		digits = strconv.AppendFloat(digits, f, c.letter, max(precision, 1), 64)
	}
	return pad(c, b, sign, digits, true)
}

// appendAlternateG appends f as "%#g", which keeps the zeros at the end, to an
// empty b.
func appendAlternateG(b []byte, f float64, letter byte, precision int) []byte {
	e := letter - 'g' + 'e'
	b = strconv.AppendFloat(b, f, e, precision-1, 64)
	exponent, _ := strconv.Atoi(string(b[bytes.IndexByte(b, e)+1:])) // Go has just written it
	if -4 <= exponent && exponent < precision {
		b = strconv.AppendFloat(b[:0], f, 'f', precision-1-exponent, 64)
	}
	if bytes.IndexByte(b, '.') < 0 {
		b = withPoint(b)
	}
	return b
}

// withPoint puts a decimal point behind digits that have none, before their
// exponent if there is one.
func withPoint(digits []byte) []byte {
	i := bytes.IndexAny(digits, "eE")
	if i < 0 {
		return append(digits, '.')
	}
	return slices.Insert(digits, i, '.')
}
