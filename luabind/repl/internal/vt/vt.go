// Package vt is a terminal for tests: it takes what a program writes and holds
// what a person would see then. It knows what the prompt uses and fails on
// anything else; it never answers.
package vt

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rivo/uniseg"
)

// Screen is the screen of a terminal and the lines that have left it at the top.
type Screen struct {
	width, height int
	gone          []string
	rows          [][]string // cells; the second one of a wide character is ""
	row, column   int
	wrap          bool // the last column was written: the next character goes to the next row
	text          string
	Styles        []string // parameters of all "CSI m" so far
	Unknown       []string // sequences that no terminal of ours understands
}

// New returns an empty screen.
func New(width, height int) *Screen {
	s := &Screen{}
	s.Resize(width, height)
	return s
}

// Resize changes the size. Rows that are too long are broken, as most terminals do.
func (s *Screen) Resize(width, height int) {
	s.width, s.height = width, height
	var rows [][]string
	row, column := 0, s.column
	for i, cells := range s.rows {
		if i == s.row {
			row = len(rows) + s.column/width
			column = s.column % width
		}
		used := len(cells)
		for used > 0 && cells[used-1] == " " {
			used--
		}
		for ; used > width; used -= width {
			rows = append(rows, cells[:width])
			cells = cells[width:]
		}
		line := blank(width)
		copy(line, cells)
		rows = append(rows, line)
	}
	for len(rows) > 0 && len(rows) > height && len(rows) > row+1 {
		rows = rows[:len(rows)-1]
	}
	for len(rows) > height {
		s.gone = append(s.gone, trim(rows[0]))
		rows = rows[1:]
		row--
	}
	for len(rows) < height {
		rows = append(rows, blank(width))
	}
	s.rows, s.row, s.column, s.wrap = rows, row, column, false
}

func blank(width int) []string {
	cells := make([]string, width)
	for i := range cells {
		cells[i] = " "
	}
	return cells
}

func trim(cells []string) string { return strings.TrimRight(strings.Join(cells, ""), " ") }

// Cursor returns where the cursor is, from 0 on.
func (s *Screen) Cursor() (row, column int) { return s.row, s.column }

// Lines returns the lines that are on the screen.
func (s *Screen) Lines() []string {
	lines := make([]string, len(s.rows))
	for i, cells := range s.rows {
		lines[i] = trim(cells)
	}
	return lines
}

// String returns all lines, also those that have left the screen, up to the last
// that isn't empty.
func (s *Screen) String() string {
	return strings.TrimRight(strings.Join(append(s.gone[:len(s.gone):len(s.gone)], s.Lines()...), "\n"), "\n")
}

// Write takes what a program writes.
func (s *Screen) Write(b []byte) (int, error) {
	s.text += string(b)
	for s.text != "" {
		n := s.step()
		if n == 0 { // the rest of a sequence or a character is to come
			break
		}
		s.text = s.text[n:]
	}
	return len(b), nil
}

func (s *Screen) step() int {
	switch c := s.text[0]; {
	case c == 0x1b:
		return s.escape()
	case c == '\r':
		s.column, s.wrap = 0, false
	case c == '\n':
		s.lineFeed()
	case c == '\b':
		s.column, s.wrap = max(s.column-1, 0), false
	case c == '\t':
		s.column = min((s.column/8+1)*8, s.width-1)
	case c == 7:
	case c < 0x20:
		s.Unknown = append(s.Unknown, fmt.Sprintf("%q", c))
	default:
		cluster, rest, width, _ := uniseg.FirstGraphemeClusterInString(s.text, -1)
		if rest == "" && c >= 0x80 && strings.ContainsRune(cluster, '\ufffd') {
			return 0
		}
		s.put(cluster, width)
		return len(cluster)
	}
	return 1
}

func (s *Screen) put(cluster string, width int) {
	if s.wrap || s.column+width > s.width {
		s.column = 0
		s.lineFeed()
	}
	s.wrap = false
	s.rows[s.row][s.column] = cluster
	for i := 1; i < width; i++ {
		s.rows[s.row][s.column+i] = ""
	}
	if s.column += width; s.column >= s.width {
		s.column, s.wrap = s.width-1, true
	}
}

func (s *Screen) lineFeed() {
	s.wrap = false
	if s.row++; s.row == s.height {
		s.row--
		s.gone = append(s.gone, trim(s.rows[0]))
		s.rows = append(s.rows[1:], blank(s.width))
	}
}

func (s *Screen) escape() int {
	if len(s.text) < 2 {
		return 0
	}
	if s.text[1] != '[' {
		s.Unknown = append(s.Unknown, fmt.Sprintf("%q", s.text[:2]))
		return 2
	}
	end := 2
	for end < len(s.text) && (s.text[end] < '@' || s.text[end] > '~') {
		end++
	}
	if end == len(s.text) {
		return 0
	}
	parameters := s.text[2:end]
	n, err := strconv.Atoi(parameters)
	if err != nil {
		n = 1
	}
	switch final := s.text[end]; {
	case final == 'A':
		s.row, s.wrap = max(s.row-n, 0), false
	case final == 'B':
		s.row, s.wrap = min(s.row+n, s.height-1), false
	case final == 'C':
		s.column, s.wrap = min(s.column+n, s.width-1), false
	case final == 'D':
		s.column, s.wrap = max(s.column-n, 0), false
	case final == 'H' && parameters == "":
		s.row, s.column, s.wrap = 0, 0, false
	case final == 'J' && parameters == "":
		s.erase(s.row, s.column)
	case final == 'J' && parameters == "2":
		s.erase(0, 0)
	case final == 'm':
		s.Styles = append(s.Styles, parameters)
	case parameters == "?2004" && (final == 'h' || final == 'l'):
	default:
		s.Unknown = append(s.Unknown, fmt.Sprintf("%q", s.text[:end+1]))
	}
	return end + 1
}

func (s *Screen) erase(row, column int) {
	for i := column; i < s.width; i++ {
		s.rows[row][i] = " "
	}
	for i := row + 1; i < s.height; i++ {
		s.rows[i] = blank(s.width)
	}
}
