package edit

import (
	"slices"
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

const (
	// maxText is how long a text may be: a change that would make it longer isn't done. A few keys that cut and paste
	// double it, again and again.
	maxText = maxPaste

	// So many states are kept to go back to, and so many bytes of them.
	maxUndos     = 1000
	maxUndoBytes = 4 * maxText
)

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

// forget drops the oldest states where there are too many. It is called after each key.
func (b *buffer) forget() {
	from := max(len(b.undos)-maxUndos, 0)
	size := 0
	for i := len(b.undos) - 1; i >= from; i-- {
		if size += len(b.undos[i].text); size > maxUndoBytes {
			from = i + 1
		}
	}
	b.undos = slices.Delete(b.undos, 0, from)
}

// fits says whether n more bytes have room in the text.
func (b *buffer) fits(n int) bool { return len(b.text)+n <= maxText }

func (b *buffer) undo() {
	if n := len(b.undos); n > 0 {
		b.text, b.at = b.undos[n-1].text, b.undos[n-1].at
		b.undos = b.undos[:n-1]
	}
	b.typing = false
}

func (b *buffer) insert(s string) {
	if !b.fits(len(s)) {
		return
	}
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
	if b.text[i:b.at] == s || !b.fits(len(s)-(b.at-i)) {
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
	start = b.surely(start, i)
	for start < i {
		end := b.next(start)
		if end >= i {
			break
		}
		start = end
	}
	return start
}

// surely is where a character between start and i begins, near i where that can be told without looking at all before
// it: between two letters, each of which is a character.
func (b *buffer) surely(start, i int) int {
	behind := false
	for at := i; at > start; {
		r, n := utf8.DecodeLastRuneInString(b.text[:at])
		alone := isAlone(r)
		if alone && behind {
			return at
		}
		at -= n
		behind = alone
	}
	return start
}

// isAlone says whether r has the property Other of Unicode's grapheme clusters: two such are never one character. It knows
// the most usual ones.
func isAlone(r rune) bool {
	switch {
	case r < 0x7f:
		return r >= ' '
	case r < 0x250:
		return r >= 0xc0
	}
	return 0x4e00 <= r && r <= 0x9fff // Chinese characters
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
	for width := 0; b.at < end && width < b.column; {
		next := b.next(b.at)
		width += uniseg.StringWidth(b.text[b.at:next])
		b.at = next
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
