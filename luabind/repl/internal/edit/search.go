package edit

import "strings"

// search is a search through the history, a character at a time.
type search struct {
	query    string
	found    int // index of the entry; -1: none has been found
	failed   bool
	at0      int   // where the history was
	original state // and the text
}

func (s *search) prompt() string {
	if s.failed {
		return "(no match) `" + s.query + "': "
	}
	return "(search) `" + s.query + "': "
}

// text is what is found so far.
func (s *search) text(e *Editor) string {
	if s.found < 0 {
		return s.original.text
	}
	return e.History.At(s.found)
}

// at is where the cursor is: at the match.
func (s *search) at(e *Editor) int {
	if i := strings.LastIndex(s.text(e), s.query); s.found >= 0 && i >= 0 {
		return i
	}
	return len(s.text(e))
}

// from looks from entry i on, in the direction of step.
func (s *search) from(e *Editor, i, step int) {
	if s.query == "" {
		return
	}
	for ; i >= 0 && i < e.historyLen(); i += step {
		if entry := e.History.At(i); entry != "" && strings.Contains(entry, s.query) {
			s.found, s.failed = i, false
			return
		}
	}
	s.failed = true
}

// searchKey does what k does to the search, and says whether that is all. If not,
// the search is over, what was found is the text, and k has yet to be done.
func (e *Editor) searchKey(k key) (more bool) {
	s := e.search
	start := e.historyLen() - 1
	if s.found >= 0 {
		start = s.found
	}
	switch k.name {
	case "":
		s.query += k.text
		s.from(e, start, -1)
		return true
	case "backspace":
		if s.query != "" {
			b := buffer{text: s.query}
			s.query = s.query[:b.before(len(s.query))]
			s.found, s.failed = -1, false
			s.from(e, e.historyLen()-1, -1)
		}
		return true
	case "C-r":
		if s.found >= 0 {
			start--
		}
		s.from(e, start, -1)
		return true
	case "C-s":
		s.from(e, start+1, +1)
		return true
	case "C-g", "C-c":
		e.search = nil
		e.buffer.reset(s.original.text)
		e.buffer.at = s.original.at
		return k.name == "C-g"
	}
	if s.found >= 0 {
		if e.at == e.historyLen() {
			e.draft = s.original.text
		}
		at := s.at(e)
		e.at = s.found
		e.buffer.reset(s.text(e))
		e.buffer.at = at
	}
	e.search = nil
	return false
}
