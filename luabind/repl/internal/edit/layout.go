package edit

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"luaspawn/luabind/repl/internal/luatext"
)

// layout is a text as it stands on a screen: rows that fit its width, each with
// the escape sequences for its colours, and where the cursor is in them.
type layout struct {
	rows        []string
	widths      []int // of the rows, in cells
	row, column int   // of the cursor
}

// writer fills a layout.
type writer struct {
	layout
	width int
	row   strings.Builder
	used  int
	style string
}

// lay lays out text behind prompt, each further line of it behind more. The
// cursor is at a byte of text.
func lay(prompt, more, text string, at, width int, spans []luatext.Span) layout {
	w := &writer{width: max(width, 4)}
	w.layout.row = -1
	w.plain(prompt)
	span := 0
	for i := 0; ; {
		if i >= at && w.layout.row < 0 {
			w.mark()
		}
		if i >= len(text) {
			break
		}
		if text[i] == '\n' {
			w.newRow()
			w.plain(more)
			i++
			continue
		}
		for span < len(spans) && spans[span].End <= i {
			span++
		}
		style := ""
		if span < len(spans) && spans[span].Start <= i {
			style = spans[span].Style
		}
		cluster, _, cells, _ := uniseg.FirstGraphemeClusterInString(text[i:], -1)
		i += len(cluster)
		shown, cells := visible(cluster, cells)
		w.put(shown, cells, style)
	}
	w.newRow()
	return w.layout
}

// visible returns what is shown of a character, and how many cells wide that is:
// nothing that a terminal would take for a command.
func visible(cluster string, cells int) (string, int) {
	if len(cluster) == 1 {
		switch c := cluster[0]; {
		case c == '\t':
			return "    ", 4
		case c < 0x20:
			return "^" + string(rune(c+'@')), 2
		case c == 0x7f:
			return "^?", 2
		case c >= utf8.RuneSelf:
			return fmt.Sprintf(`\%d`, c), 4
		}
		return cluster, 1
	}
	if r, n := utf8.DecodeRuneInString(cluster); n == len(cluster) && !unicode.IsGraphic(r) || cells == 0 {
		s := fmt.Sprintf("<%x>", cluster)
		return s, len(s)
	}
	return cluster, cells
}

// mark says that the cursor is here.
func (w *writer) mark() {
	if w.used >= w.width { // the next character will be in a new row
		w.newRow()
	}
	w.layout.row, w.column = len(w.rows), w.used
}

func (w *writer) plain(s string) {
	for s != "" {
		cluster, rest, cells, _ := uniseg.FirstGraphemeClusterInString(s, -1)
		shown, cells := visible(cluster, cells)
		w.put(shown, cells, "")
		s = rest
	}
}

func (w *writer) put(shown string, cells int, style string) {
	if w.used+cells > w.width {
		w.newRow()
	}
	if style != w.style {
		w.setStyle(style)
	}
	w.row.WriteString(shown)
	w.used += cells
}

func (w *writer) setStyle(style string) {
	if w.style != "" {
		w.row.WriteString("\x1b[0m")
	}
	if style != "" {
		w.row.WriteString("\x1b[" + style + "m")
	}
	w.style = style
}

func (w *writer) newRow() {
	w.setStyle("")
	w.rows = append(w.rows, w.row.String())
	w.widths = append(w.widths, w.used)
	w.row.Reset()
	w.used = 0
}
