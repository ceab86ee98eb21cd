package syntax

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// kind is the kind of a token: a single character, or one of these.
type kind int

const (
	eof kind = iota + 256
	name
	text // a string
	number
	dots    // ...
	concat  // ..
	equal   // ==
	unequal // ~=
	lessEqual
	greaterEqual
	kwAnd
	kwBreak
	kwDo
	kwElse
	kwElseif
	kwEnd
	kwFalse
	kwFor
	kwFunction
	kwIf
	kwIn
	kwLocal
	kwNil
	kwNot
	kwOr
	kwRepeat
	kwReturn
	kwThen
	kwTrue
	kwUntil
	kwWhile
)

var spelled = [...]string{
	eof: "<eof>", name: "<name>", text: "<string>", number: "<number>",
	dots: "...", concat: "..", equal: "==", unequal: "~=", lessEqual: "<=", greaterEqual: ">=",
	kwAnd: "and", kwBreak: "break", kwDo: "do", kwElse: "else", kwElseif: "elseif", kwEnd: "end",
	kwFalse: "false", kwFor: "for", kwFunction: "function", kwIf: "if", kwIn: "in", kwLocal: "local",
	kwNil: "nil", kwNot: "not", kwOr: "or", kwRepeat: "repeat", kwReturn: "return", kwThen: "then",
	kwTrue: "true", kwUntil: "until", kwWhile: "while",
}

// keyword returns the kind of a word.
func keyword(word string) kind {
	switch word {
	case "and":
		return kwAnd
	case "break":
		return kwBreak
	case "do":
		return kwDo
	case "else":
		return kwElse
	case "elseif":
		return kwElseif
	case "end":
		return kwEnd
	case "false":
		return kwFalse
	case "for":
		return kwFor
	case "function":
		return kwFunction
	case "if":
		return kwIf
	case "in":
		return kwIn
	case "local":
		return kwLocal
	case "nil":
		return kwNil
	case "not":
		return kwNot
	case "or":
		return kwOr
	case "repeat":
		return kwRepeat
	case "return":
		return kwReturn
	case "then":
		return kwThen
	case "true":
		return kwTrue
	case "until":
		return kwUntil
	case "while":
		return kwWhile
	}
	return name
}

func (k kind) String() string {
	switch {
	case k >= 256:
		return spelled[k]
	case k < ' ' || k == 127:
		return fmt.Sprintf("char(%d)", int(k))
	}
	return string([]byte{byte(k)})
}

// token is one token. Value is a name, the content of a string, or a number in
// decimal; seen is how an error shows it.
type token struct {
	kind  kind
	value string
	seen  string
	at    int // where it begins
}

func (t token) String() string {
	if t.seen == "" {
		return t.kind.String()
	}
	seen, _, _ := strings.Cut(t.seen, "\x00") // C's strings end there
	return seen
}

// lexer splits a source. An error is a panic with an *Error.
type lexer struct {
	chunk  string
	source string
	pos    int
	line   int // of pos
}

func (l *lexer) fail(message string, near *token) {
	e := &Error{Name: l.chunk, Line: l.line, Message: message}
	if near != nil && near.kind != 0 { // as in Lua 5.1, where 0 is no token
		e.Message += " near '" + near.String() + "'"
		e.AtEnd = near.kind == eof
	}
	panic(e)
}

// peek returns the byte at pos, or -1 at the end.
func (l *lexer) peek() int {
	if l.pos < len(l.source) {
		return int(l.source[l.pos])
	}
	return -1
}

// newline goes past the end of a line, which may be of two bytes.
func (l *lexer) newline() {
	c := l.source[l.pos]
	l.pos++
	if next := l.peek(); (next == '\n' || next == '\r') && byte(next) != c {
		l.pos++
	}
	l.line++
}

func (l *lexer) next() token {
	for {
		at := l.pos
		c := l.peek()
		switch {
		case c < 0:
			return token{kind: eof, at: at}
		case c == '\n' || c == '\r':
			l.newline()
			continue
		case c == ' ' || c == '\t' || c == '\f' || c == '\v':
			l.pos++
			continue
		case letter(c):
			return l.word()
		case digit(c):
			return l.number()
		}
		l.pos++
		switch c {
		case '-':
			if l.peek() != '-' {
				return token{kind: '-', at: at}
			}
			l.pos++
			l.comment()
			continue
		case '[':
			l.pos--
			level := l.bracket()
			if level >= 0 {
				return l.long(level, "string")
			}
			l.pos++
			if level == -2 {
				for l.peek() == '=' {
					l.pos++
				}
				l.fail("invalid long string delimiter", &token{kind: text, seen: l.source[at:l.pos]})
			}
			return token{kind: '[', at: at}
		case '=':
			return l.either('=', equal, '=', at)
		case '<':
			return l.either('=', lessEqual, '<', at)
		case '>':
			return l.either('=', greaterEqual, '>', at)
		case '~':
			return l.either('=', unequal, '~', at)
		case '"', '\'':
			return l.quoted(byte(c))
		case '.':
			if digit(l.peek()) {
				l.pos--
				return l.number()
			}
			if l.peek() != '.' {
				return token{kind: '.', at: at}
			}
			l.pos++
			return l.either('.', dots, concat, at)
		}
		return token{kind: kind(c), at: at}
	}
}

// either returns long if the next byte is c, else short.
func (l *lexer) either(c int, long, short kind, at int) token {
	if l.peek() == c {
		l.pos++
		return token{kind: long, at: at}
	}
	return token{kind: short, at: at}
}

func (l *lexer) word() token {
	at := l.pos
	for c := l.peek(); letter(c) || digit(c); c = l.peek() {
		l.pos++
	}
	word := l.source[at:l.pos]
	k := keyword(word)
	if k != name {
		return token{kind: k, at: at}
	}
	return token{kind: name, value: word, seen: word, at: at}
}

func letter(c int) bool { return c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z' && c < 128 }
func digit(c int) bool  { return '0' <= c && c <= '9' }

func (l *lexer) comment() {
	if level := l.bracket(); level >= 0 {
		l.long(level, "comment")
		return
	}
	for c := l.peek(); c >= 0 && c != '\n' && c != '\r'; c = l.peek() {
		l.pos++
	}
}

// bracket returns the level of the long bracket at pos, -2 if there is only its
// beginning ("[="), -1 if there is none.
func (l *lexer) bracket() int {
	if l.peek() != '[' {
		return -1
	}
	i := l.pos + 1
	for i < len(l.source) && l.source[i] == '=' {
		i++
	}
	level := i - l.pos - 1
	switch {
	case i < len(l.source) && l.source[i] == '[':
		return level
	case level > 0:
		return -2
	}
	return -1
}

// long reads a long string or comment.
func (l *lexer) long(level int, what string) token {
	at := l.pos
	l.pos += level + 2
	if c := l.peek(); c == '\n' || c == '\r' {
		l.newline()
	}
	closing := "]" + strings.Repeat("=", level) + "]"
	var b strings.Builder
	from := l.pos
	for {
		switch c := l.peek(); {
		case c < 0:
			l.fail("unfinished long "+what, &token{kind: eof})
		case c == '\n' || c == '\r':
			b.WriteString(l.source[from:l.pos])
			b.WriteByte('\n')
			l.newline()
			from = l.pos
		case c == ']' && strings.HasPrefix(l.source[l.pos:], closing):
			b.WriteString(l.source[from:l.pos])
			l.pos += len(closing)
			open := l.source[at : at+level+2]
			return token{kind: text, value: b.String(), seen: open + b.String() + closing, at: at}
		case c == '[' && level == 0 && strings.HasPrefix(l.source[l.pos:], "[["):
			l.fail("nesting of [[...]] is deprecated", &token{kind: '['})
		default:
			l.pos++
		}
	}
}

// quoted reads a string whose opening quote has been read.
func (l *lexer) quoted(quote byte) token {
	at := l.pos - 1
	b := []byte{quote}
	unfinished := func() *token { return &token{kind: text, seen: string(b)} }
	for {
		c := l.peek()
		switch c {
		case -1:
			l.fail("unfinished string", &token{kind: eof})
		case '\n', '\r':
			l.fail("unfinished string", unfinished())
		case int(quote):
			l.pos++
			return token{kind: text, value: string(b[1:]), seen: string(b) + string(quote), at: at}
		case '\\':
			l.pos++
			b = l.escape(b, unfinished)
		default:
			b = append(b, byte(c))
			l.pos++
		}
	}
}

// escape reads what follows a backslash.
func (l *lexer) escape(b []byte, unfinished func() *token) []byte {
	c := l.peek()
	switch {
	case c < 0: // the caller sees it
		return b
	case c == '\n' || c == '\r':
		l.newline()
		return append(b, '\n')
	case digit(c):
		n := 0
		for i := 0; i < 3 && digit(l.peek()); i++ {
			n = n*10 + l.peek() - '0'
			l.pos++
		}
		if n > 255 {
			l.fail("escape sequence too large", unfinished())
		}
		return append(b, byte(n))
	}
	l.pos++
	if i := strings.IndexByte("abfnrtv", byte(c)); i >= 0 {
		return append(b, "\a\b\f\n\r\t\v"[i])
	}
	return append(b, byte(c))
}

// number reads a number; it takes all letters that follow.
func (l *lexer) number() token {
	at := l.pos
	for c := l.peek(); digit(c) || c == '.'; c = l.peek() {
		l.pos++
	}
	if l.peek()|0x20 == 'e' {
		l.pos++
		if c := l.peek(); c == '+' || c == '-' {
			l.pos++
		}
	}
	for c := l.peek(); letter(c) || digit(c); c = l.peek() {
		l.pos++
	}
	seen := l.source[at:l.pos]
	t := token{kind: number, value: seen, seen: seen, at: at}
	if !plain(seen) {
		v, ok := parseNumber(seen)
		if !ok {
			l.fail("malformed number", &t)
		}
		t.value = strconv.FormatFloat(v, 'g', -1, 64)
	}
	return t
}

// plain says whether s is a number in the usual digits, which gopher-lua reads
// as C does.
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

// parseNumber reads what C's strtod does.
func parseNumber(s string) (float64, bool) {
	if strings.Contains(s, "_") {
		return 0, false
	}
	if len(s) > 1 && s[1]|0x20 == 'x' && !strings.ContainsAny(s, "pP") {
		s += "p0"
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil || errors.Is(err, strconv.ErrRange) // then it is infinite, or 0
}
