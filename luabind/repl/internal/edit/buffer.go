package edit

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// buffer is a text that is edited, of one line or more. The cursor stands before
// the byte at, which begins a character as people see it (a grapheme cluster).
type buffer struct {
	text   string
	at     int
	column int // that up and down try to get back to, in characters; -1: that of the cursor

	kills  kills
	undos  []state
	typing bool // the last change was a character: the next one is undone with it

	last, previous kind // of the keys pressed last and before that
}

type state struct {
	text string
	at   int
}

func (b *buffer) reset(text string) {
	*b = buffer{text: text, at: len(text), column: -1, kills: b.kills}
}

// save is called before each change.
func (b *buffer) save(typing bool) {
	if !typing || !b.typing {
		b.undos = append(b.undos, state{b.text, b.at})
	}
	b.typing = typing
}

func (b *buffer) undo() {
	if n := len(b.undos); n > 0 {
		b.text, b.at = b.undos[n-1].text, b.undos[n-1].at
		b.undos = b.undos[:n-1]
	}
	b.typing = false
}

func (b *buffer) insert(s string) {
	b.save(utf8.RuneCountInString(s) == 1 && s != "\n" && s != " ")
	b.text = b.text[:b.at] + s + b.text[b.at:]
	b.at += len(s)
}

// cut removes the bytes from i to j.
func (b *buffer) cut(i, j int) string {
	if i == j {
		return ""
	}
	b.save(false)
	s := b.text[i:j]
	b.text = b.text[:i] + b.text[j:]
	b.at = i
	return s
}

// replace puts s in the place of the bytes from i to the cursor.
func (b *buffer) replace(i int, s string) {
	if b.text[i:b.at] == s {
		return
	}
	b.save(false)
	b.text = b.text[:i] + s + b.text[b.at:]
	b.at = i + len(s)
}

// next is where the character behind i ends.
func (b *buffer) next(i int) int {
	cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(b.text[i:], -1)
	return i + len(cluster)
}

// before is where the character before i begins.
func (b *buffer) before(i int) int {
	if i == 0 {
		return 0
	}
	start := b.lineStart(i)
	if start == i {
		return i - 1 // a newline
	}
	for start < i {
		end := b.next(start)
		if end >= i {
			break
		}
		start = end
	}
	return start
}

func (b *buffer) lineStart(i int) int { return strings.LastIndexByte(b.text[:i], '\n') + 1 }

func (b *buffer) lineEnd(i int) int {
	if n := strings.IndexByte(b.text[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(b.text)
}

// up and down move to the line above, below; false: there is none.
func (b *buffer) up() bool {
	start := b.lineStart(b.at)
	if start == 0 {
		return false
	}
	b.toLine(b.lineStart(start - 1))
	return true
}

func (b *buffer) down() bool {
	end := b.lineEnd(b.at)
	if end == len(b.text) {
		return false
	}
	b.toLine(end + 1)
	return true
}

// toLine moves to the line that begins at start, to the column of the cursor.
func (b *buffer) toLine(start int) {
	if b.column < 0 {
		b.column = uniseg.StringWidth(b.text[b.lineStart(b.at):b.at])
	}
	end := b.lineEnd(start)
	b.at = start
	for b.at < end && uniseg.StringWidth(b.text[start:b.at]) < b.column {
		b.at = b.next(b.at)
	}
}

func (b *buffer) wordEnd(i int) int {
	inside := false
	for i < len(b.text) {
		r, n := utf8.DecodeRuneInString(b.text[i:])
		if wordRune(r) {
			inside = true
		} else if inside {
			break
		}
		i += n
	}
	return i
}

func (b *buffer) wordStart(i int) int {
	inside := false
	for i > 0 {
		r, n := utf8.DecodeLastRuneInString(b.text[:i])
		if wordRune(r) {
			inside = true
		} else if inside {
			break
		}
		i -= n
	}
	return i
}

// spaceStart is where the piece without spaces before i begins.
func (b *buffer) spaceStart(i int) int {
	trimmed := strings.TrimRightFunc(b.text[:i], unicode.IsSpace)
	return strings.LastIndexFunc(trimmed, unicode.IsSpace) + 1
}

func wordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
