package progress

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// A terminal draws the bars of this process that are shown on it.
type terminal struct {
	screen
	green, plain string // colours, or nothing
	now          func() time.Time

	mu     sync.Mutex
	bars   []*Bar // the oldest first
	stop   chan struct{}
	height int // for which the rows were arranged
	width  int
	rows   int  // those that bars have, of all processes
	stale  bool // they have to be arranged anew
	again  int  // how many times more to draw all bars
}

// A screen is what a terminal is drawn on.
type screen interface {
	Write(b []byte) (int, error)
	size() (width, height int) // 0: not known
	ours() bool                // false: another process group has it

	// Each row that a bar has, of the last ones, is held by its process: take says whether it
	// could be had. others returns the highest that another process has, or noSlot.
	take(slot int) bool
	give(slot int)
	others() int

	// watch calls changed, on a goroutine, when the size is another one, or the program goes on
	// after it was stopped: rows have to be arranged anew. End waits for a call under way.
	watch(changed func()) (end func())
}

const (
	noSlot  = -1
	maxRows = 8 // of bars, of all processes
)

// add begins to show b.
func (t *terminal) add(b *Bar) {
	t.mu.Lock()
	defer t.mu.Unlock()
	b.slot, b.drawn, b.inner = noSlot, "", len(t.bars) > 0
	t.bars = append(t.bars, b)
	if t.stop == nil {
		t.stop = make(chan struct{})
		go t.run(t.stop)
	}
}

// run draws until there is no bar any more. Nothing is set up for a loop that ends at once.
func (t *terminal) run(stop <-chan struct{}) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	select {
	case <-ticker.C:
	case <-stop:
		return
	}
	changed := make(chan struct{}, 1)
	defer t.watch(func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.stale = true
		select {
		case changed <- struct{}{}:
		default:
		}
	})()
	for {
		t.draw(stop)
		select {
		case <-ticker.C:
		case <-changed:
		case <-stop:
			return
		}
	}
}

// draw draws all bars, unless stop was closed.
func (t *terminal) draw(stop <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	select {
	case <-stop:
		return
	default:
	}
	var out strings.Builder
	if t.ours() {
		t.paint(&out)
	} else {
		t.abandon(&out)
	}
	t.flush(&out)
}

// paint appends what brings the screen up to date.
func (t *terminal) paint(out *strings.Builder) {
	now := t.now()
	width, height := t.size()
	t.share(height)
	rows := t.others() + 1
	for _, b := range t.bars {
		rows = max(rows, b.slot+1)
	}
	rows = min(rows, room(height))
	anew := t.stale || height != t.height || width != t.width
	if anew || rows != t.rows {
		out.WriteString(arrange(height, rows, anew || rows < t.rows))
		t.rows, t.height, t.width, t.stale = rows, height, width, false
		t.again = againAfter
	}
	var bars strings.Builder
	for _, b := range t.bars {
		if b.slot == noSlot {
			continue
		}
		text := b.at(now, false).line(width-1, t.green, t.plain)
		if t.again > 0 || text != b.drawn {
			bars.WriteString(place(height-b.slot, text))
			b.drawn = text
		}
	}
	t.again = max(0, t.again-1)
	if bars.Len() > 0 { // the region as well: an editor that the script has run leaves none
		out.WriteString(saveCursor + region(height-rows) + bars.String() + restoreCursor)
	}
}

// againAfter is how many times bars are drawn, whether they have changed or not, after rows were
// arranged: of several processes that do it each may have erased the bars of the others.
const againAfter = 3

// room is how many rows bars may have: half of the screen is for what is printed, and two
// rows at least, since no scroll region is smaller.
func room(height int) int { return max(0, min(maxRows, height/2, height-2)) }

// share gives each bar a row, as far as there are any. One that has a row keeps it.
func (t *terminal) share(height int) {
	taken := map[int]bool{}
	for _, b := range t.bars {
		if b.slot >= room(height) {
			t.give(b.slot)
			b.slot = noSlot
		}
		taken[b.slot] = true
	}
	free := 0
	for _, b := range t.bars {
		for ; b.slot == noSlot && free < room(height); free++ {
			if !taken[free] && t.take(free) {
				b.slot = free
			}
		}
	}
}

// remove takes b from the screen. What was done stays there as a line, unless b began
// beside another bar.
func (t *terminal) remove(b *Bar) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bars = slices.DeleteFunc(t.bars, func(other *Bar) bool { return other == b })
	if len(t.bars) == 0 {
		close(t.stop)
		t.stop = nil
	}
	var out strings.Builder
	ours := t.ours()
	width, height := t.size()
	if b.slot != noSlot {
		t.give(b.slot)
		if t.rows > 0 && height == t.height && !t.stale {
			out.WriteString(saveCursor + place(height-b.slot, "") + restoreCursor)
		}
		if ours {
			t.paint(&out)
		} else {
			t.abandon(&out)
		}
	}
	if ours && width > 0 && !b.inner {
		out.WriteString(freshRow(width) + b.at(t.now(), true).line(width-1, t.green, t.plain) + "\r\n")
	}
	t.flush(&out)
}

// abandon gives all rows back when somebody else has got the terminal.
func (t *terminal) abandon(out *strings.Builder) {
	if t.rows > 0 {
		out.WriteString(saveCursor + wholeScreen)
		for _, b := range t.bars {
			if b.slot != noSlot {
				out.WriteString(place(t.height-b.slot, ""))
			}
		}
		out.WriteString(restoreCursor)
	}
	t.rows, t.stale = 0, true
}

// flush writes in one piece: what others print comes before or after it. There is nobody
// to tell of an error.
func (t *terminal) flush(out *strings.Builder) {
	if out.Len() > 0 {
		t.Write([]byte(out.String()))
	}
}
