// Package luatext splits Lua into tokens for whoever looks at a text that is not
// complete yet: to colour it, to complete a name in it.
package luatext

import "strings"

// Kind is what a token is.
type Kind int

const (
	Space Kind = iota
	Name
	Keyword
	String
	Number
	Comment
	Symbol
)

// A Token is a piece of a text; the tokens of a text follow each other without
// gaps.
type Token struct {
	Kind       Kind
	Start, End int
	Open       bool // a string or comment whose end is missing
}

// Keywords are the reserved words of Lua 5.1.
var Keywords = []string{
	"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in",
	"local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
}

// IsKeyword says whether word is reserved.
func IsKeyword(word string) bool {
	for _, k := range Keywords {
		if k == word {
			return true
		}
	}
	return false
}

// IsName says whether s can be written as a name.
func IsName(s string) bool {
	if s == "" || digit(s[0]) || IsKeyword(s) {
		return false
	}
	return nameEnd(s, 0) == len(s)
}

// Tokens splits text. Every byte of it is in one token.
func Tokens(text string) []Token {
	var tokens []Token
	for i := 0; i < len(text); {
		t := next(text, i)
		t.Start = i
		tokens = append(tokens, t)
		i = t.End
	}
	return tokens
}

func next(text string, i int) Token {
	rest := text[i:]
	switch c := rest[0]; {
	case strings.HasPrefix(rest, "--"):
		if end, open, ok := longEnd(text, i+2); ok {
			return Token{Kind: Comment, End: end, Open: open}
		}
		end := strings.IndexByte(rest, '\n')
		if end < 0 {
			end = len(rest)
		}
		return Token{Kind: Comment, End: i + end}
	case c == '"' || c == '\'':
		end, open := quotedEnd(text, i)
		return Token{Kind: String, End: end, Open: open}
	case c == '[':
		if end, open, ok := longEnd(text, i); ok {
			return Token{Kind: String, End: end, Open: open}
		}
		return Token{Kind: Symbol, End: i + 1}
	case digit(c) || c == '.' && len(rest) > 1 && digit(rest[1]):
		return Token{Kind: Number, End: numberEnd(text, i)}
	case letter(c):
		end := nameEnd(text, i)
		if IsKeyword(text[i:end]) {
			return Token{Kind: Keyword, End: end}
		}
		return Token{Kind: Name, End: end}
	case space(c):
		end := i + 1
		for end < len(text) && space(text[end]) {
			end++
		}
		return Token{Kind: Space, End: end}
	}
	for _, symbol := range []string{"...", "..", "==", "~=", "<=", ">=", "::"} {
		if strings.HasPrefix(rest, symbol) {
			return Token{Kind: Symbol, End: i + len(symbol)}
		}
	}
	return Token{Kind: Symbol, End: i + 1}
}

// longEnd returns the end of the long bracket at i; ok: there is one.
func longEnd(text string, i int) (end int, open, ok bool) {
	if i >= len(text) || text[i] != '[' {
		return 0, false, false
	}
	j := i + 1
	for j < len(text) && text[j] == '=' {
		j++
	}
	if j >= len(text) || text[j] != '[' {
		return 0, false, false
	}
	closing := "]" + text[i+1:j] + "]"
	n := strings.Index(text[j+1:], closing)
	if n < 0 {
		return len(text), true, true
	}
	return j + 1 + n + len(closing), false, true
}

// quotedEnd returns the end of the string at i. One that is not closed ends with
// its line.
func quotedEnd(text string, i int) (end int, open bool) {
	for j := i + 1; j < len(text); j++ {
		switch text[j] {
		case text[i]:
			return j + 1, false
		case '\\':
			j++
		case '\n':
			return j, true
		}
	}
	return len(text), true
}

func numberEnd(text string, i int) int {
	for i < len(text) && (digit(text[i]) || letter(text[i]) || text[i] == '.' ||
		(text[i] == '-' || text[i] == '+') && text[i-1]|0x20 == 'e') {
		if text[i] == '.' && strings.HasPrefix(text[i:], "..") {
			break
		}
		i++
	}
	return i
}

func nameEnd(s string, i int) int {
	for i < len(s) && (letter(s[i]) || digit(s[i])) {
		i++
	}
	return i
}

func letter(c byte) bool { return c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z' }
func digit(c byte) bool  { return '0' <= c && c <= '9' }
func space(c byte) bool  { return c == ' ' || '\t' <= c && c <= '\r' }

// WantsMore says whether text ends inside a long string or comment, or in a
// string whose line ends with a backslash: more lines must follow.
func WantsMore(text string) bool {
	tokens := Tokens(text)
	if len(tokens) == 0 {
		return false
	}
	last := tokens[len(tokens)-1]
	if !last.Open {
		return false
	}
	body := text[last.Start:last.End]
	if body[0] != '"' && body[0] != '\'' {
		return true
	}
	body = strings.TrimSuffix(body, "\n")
	return strings.HasSuffix(body, `\`) && (len(body)-len(strings.TrimRight(body, `\`)))%2 == 1
}

// A Span is a part of a text and the parameters of the escape sequence (SGR) that
// it is shown with.
type Span struct {
	Start, End int
	Style      string
}

// Highlight returns the parts of text that are not shown as plain text.
func Highlight(text string) []Span {
	var spans []Span
	for _, t := range Tokens(text) {
		style := ""
		switch t.Kind {
		case Keyword:
			style = "35" // magenta
			switch text[t.Start:t.End] {
			case "nil", "true", "false":
				style = "36" // cyan, as all constants
			}
		case String:
			style = "32" // green
		case Number:
			style = "36"
		case Comment:
			style = "90" // grey
		}
		if style != "" {
			spans = append(spans, Span{t.Start, t.End, style})
		}
	}
	return spans
}

// Colour returns text with escape sequences for its spans.
func Colour(text string, spans []Span) string {
	var b strings.Builder
	at := 0
	for _, s := range spans {
		b.WriteString(text[at:s.Start] + "\x1b[" + s.Style + "m" + text[s.Start:s.End] + "\x1b[0m")
		at = s.End
	}
	b.WriteString(text[at:])
	return b.String()
}

// Operands returns the names, with those that they are fields or methods of, the
// strings and the numbers in text: "p:join", "t.x" and "2" of p:join(t.x, 2).
func Operands(text string) []string {
	var list []string
	end := -1       // of the last operand
	joined := false // what comes belongs to it
	for _, t := range Tokens(text) {
		piece := text[t.Start:t.End]
		switch t.Kind {
		case Name, String, Number:
			if n := len(list) - 1; joined && t.Kind == Name {
				list[n] += piece
			} else {
				list = append(list, piece)
			}
			end = t.End
			joined = false
		case Symbol:
			joined = (piece == "." || piece == ":") && t.Start == end && len(list) > 0
			if joined {
				list[len(list)-1] += piece
				end = t.End
			}
		default:
			joined = false
		}
	}
	return list
}
