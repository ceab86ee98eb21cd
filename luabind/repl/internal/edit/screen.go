package edit

import (
	"bytes"
	"io"
	"strconv"
	"strings"
	"sync"
)

// screen is the terminal, on which the text that is edited is drawn again and
// again, and above which others write. It never asks the terminal anything: where
// the cursor is follows from what was written.
//
// Any goroutine may call its methods.
type screen struct {
	out  io.Writer
	size func() (width, height int)
	raw  bool // the terminal never begins a new line by itself

	mu      sync.Mutex
	editing bool // the cursor is at the beginning of a row, or in the text
	midLine bool // what was written last, while no text was edited, had no newline at its end
	drawn   bool // what follows is on the screen, the cursor in it
	now     layout
	top     int // the first of its rows that is shown
}

// Write writes b above the text, or where the cursor is if none is edited.
func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(b) == 0 {
		return 0, nil
	}
	open := b[len(b)-1] != '\n'
	s.midLine = open && !s.editing
	if !s.editing && !s.raw {
		return s.out.Write(b)
	}
	var out bytes.Buffer
	s.erase(&out)
	out.WriteString(strings.ReplaceAll(string(b), "\n", "\r\n"))
	if open && s.editing {
		out.WriteString("\r\n")
	}
	if s.drawn {
		s.paint(&out)
	}
	if _, err := s.out.Write(out.Bytes()); err != nil {
		return 0, err
	}
	return len(b), nil
}

// begin makes sure that what comes next stands at the beginning of a row, whatever
// was written before, and by whom: as many spaces as a row has cells go on to the next
// row unless they begin at the first cell.
func (s *screen) begin() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	width, _ := s.size()
	_, err := io.WriteString(s.out, strings.Repeat(" ", width)+"\r\x1b[J")
	s.editing, s.midLine = true, false
	return err
}

// draw puts l in the place of what was drawn before.
func (s *screen) draw(l layout) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out bytes.Buffer
	s.erase(&out)
	s.now, s.drawn = l, true
	s.paint(&out)
	_, err := s.out.Write(out.Bytes())
	return err
}

// finish draws l, all of it however many rows that are, and leaves it behind; the
// cursor is in the row below it.
func (s *screen) finish(l layout) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out bytes.Buffer
	s.erase(&out)
	for _, row := range l.rows {
		out.WriteString(row + "\r\n")
	}
	s.drawn, s.editing = false, false
	_, err := s.out.Write(out.Bytes())
	return err
}

// hide takes the text from the screen, until it is drawn again.
func (s *screen) hide() {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out bytes.Buffer
	s.erase(&out)
	s.drawn, s.editing = false, false
	s.out.Write(out.Bytes())
}

// clear empties the whole screen.
func (s *screen) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drawn = false
	io.WriteString(s.out, "\x1b[H\x1b[2J")
}

// resized draws what is there again, in the width that the terminal has now. lay
// makes the new layout.
func (s *screen) resized(lay func(width int) layout) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.drawn {
		return
	}
	width, _ := s.size()
	// Most terminals have broken the rows that were too long by now.
	above := 0
	for _, cells := range s.now.widths[s.top:s.now.row] {
		above += max(1, (cells+width-1)/width)
	}
	above += s.now.column / width
	var out bytes.Buffer
	moveUp(&out, above)
	out.WriteString("\r\x1b[J")
	s.now = lay(width)
	s.paint(&out)
	s.out.Write(out.Bytes())
}

// erase takes the text from the screen; the cursor is where it began.
func (s *screen) erase(out *bytes.Buffer) {
	if s.drawn {
		moveUp(out, s.now.row-s.top)
		out.WriteString("\r\x1b[J")
	}
}

// paint draws as many rows around the cursor as there is room for.
func (s *screen) paint(out *bytes.Buffer) {
	_, height := s.size()
	height = max(height, 1)
	rows := len(s.now.rows)
	s.top = min(s.top, s.now.row, max(rows-height, 0))
	s.top = max(s.top, s.now.row-height+1)
	end := min(s.top+height, rows)
	out.WriteString(strings.Join(s.now.rows[s.top:end], "\r\n"))
	moveUp(out, end-1-s.now.row)
	out.WriteString("\r")
	if s.now.column > 0 {
		out.WriteString("\x1b[" + strconv.Itoa(s.now.column) + "C")
	}
}

func moveUp(out *bytes.Buffer, rows int) {
	if rows > 0 {
		out.WriteString("\x1b[" + strconv.Itoa(rows) + "A")
	}
}
