package edit

import "strings"

// hint is the rest of the newest entry of the history that begins with the text, up to
// the end of its line, shown behind the cursor at the end of the text.
type hint struct {
	text  string // that the entry was looked for with
	entry int    // -1: none begins with it
}

// hintColour is grey, as comments are.
const hintColour = "90"

// hinted returns what is shown behind the text; empty: nothing.
func (e *Editor) hinted() string {
	b := &e.buffer
	if !e.Hints || e.History == nil || e.search != nil || b.at != len(b.text) || strings.TrimSpace(b.text) == "" {
		return ""
	}
	h := &e.hint
	if h.text == "" || !strings.HasPrefix(b.text, h.text) { // else no newer entry begins with more of it
		h.entry = e.historyLen() - 1
	}
	h.text = b.text
	h.entry = e.History.Newest(b.text, h.entry)
	for h.entry >= 0 && e.History.At(h.entry) == b.text {
		h.entry = e.History.Newest(b.text, h.entry-1)
	}
	if h.entry < 0 {
		return ""
	}
	rest, _, _ := strings.Cut(e.History.At(h.entry)[len(b.text):], "\n")
	return rest
}

// takeHint inserts what a key that moves to the right takes of the hint, and says whether
// there is something.
func (e *Editor) takeHint(name string, n int) bool {
	b := &e.buffer
	hint := e.hinted()
	if hint == "" {
		return false
	}
	switch name {
	case "right", "C-f", "end", "C-e":
	case "M-f", "C-right", "M-right":
		end := len(b.text)
		all := buffer{text: b.text + hint}
		for range n {
			end = all.wordEnd(end)
		}
		hint = all.text[len(b.text):end]
	default:
		return false
	}
	b.insert(hint)
	return true
}
