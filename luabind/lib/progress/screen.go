package progress

import (
	"fmt"
	"strings"
)

// Sequences of the VT100, which the terminals of today and the console of Linux know.
const (
	saveCursor    = "\x1b7" // with colours
	restoreCursor = "\x1b8"
	index         = "\x1bD" // down a row in the same column; in the last one all scrolls up
	eraseBelow    = "\x1b[J"
	eraseRow      = "\x1b[2K"
	plainText     = "\x1b[m"
	wholeScreen   = "\x1b[r" // scrolls; puts the cursor in the corner
	green         = "\x1b[32m"
)

// arrange gives the last rows of a screen of that height to bars, and the rest to what is
// printed: that scrolls by itself. No rows: everything is for what is printed again. The cursor
// stays in its text. Whatever arrangement there was before, of another height even, is
// forgotten; erase empties all that is below the cursor, where nothing but bars can be.
func arrange(height, rows int, erase bool) string {
	s := saveCursor + wholeScreen + restoreCursor
	if erase {
		s += eraseBelow
	}
	if rows == 0 {
		return s
	}
	return s + strings.Repeat(index, rows) + saveCursor + region(height-rows) + restoreCursor +
		fmt.Sprintf("\x1b[%dA", rows)
}

// region lets rows 1 to last scroll, and the rest stay. It moves the cursor.
func region(last int) string { return fmt.Sprintf("\x1b[1;%dr", last) }

// place puts text into a row, counted from 1. It moves the cursor.
func place(row int, text string) string {
	return fmt.Sprintf("\x1b[%d;1H", row) + plainText + eraseRow + text
}

// freshRow brings the cursor to the beginning of a row: as many spaces as a row has cells
// go on to the next one unless they begin at the first cell.
func freshRow(width int) string { return strings.Repeat(" ", width) + "\r" + eraseRow }
