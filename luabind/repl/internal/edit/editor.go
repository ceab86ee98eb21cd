// Package edit reads a text of one or more lines from a terminal.
//
//	Source --keys--> Editor --layout--> screen --> terminal
//	                   |                  |
//	                 buffer             Write, from others: above the text
//
// The keys are those of Emacs and readline. The text is laid out anew after each
// key and drawn in the place of the old one, by moves up, left and right alone: the
// terminal is never asked where its cursor is, which some don't answer.
package edit

import (
	"errors"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"luaspawn/luabind/repl/internal/luatext"
)

// ErrInterrupted is returned by Read after a Ctrl-C.
var ErrInterrupted = errors.New("interrupted")

// An Editor reads texts. Set its fields before the first Read.
type Editor struct {
	Keys Source
	Out  io.Writer
	Size func() (width, height int)
	Raw  bool // a newline alone begins no new line there, also while no text is edited

	Prompt, More string // before the first line, before each further one

	Complete  func(text string) bool                               // Enter ends text; nil: always
	Suggest   func(text string, at int) (from int, names []string) // what Tab may put in the place of text[from:at]; nil: nothing
	Explain   func(text string, at int) string                     // what Tab says of the call whose arguments begin there; nil: nothing
	Indent    bool                                                 // lines that go on are indented as Lua is
	Hints     bool                                                 // the rest of what is typed is shown as the history has it
	Highlight func(text string) []luatext.Span                     // nil: no colours
	History   interface {                                          // the oldest is 0; an empty one is passed over
		Len() int
		At(int) string
		Newest(prefix string, i int) int // the last one up to i that begins with prefix; -1: none
	}
	Suspend func() // Ctrl-Z; returns when the program goes on; nil: does nothing

	screen screen
	once   sync.Once
	keys   keys // Keys

	mu     sync.Mutex // for what is drawn from: Redraw comes from other goroutines
	buffer buffer
	search *search // nil: not searching
	asking string  // the question that Ask shows in place of all that; empty: none
	tabs   int     // how often Tab was pressed just now
	count  argument
	arg    lastArgument
	indent indented
	hint   hint
	done   bool // the text is left behind: nothing is shown with it

	at    int    // in the history; its length: the new text
	draft string // the new text, while another is shown
}

// Write writes above the text, if one is edited, and then draws that again. Any
// goroutine may call it.
func (e *Editor) Write(b []byte) (int, error) {
	e.once.Do(e.open)
	return e.screen.Write(b)
}

// MidLine says whether what was written last, while no text was edited, has left a
// line open.
func (e *Editor) MidLine() bool {
	e.screen.mu.Lock()
	defer e.screen.mu.Unlock()
	return e.screen.midLine
}

// Redraw is called when the size of the terminal has changed. Any goroutine may
// call it.
func (e *Editor) Redraw() {
	e.once.Do(e.open)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.screen.resized(e.layout)
}

func (e *Editor) open() {
	e.screen.out, e.screen.size, e.screen.raw = e.Out, e.Size, e.Raw
	e.keys.Source = e.Keys
}

// Read lets a text be edited and returns it. It returns io.EOF after a Ctrl-D
// where there is no text, and ErrInterrupted after a Ctrl-C; then its string is
// the text that was there.
func (e *Editor) Read() (string, error) {
	e.once.Do(e.open)
	e.mu.Lock()
	e.buffer.reset("")
	e.search, e.tabs, e.count, e.arg, e.indent = nil, 0, argument{}, lastArgument{}, indented{}
	e.hint, e.done = hint{}, false
	if e.History != nil {
		e.at = e.History.Len()
	}
	e.mu.Unlock()
	if err := e.screen.begin(); err != nil {
		return "", err
	}
	for {
		if !e.keys.Pending() { // else it would change at once
			if err := e.draw(); err != nil {
				return "", err
			}
		}
		k, err := readKey(&e.keys)
		if err != nil {
			e.finish()
			return "", err
		}
		e.mu.Lock()
		done, err := e.press(k)
		e.buffer.forget()
		e.mu.Unlock()
		if done || err != nil {
			e.finish()
			return e.buffer.text, err
		}
	}
}

// Ask shows a question and returns the key that answers it, a character or
// "enter"; io.EOF for a Ctrl-D, ErrInterrupted for a Ctrl-C.
func (e *Editor) Ask(question string) (string, error) {
	e.once.Do(e.open)
	if err := e.screen.begin(); err != nil {
		return "", err
	}
	e.ask(question)
	defer e.ask("")
	if err := e.draw(); err != nil {
		return "", err
	}
	for {
		k, err := readKey(&e.keys)
		switch {
		case err != nil:
		case k.name == "C-d":
			err = io.EOF
		case k.name == "C-c":
			err = ErrInterrupted
		case k.name == "" || k.name == "enter":
		default:
			continue
		}
		e.ask(question + k.text)
		e.finish()
		return k.text + k.name, err
	}
}

func (e *Editor) ask(question string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asking = question
}

func (e *Editor) layout(width int) layout {
	if e.asking != "" {
		return lay(e.asking, "", "", 0, width, nil)
	}
	if s := e.search; s != nil {
		return lay(s.prompt(), "", s.text(e), s.at(e), width, nil)
	}
	var spans []luatext.Span
	if e.Highlight != nil {
		spans = e.Highlight(e.buffer.text)
	}
	text := e.buffer.text
	if hint := e.hinted(); hint != "" && !e.done {
		spans = append(spans, luatext.Span{Start: len(text), End: len(text) + len(hint), Style: hintColour})
		text += hint
	}
	return lay(e.count.prompt()+e.Prompt, e.More, text, e.buffer.at, width, spans)
}

func (e *Editor) draw() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	width, _ := e.Size()
	return e.screen.draw(e.layout(width))
}

// finish leaves the text on the screen as it is.
func (e *Editor) finish() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.search, e.count, e.done = nil, argument{}, true
	width, _ := e.Size()
	e.screen.finish(e.layout(width))
}

// press does what k asks for, and says whether the text is done.
func (e *Editor) press(k key) (done bool, err error) {
	if e.search != nil {
		if more := e.searchKey(k); more {
			return false, nil
		}
	}
	if e.count.add(k) {
		return false, nil
	}
	count := e.count
	e.count = argument{}
	b := &e.buffer
	tabs, column, arg := e.tabs, b.column, e.arg
	e.tabs, b.column, e.arg = 0, -1, lastArgument{}
	b.previous, b.last = b.last, other
	switch name, n := count.of(k.name); name {
	case "":
		b.insert(strings.Repeat(k.text, n))
		e.reindent()
	case "paste":
		b.insert(k.text)
	case "enter":
		if text := b.text; e.Complete != nil && !e.Complete(text) {
			e.newLine()
			return false, nil
		}
		b.at = len(b.text)
		return true, nil
	case "M-enter":
		e.newLine()
	case "backspace":
		if !count.given && e.outdent() {
			break
		}
		b.edit(name, n)
	case "C-c":
		return true, ErrInterrupted
	case "C-d":
		if b.text == "" {
			return true, io.EOF
		}
		b.edit("delete", n)
	case "C-z":
		if e.Suspend != nil {
			e.suspend()
		}
	case "tab":
		e.complete(tabs)
		e.tabs = tabs + 1
	case "C-r":
		e.search = &search{at0: e.at, original: state{b.text, b.at}, found: -1}
		e.search.from(e, e.at-1, -1)
	case "C-l":
		e.screen.clear()
	case "up", "C-p":
		b.column = column
		for range n {
			if !b.up() {
				e.recall(-1)
			}
		}
	case "down", "C-n":
		b.column = column
		for range n {
			if !b.down() {
				e.recall(+1)
			}
		}
	case "M-<", "pageup":
		e.recallAt(0, +1)
	case "M->", "pagedown":
		e.recallAt(e.historyLen(), +1)
	case "M-.":
		e.insertArgument(arg, count)
	default:
		if !e.takeHint(name, n) {
			b.edit(name, n)
		}
	}
	return false, nil
}

// suspend is called with e.mu held, which others may want meanwhile.
func (e *Editor) suspend() {
	e.mu.Unlock()
	defer e.mu.Lock()
	e.screen.hide()
	e.Suspend()
	e.screen.begin()
}

func (e *Editor) historyLen() int {
	if e.History == nil {
		return 0
	}
	return e.History.Len()
}

// recall shows the entry before or behind the one that is shown.
func (e *Editor) recall(step int) { e.recallAt(e.at+step, step) }

// recallAt shows entry i, or the next one in the direction of step that there is.
func (e *Editor) recallAt(i, step int) {
	n := e.historyLen()
	for i >= 0 && i < n && e.History.At(i) == "" {
		i += step
	}
	if i < 0 || i > n || i == e.at {
		return
	}
	if e.at == n {
		e.draft = e.buffer.text
	}
	e.at = i
	if i == n {
		e.buffer.reset(e.draft)
	} else {
		e.buffer.reset(e.History.At(i))
	}
}

// complete says what is known of a call where its arguments begin. Else it puts what all
// suggestions have in common in the place of what is there, and lists them if that
// changes nothing. Where nothing stands before the cursor in its line, and nothing is
// suggested, it indents.
func (e *Editor) complete(tabs int) {
	b := &e.buffer
	start := b.lineStart(b.at)
	blank := strings.TrimSpace(b.text[start:b.at]) == ""
	if e.Explain != nil && tabs == 0 && !blank {
		if text := e.Explain(b.text, b.at); text != "" {
			e.screen.Write([]byte(text))
			return
		}
	}
	from, names := b.at, []string(nil)
	if e.Suggest != nil && !(blank && start == 0) {
		from, names = e.Suggest(b.text, b.at)
	}
	if len(names) == 0 {
		if blank {
			b.insert(luatext.Step)
		}
		return
	}
	common := names[0]
	for _, name := range names[1:] {
		for !strings.HasPrefix(name, common) {
			common = common[:len(common)-1]
		}
	}
	for len(common) > b.at-from && len(common) < len(names[0]) && !utf8.RuneStart(names[0][len(common)]) {
		common = common[:len(common)-1] // a part of a character
	}
	if common != b.text[from:b.at] && common != "" {
		b.replace(from, common)
		return
	}
	if len(names) > 1 {
		width, height := e.Size()
		e.screen.Write([]byte(columns(names, width, max(height-2, 3))))
	}
}
