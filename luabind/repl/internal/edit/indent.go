package edit

import (
	"strings"

	"luaspawn/luabind/repl/internal/luatext"
)

// indented is what the editor has indented by itself: a line whose indentation is still
// that moves when its first word closes something.
type indented struct {
	start int // of the line; 0: none
	with  string
}

// newLine begins a line, indented unless more keys are there already: a terminal that
// doesn't say what is pasted sends them at once, indented as they stand.
func (e *Editor) newLine() {
	b := &e.buffer
	if !e.Indent || e.keys.Pending() {
		b.insert("\n")
		return
	}
	start, from := b.lineStart(b.at), b.at
	if strings.TrimSpace(b.text[start:b.lineEnd(b.at)]) == "" {
		from = start // nothing but an indentation stands there
	}
	with, closing := luatext.Indent(b.text[:from])
	if behind := luatext.Tokens(b.text[b.at:b.lineEnd(b.at)]); len(behind) > 0 && luatext.Closes(b.text[b.at:][:behind[0].End]) {
		with = closing
	}
	b.replace(from, "\n"+with)
	e.indent = indented{b.lineStart(b.at), with}
}

// reindent is called when a character was typed.
func (e *Editor) reindent() {
	b := &e.buffer
	start := b.lineStart(b.at)
	word, ok := strings.CutPrefix(b.text[start:b.at], e.indent.with)
	if start == 0 || start != e.indent.start || !ok || len(luatext.Tokens(word)) != 1 || b.at != b.lineEnd(b.at) {
		return
	}
	with, closing := luatext.Indent(b.text[:start-1])
	if luatext.Closes(word) {
		with = closing
	}
	b.text = b.text[:start] + with + word + b.text[b.at:]
	b.at = start + len(with) + len(word)
	e.indent.with = with
}

// outdent takes away a step of indentation before the cursor, and says whether there was one.
func (e *Editor) outdent() bool {
	b := &e.buffer
	before := b.text[b.lineStart(b.at):b.at]
	if !e.Indent || before == "" || strings.Trim(before, " ") != "" || len(before)%len(luatext.Step) != 0 {
		return false
	}
	b.cut(b.at-len(luatext.Step), b.at)
	e.indent = indented{}
	return true
}
