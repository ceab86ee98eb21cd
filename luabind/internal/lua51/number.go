package lua51

import (
	"errors"
	"strconv"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// number words a literal so that gopher-lua's compiler reads in it what C's
// strtod does. The compiler takes 0010 for octal, and 1e999 and hexadecimal
// numbers of more than 63 bits for not-a-number.
func (f *fixer) number(x *ast.NumberExpr) {
	if plain(x.Value) {
		return
	}
	text := x.Value
	if strings.HasPrefix(text, "0x") || strings.HasPrefix(text, "0X") {
		text += "p0"
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) { // then it is infinite, or 0
		// An exponent without digits has what follows it: the end is byte 255.
		text = strings.TrimSuffix(strings.TrimSuffix(x.Value, "\n"), string([]byte{0xff}))
		f.fail(x.Line(), "malformed number near '%s'", text)
		return
	}
	x.Value = strconv.FormatFloat(v, 'g', -1, 64)
}

// plain says whether s is a number in the usual digits, which everyone reads
// alike.
func plain(s string) bool {
	if len(s) > 15 || len(s) > 1 && s[0] == '0' && s[1] != '.' {
		return false
	}
	dots := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.':
			dots++
		case c < '0' || c > '9':
			return false
		}
	}
	return dots < 2
}
