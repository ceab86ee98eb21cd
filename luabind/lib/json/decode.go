package json

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
)

// maxDepth is how deep arrays and objects may be nested, whatever the settings say: each takes
// stack.
const maxDepth = 10_000

// token is what a text consists of. Its name stands in errors, as that of lua-cjson does.
type token string

const (
	objectBegin token = "T_OBJ_BEGIN"
	objectEnd   token = "T_OBJ_END"
	arrayBegin  token = "T_ARR_BEGIN"
	arrayEnd    token = "T_ARR_END"
	stringToken token = "T_STRING"
	numberToken token = "T_NUMBER"
	boolToken   token = "T_BOOLEAN"
	nullToken   token = "T_NULL"
	colon       token = "T_COLON"
	comma       token = "T_COMMA"
	theEnd      token = "T_END"
	// anything else says what is wrong
)

// decoder reads text. What it has read last is in token, from at on.
type decoder struct {
	*marks
	*settings
	L     *lua.LState
	pace  arg.Pace
	s     string
	pos   int
	depth int
	keys  map[string]lua.LValue // that have been seen: most come again
	null  lua.LValue            // in place of null

	token
	at    int
	value lua.LValue // of a number or a boolean
	text  []byte     // of a string
}

func decode(L *lua.LState, m *marks, s *settings, text string, null lua.LValue) (lua.LValue, error) {
	if len(text) >= 2 && (text[0] == 0 || text[1] == 0) {
		return nil, errors.New("JSON parser does not support UTF-16 or UTF-32")
	}
	d := decoder{marks: m, settings: s, L: L, pace: arg.Pace{L: L}, s: text, null: null, keys: map[string]lua.LValue{}}
	d.next()
	v, err := d.any()
	if err != nil {
		return nil, err
	}
	if d.next(); d.token != theEnd {
		return nil, d.expected("the end")
	}
	return v, nil
}

func (d *decoder) expected(what string) error {
	return fmt.Errorf("Expected %s but found %s at character %d", what, d.token, d.at+1) //lint:ignore ST1005 as lua-cjson says it
}

// wrong makes a token of an error, here.
func (d *decoder) wrong(what token) { d.token, d.at = what, d.pos }

var single = [256]token{'{': objectBegin, '}': objectEnd, '[': arrayBegin, ']': arrayEnd, ':': colon, ',': comma}

// next reads a token.
func (d *decoder) next() {
	for d.pos < len(d.s) && (d.s[d.pos] == ' ' || d.s[d.pos] == '\n' || d.s[d.pos] == '\r' || d.s[d.pos] == '\t') {
		d.pos++
	}
	d.at = d.pos
	if d.pos == len(d.s) {
		d.token = theEnd
		return
	}
	c := d.s[d.pos]
	if d.token = single[c]; d.token != "" {
		d.pos++
		return
	}
	rest := d.s[d.pos:]
	switch {
	case c == '"':
		d.string()
	case c == '-' || '0' <= c && c <= '9':
		d.number(rest)
	case strings.HasPrefix(rest, "true"):
		d.token, d.value = boolToken, lua.LTrue
		d.pos += 4
	case strings.HasPrefix(rest, "false"):
		d.token, d.value = boolToken, lua.LFalse
		d.pos += 5
	case strings.HasPrefix(rest, "null"):
		d.token = nullToken
		d.pos += 4
	case d.decodeInvalid == on && (c == '+' || word(rest) > 0):
		d.number(rest)
	case c == 0 && !d.strict:
		d.token = theEnd
	default:
		d.wrong("invalid token")
	}
}

// string reads one, which begins here.
func (d *decoder) string() {
	d.token, d.text = stringToken, d.text[:0]
	d.pos++
	from := d.pos
	for ; d.pos < len(d.s); d.pos++ {
		switch c := d.s[d.pos]; {
		case c == '"':
			d.text = append(d.text, d.s[from:d.pos]...)
			d.pos++
			return
		case c == '\\':
			d.text = append(d.text, d.s[from:d.pos]...)
			if !d.escape() {
				return
			}
			from = d.pos + 1
		case c < ' ' && d.strict:
			d.wrong("a control character in a string")
			return
		case c == 0:
			d.wrong("unexpected end of string")
			return
		}
	}
	d.wrong("unexpected end of string")
}

// escape reads what begins with a backslash here, but for its last byte.
func (d *decoder) escape() bool {
	const codes, meanings = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	c := byte(0)
	if d.pos+1 < len(d.s) {
		c = d.s[d.pos+1]
	}
	if i := strings.IndexByte(codes, c); i >= 0 {
		d.text = append(d.text, meanings[i])
		d.pos++
		return true
	}
	if c != 'u' {
		d.wrong("invalid escape code")
		return false
	}
	r, length := rune(d.unit(d.pos)), 6
	if r&^0x7ff == 0xd800 { // half of a pair
		low := rune(-1)
		if r&0x400 == 0 {
			low = rune(d.unit(d.pos + 6))
		}
		if low&^0x3ff != 0xdc00 {
			r = -1
		} else {
			r, length = (r&0x3ff)<<10|low&0x3ff+0x10000, 12
		}
	}
	if r < 0 {
		d.wrong("invalid unicode escape code")
		return false
	}
	d.text = utf8.AppendRune(d.text, r)
	d.pos += length - 1
	return true
}

// unit returns what \uXXXX at i stands for; -1: there is none.
func (d *decoder) unit(i int) int {
	if i+6 > len(d.s) || d.s[i] != '\\' || d.s[i+1] != 'u' {
		return -1
	}
	n := 0
	for _, c := range []byte(d.s[i+2 : i+6]) {
		digit := strings.IndexByte(hex, c|0x20)
		if digit < 0 || c < '0' { // |0x20 takes others to digits
			return -1
		}
		n = n<<4 | digit
	}
	return n
}

// number reads one at the beginning of s.
func (d *decoder) number(s string) {
	n := decimal(s)
	valid := n > 0 && isNumber(s[:n])
	switch {
	case d.strict && !valid, d.decodeInvalid == off && invalid(s):
		d.wrong("invalid number")
		return
	case d.decodeInvalid == on:
		n = max(n, hexadecimal(s), word(s))
	}
	if n == 0 {
		d.wrong("invalid number")
		return
	}
	d.token, d.value = numberToken, lua.LNumber(parse(s[:n]))
	d.pos += n
}

// decimal returns how much of the beginning of s C's strtod reads as a decimal number.
func decimal(s string) int {
	i := sign(s)
	digits := func() (n int) {
		for i < len(s) && '0' <= s[i] && s[i] <= '9' {
			i++
			n++
		}
		return n
	}
	n := digits()
	if i < len(s) && s[i] == '.' {
		i++
		if m := digits(); n+m == 0 {
			return 0
		}
	} else if n == 0 {
		return 0
	}
	end := i
	if i < len(s) && s[i]|0x20 == 'e' {
		if i++; i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if digits() > 0 {
			end = i
		}
	}
	return end
}

// sign returns the length of the sign that s begins with.
func sign(s string) int {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return 1
	}
	return 0
}

// isNumber says whether s, which decimal has read, is one for JSON too.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole, fraction, point := strings.Cut(s, ".")
	if !point {
		whole = s
	}
	if whole == "" || whole[0] == '0' && len(whole) > 1 && '0' <= whole[1] && whole[1] <= '9' {
		return false
	}
	return !point || fraction != "" && '0' <= fraction[0] && fraction[0] <= '9'
}

// invalid says whether a number begins with what lua-cjson refuses, where it does.
func invalid(s string) bool {
	s = strings.TrimPrefix(s, "-")
	if s == "" || s[0] != '0' {
		return word(s) > 0
	}
	return len(s) > 1 && (s[1]|0x20 == 'x' || '0' <= s[1] && s[1] <= '9')
}

// hexadecimal returns how much of the beginning of s strtod reads as a hexadecimal number.
func hexadecimal(s string) int {
	i := sign(s)
	if len(s) < i+2 || s[i] != '0' || s[i+1]|0x20 != 'x' {
		return 0
	}
	i += 2
	digits := func() (n int) {
		for i < len(s) && ('0' <= s[i] && s[i] <= '9' || 'a' <= s[i]|0x20 && s[i]|0x20 <= 'f') {
			i++
			n++
		}
		return n
	}
	n := digits()
	if i < len(s) && s[i] == '.' {
		i++
		n += digits()
	}
	if n == 0 {
		return 0
	}
	end := i
	if i < len(s) && s[i]|0x20 == 'p' {
		if i++; i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		start := i
		for i < len(s) && '0' <= s[i] && s[i] <= '9' {
			i++
		}
		if i > start {
			end = i
		}
	}
	return end
}

// word returns how much of the beginning of s is an infinity or a NaN for strtod.
func word(s string) int {
	bare := s[sign(s):]
	for _, w := range []string{"infinity", "inf", "nan"} {
		if len(bare) >= len(w) && strings.EqualFold(bare[:len(w)], w) {
			return len(s) - len(bare) + len(w)
		}
	}
	return 0
}

// parse returns the value of what was read.
func parse(s string) float64 {
	if strings.EqualFold(s[sign(s):], "nan") {
		return math.NaN()
	}
	if hexadecimal(s) == len(s) && !strings.ContainsAny(s, "pP") {
		s += "p0"
	}
	f, _ := strconv.ParseFloat(s, 64) // too large is infinite
	return f
}

// any returns the value that begins with the token.
func (d *decoder) any() (lua.LValue, error) {
	d.pace.Go(64)
	switch d.token {
	case stringToken:
		return lua.LString(d.text), nil
	case numberToken, boolToken:
		return d.value, nil
	case nullToken:
		return d.null, nil
	case arrayBegin, objectBegin:
		if d.depth++; d.depth > min(d.decodeDepth, maxDepth) {
			return nil, fmt.Errorf("Found too many nested data structures (%d) at character %d", d.depth, d.pos) //lint:ignore ST1005 as lua-cjson says it
		}
		t := glua.NewTable(0, 0)
		read := d.object
		if d.token == arrayBegin {
			read = d.list
		}
		err := read(t)
		d.depth--
		return t, err
	}
	return nil, d.expected("value")
}

func (d *decoder) list(t *lua.LTable) error {
	if d.decodeMark {
		t.Metatable = d.array
	}
	if d.next(); d.token == arrayEnd {
		if d.strict {
			t.Metatable = d.empty
		}
		return nil
	}
	for i := 1; ; i++ {
		v, err := d.any()
		if err != nil {
			return err
		}
		glua.SetItem(t, i, v)
		switch d.next(); d.token {
		case arrayEnd:
			return nil
		case comma:
			d.next()
		default:
			return d.expected("comma or array end")
		}
	}
}

func (d *decoder) object(t *lua.LTable) error {
	if d.next(); d.token == objectEnd {
		return nil
	}
	for {
		if d.token != stringToken {
			return d.expected("object key string")
		}
		key, ok := d.keys[string(d.text)]
		if !ok {
			key = lua.LString(d.text)
			d.keys[string(d.text)] = key
		}
		if d.next(); d.token != colon {
			return d.expected("colon")
		}
		d.next()
		v, err := d.any()
		if err != nil {
			return err
		}
		glua.Set(t, key, v)
		switch d.next(); d.token {
		case objectEnd:
			return nil
		case comma:
			d.next()
		default:
			return d.expected("comma or object end")
		}
	}
}
