package progress

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/rivo/uniseg"
)

// glass is a terminal with a scroll region. It holds what a person would see, and fails on what
// it doesn't know.
type glass struct {
	t             *testing.T
	width, height int
	gone          []string   // rows that have left the screen at the top
	rows          [][]string // cells; the second one of a wide character is ""
	row, column   int
	wrap          bool // the last column was written: the next character goes to the next row
	bottom        int  // the last row of the scroll region
	saved         [2]int
	held          map[int]*fake // rows, by those who have them
}

func newGlass(t *testing.T, width, height int) *glass {
	s := &glass{t: t, held: map[int]*fake{}}
	s.resize(width, height)
	return s
}

// resize does what most terminals do: rows keep what there is room for, the cursor's stays
// on the screen, and the scroll region is the whole screen again.
func (s *glass) resize(width, height int) {
	for i, cells := range s.rows {
		row := blank(width)
		copy(row, cells)
		s.rows[i] = row
	}
	for len(s.rows) > height && len(s.rows) > s.row+1 {
		s.rows = s.rows[:len(s.rows)-1]
	}
	for len(s.rows) > height {
		s.gone = append(s.gone, shown(s.rows[0]))
		s.rows = s.rows[1:]
		s.row--
	}
	for len(s.rows) < height {
		s.rows = append(s.rows, blank(width))
	}
	s.width, s.height, s.bottom, s.wrap = width, height, height-1, false
	s.column = min(s.column, width-1)
}

func blank(width int) []string { return strings.Split(strings.Repeat(" ", width), "") }

func shown(cells []string) string { return strings.TrimRight(strings.Join(cells, ""), " ") }

// String is all that can be seen and that could be, up to the last row that isn't empty.
func (s *glass) String() string {
	lines := append([]string(nil), s.gone...)
	for _, cells := range s.rows {
		lines = append(lines, shown(cells))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// print is what a process writes that knows of no bars; the system puts a \r before each \n.
func (s *glass) print(text string) { s.Write([]byte(strings.ReplaceAll(text, "\n", "\r\n"))) }

func (s *glass) Write(b []byte) (int, error) {
	for text := string(b); text != ""; {
		text = text[s.step(text):]
	}
	return len(b), nil
}

func (s *glass) step(text string) int {
	switch c := text[0]; {
	case c == 0x1b:
		return s.escape(text)
	case c == '\r':
		s.column, s.wrap = 0, false
	case c == '\n':
		s.lineFeed()
	case c < 0x20:
		s.t.Errorf("unknown control character %q", c)
	default:
		cluster, _, width, _ := uniseg.FirstGraphemeClusterInString(text, -1)
		if s.wrap || s.column+width > s.width {
			s.column = 0
			s.lineFeed()
		}
		s.rows[s.row][s.column] = cluster
		for i := 1; i < width; i++ {
			s.rows[s.row][s.column+i] = ""
		}
		s.column += width
		s.wrap = s.column >= s.width
		s.column = min(s.column, s.width-1)
		return len(cluster)
	}
	return 1
}

func (s *glass) lineFeed() {
	s.wrap = false
	switch {
	case s.row == s.bottom:
		s.gone = append(s.gone, shown(s.rows[0]))
		copy(s.rows, s.rows[1:s.bottom+1])
		s.rows[s.bottom] = blank(s.width)
	case s.row < s.height-1:
		s.row++
	}
}

func (s *glass) escape(text string) int {
	var final byte
	switch {
	case strings.HasPrefix(text, "\x1b7"):
		s.saved = [2]int{s.row, s.column}
		return 2
	case strings.HasPrefix(text, "\x1b8"):
		s.row, s.column, s.wrap = min(s.saved[0], s.height-1), min(s.saved[1], s.width-1), false
		return 2
	case strings.HasPrefix(text, "\x1bD"):
		s.lineFeed()
		return 2
	}
	n := strings.IndexFunc(text[2:], func(r rune) bool { return r >= '@' && r <= '~' })
	if text[1] != '[' || n < 0 {
		s.t.Errorf("unknown sequence %q", text[:2])
		return 2
	}
	parameters := text[2 : 2+n]
	final = text[2+n]
	var a, b int
	fmt.Sscanf(parameters, "%d;%d", &a, &b)
	switch {
	case final == 'm':
	case final == 'r' && parameters == "":
		s.bottom, s.row, s.column, s.wrap = s.height-1, 0, 0, false
	case final == 'r' && a == 1 && b >= 2 && b <= s.height:
		s.bottom, s.row, s.column, s.wrap = b-1, 0, 0, false
	case final == 'H' && a >= 1 && a <= s.height && b == 1:
		s.row, s.column, s.wrap = a-1, 0, false
	case final == 'A' && a >= 1:
		s.row, s.wrap = max(s.row-a, 0), false
	case final == 'K' && parameters == "2":
		s.rows[s.row] = blank(s.width)
	case final == 'J' && parameters == "":
		copy(s.rows[s.row][s.column:], blank(s.width-s.column))
		for i := s.row + 1; i < s.height; i++ {
			s.rows[i] = blank(s.width)
		}
	default:
		s.t.Errorf("unknown sequence %q", text[:3+n])
	}
	return 3 + n
}

// fake is the screen of one process on a glass.
type fake struct {
	*glass
	away    bool // another process group has it
	mu      sync.Mutex
	changed func()
}

func (f *fake) size() (width, height int) { return f.width, f.height }
func (f *fake) ours() bool                { return !f.away }

func (f *fake) take(slot int) bool {
	if f.held[slot] != nil && f.held[slot] != f {
		return false
	}
	f.held[slot] = f
	return true
}

func (f *fake) give(slot int) { delete(f.held, slot) }

func (f *fake) others() int {
	highest := noSlot
	for slot, who := range f.held {
		if who != f {
			highest = max(highest, slot)
		}
	}
	return highest
}

func (f *fake) watch(changed func()) (end func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changed = changed
	return func() {}
}
