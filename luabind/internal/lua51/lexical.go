package lua51

import "strings"

// Check finds the numbers in source that Lua 5.1 calls malformed and
// gopher-lua's lexer splits: 1_000 or 0b1 are a number and a name there, which
// two statements may well be. It returns an *Error or nil; what else is wrong
// with source is left to the parser.
func Check(name, source string) error {
	for i := 0; i < len(source); {
		switch c := source[i]; {
		case c == '-' && strings.HasPrefix(source[i:], "--"):
			i = afterComment(source, i+2)
		case c == '[':
			i = max(afterLong(source, i), i+1)
		case c == '"' || c == '\'':
			i = afterString(source, i)
		case digit(c) || c == '.' && i+1 < len(source) && digit(source[i+1]):
			end := afterNumber(source, i)
			if text := source[i:end]; !wellFormed(text) {
				return &Error{name, 1 + newlines(source[:i]), "malformed number near '" + text + "'"}
			}
			i = end
		case c == '.': // not a number behind .. or ...
			for i < len(source) && source[i] == '.' {
				i++
			}
		case nameByte(c):
			for i < len(source) && (nameByte(source[i]) || digit(source[i])) {
				i++
			}
		default:
			i++
		}
	}
	return nil
}

// newlines counts the ends of lines, whichever of the four there are.
func newlines(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if c := s[i]; c == '\n' || c == '\r' {
			if n++; i+1 < len(s) && (s[i+1] == '\n' || s[i+1] == '\r') && s[i+1] != c {
				i++
			}
		}
	}
	return n
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

func nameByte(c byte) bool { return c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z' }

func afterComment(s string, i int) int {
	if end := afterLong(s, i); end > i {
		return end
	}
	for i < len(s) && s[i] != '\n' && s[i] != '\r' {
		i++
	}
	return i
}

// afterLong returns where the long bracket at i ends, i if there is none.
func afterLong(s string, i int) int {
	if i >= len(s) || s[i] != '[' {
		return i
	}
	open := i + 1
	for open < len(s) && s[open] == '=' {
		open++
	}
	if open >= len(s) || s[open] != '[' {
		return i
	}
	closing := "]" + s[i+1:open] + "]"
	if end := strings.Index(s[open+1:], closing); end >= 0 {
		return open + 1 + end + len(closing)
	}
	return len(s)
}

func afterString(s string, i int) int {
	quote := s[i]
	for i++; i < len(s); i++ {
		switch s[i] {
		case quote:
			return i + 1
		case '\n', '\r': // unfinished: for the parser
			return i
		case '\\':
			if i++; i+1 < len(s) && (s[i:i+2] == "\r\n" || s[i:i+2] == "\n\r") {
				i++ // a line may end in two bytes
			}
		}
	}
	return len(s)
}

// afterNumber returns where the lexer of Lua 5.1 ends a number: it takes all
// letters that follow.
func afterNumber(s string, i int) int {
	for i < len(s) && (digit(s[i]) || s[i] == '.') {
		i++
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		if i++; i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
	}
	for i < len(s) && (digit(s[i]) || nameByte(s[i])) {
		i++
	}
	return i
}

// wellFormed says whether gopher-lua reads all of text as one number.
func wellFormed(text string) bool {
	if len(text) > 2 && text[0] == '0' && text[1]|0x20 == 'x' {
		return strings.Trim(text[2:], "0123456789abcdefABCDEF") == ""
	}
	dots, digits := 0, 0
	for i := range len(text) {
		switch c := text[i]; {
		case digit(c):
			digits++
		case c == '.':
			dots++
		case c|0x20 == 'e' && digits > 0 && dots < 2:
			exponent := strings.TrimLeft(text[i+1:], "0123456789")
			if i+1 < len(text) && (text[i+1] == '+' || text[i+1] == '-') {
				i++
				exponent = strings.TrimLeft(text[i+1:], "0123456789")
			}
			return i+1 < len(text) && exponent == ""
		default:
			return false
		}
	}
	return dots < 2
}
