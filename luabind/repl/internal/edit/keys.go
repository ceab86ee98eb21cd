package edit

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is what a key has done, as far as the next one wants to know.
type kind int

const (
	other kind = iota
	killed
	yanked
)

// edit does n times what a key does to the text alone. It is undone as one.
func (b *buffer) edit(name string, n int) {
	if name == "C-y" || name == "M-y" {
		n = min(n, 1)
	}
	undos := len(b.undos)
	for range n {
		b.once(name)
		if len(b.undos) > undos+1 {
			b.undos = b.undos[:undos+1]
		}
	}
}

func (b *buffer) once(name string) {
	switch name {
	case "left", "C-b":
		b.at = b.before(b.at)
	case "right", "C-f":
		b.at = b.next(b.at)
	case "home", "C-a":
		b.at = b.lineStart(b.at)
	case "end", "C-e":
		b.at = b.lineEnd(b.at)
	case "M-f", "C-right", "M-right":
		b.at = b.wordEnd(b.at)
	case "M-b", "C-left", "M-left":
		b.at = b.wordStart(b.at)
	case "backspace":
		b.cut(b.before(b.at), b.at)
	case "delete":
		b.cut(b.at, b.next(b.at))
	case "C-k":
		if end := b.lineEnd(b.at); end > b.at {
			b.kill(b.at, end)
		} else {
			b.kill(b.at, b.next(b.at)) // the newline
		}
	case "C-u":
		b.kill(b.lineStart(b.at), b.at)
	case "C-w":
		b.kill(b.spaceStart(b.at), b.at)
	case "M-backspace":
		b.kill(b.wordStart(b.at), b.at)
	case "M-d":
		b.kill(b.at, b.wordEnd(b.at))
	case "C-y":
		b.yank()
	case "M-y":
		b.yankBefore()
	case "C-t":
		b.transpose()
	case "M-t":
		b.transposeWords()
	case "M-u":
		b.changeCase(b.at, b.wordEnd(b.at), unicode.ToUpper, unicode.ToUpper)
	case "M-l":
		b.changeCase(b.at, b.wordEnd(b.at), unicode.ToLower, unicode.ToLower)
	case "M-c":
		b.changeCase(b.at, b.wordEnd(b.at), unicode.ToUpper, unicode.ToLower)
	case "before M-u":
		b.changeCaseBefore(unicode.ToUpper, unicode.ToUpper)
	case "before M-l":
		b.changeCaseBefore(unicode.ToLower, unicode.ToLower)
	case "before M-c":
		b.changeCaseBefore(unicode.ToUpper, unicode.ToLower)
	case "C-_":
		b.undo()
	}
}

// changeCase puts the first letter between i and j through first, the others through
// rest, and moves behind them.
func (b *buffer) changeCase(i, j int, first, rest func(rune) rune) {
	var changed strings.Builder
	for at := i; at < j; {
		r, n := utf8.DecodeRuneInString(b.text[at:])
		if unicode.IsLetter(r) {
			changed.WriteRune(first(r))
			first = rest
		} else {
			changed.WriteString(b.text[at : at+n])
		}
		at += n
	}
	if changed.String() != b.text[i:j] {
		b.save(false)
		b.text = b.text[:i] + changed.String() + b.text[j:]
	}
	b.at = i + changed.Len()
}

// changeCaseBefore does it to the word before the cursor, which stays behind it.
func (b *buffer) changeCaseBefore(first, rest func(rune) rune) {
	b.changeCase(b.wordStart(b.at), b.at, first, rest)
}

// transpose swaps the characters around the cursor, at the end of a line the
// two before it.
func (b *buffer) transpose() {
	at := b.at
	if at == b.lineEnd(at) {
		at = b.before(at)
	}
	if at <= b.lineStart(b.at) {
		return
	}
	first, end := b.before(at), b.next(at)
	b.save(false)
	b.text = b.text[:first] + b.text[at:end] + b.text[first:at] + b.text[end:]
	b.at = end
}

// transposeWords swaps the word before the cursor with the one behind it, at the end
// the last two.
func (b *buffer) transposeWords() {
	end := b.wordEnd(b.at)
	second := b.wordStart(end)
	first := b.wordStart(second)
	firstEnd := b.wordEnd(first)
	if first == second || firstEnd > second {
		return
	}
	if r, _ := utf8.DecodeRuneInString(b.text[first:]); !wordRune(r) {
		return // there is none before
	}
	end = b.wordEnd(second)
	b.save(false)
	b.text = b.text[:first] + b.text[second:end] + b.text[firstEnd:second] + b.text[first:firstEnd] + b.text[end:]
	b.at = end
}
