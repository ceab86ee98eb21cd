package progress

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// process is one that shows bars on a glass. Its terminal draws when the test says so.
type process struct {
	*terminal
	screen *fake
}

var epoch = time.Unix(1e9, 0)

func newProcess(s *glass) *process {
	f := &fake{glass: s}
	return &process{&terminal{screen: f, now: func() time.Time { return epoch.Add(10 * time.Second) }}, f}
}

func (p *process) bar(label string, done, total float64) *Bar {
	b := &Bar{label: label, total: total, began: epoch, slot: noSlot}
	b.pace.began = epoch
	b.done.add(done)
	if p.stop == nil {
		p.stop = make(chan struct{}) // no goroutine is needed
	}
	p.add(b)
	return b
}

func (p *process) show() { p.draw(p.stop) }

// want compares the screen with lines, of which the bars are what stands in them up to the
// percentage.
func (s *glass) want(t *testing.T, lines ...string) {
	t.Helper()
	var got []string
	for line := range strings.SplitSeq(s.String(), "\n") {
		if i := strings.IndexByte(line, '%'); i >= 0 {
			line = line[:i+1]
		}
		got = append(got, line)
	}
	if g, w := strings.Join(got, "\n"), strings.Join(lines, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}

func TestPrintsAbove(t *testing.T) {
	s := newGlass(t, 60, 6)
	p := newProcess(s)
	s.print("one\n")
	b := p.bar("work", 1, 4)
	p.show()
	s.want(t, "one", "", "", "", "", "work  25%")
	s.print("two\nhal")
	p.show()
	s.print("f\n")
	for i := range 4 {
		s.print(fmt.Sprintf("line %d\n", i))
	}
	b.done.add(1)
	p.show()
	s.want(t, "one", "two", "half", "line 0", "line 1", "line 2", "line 3", "", "work  50%")
	p.remove(b)
	s.print("after\n")
	s.want(t, "one", "two", "half", "line 0", "line 1", "line 2", "line 3", "work  50%", "after")
}

// At the bottom of the screen the text goes up for the bar, and an open line goes on where it was.
func TestAtTheBottom(t *testing.T) {
	s := newGlass(t, 60, 4)
	p := newProcess(s)
	s.print("1\n2\n3\nhal")
	b := p.bar("work", 1, 4)
	p.show()
	s.print("f")
	s.want(t, "1", "2", "3", "half", "work  25%")
	p.remove(b)
	s.want(t, "1", "2", "3", "half", "work  25%")
	s.print("$ ")
	s.want(t, "1", "2", "3", "half", "work  25%", "$")
}

func TestSeveral(t *testing.T) {
	s := newGlass(t, 60, 8)
	p := newProcess(s)
	s.print("text\n")
	outer, inner := p.bar("outer", 1, 4), p.bar("inner", 2, 4)
	p.show()
	s.want(t, "text", "", "", "", "", "", "inner  50%", "outer  25%")
	p.remove(inner) // it leaves nothing
	s.want(t, "text", "", "", "", "", "", "", "outer  25%")
	inner = p.bar("inner", 3, 4)
	p.show()
	p.remove(outer)
	s.want(t, "text", "outer  25%", "", "", "", "", "inner  75%")
	p.remove(inner)
	s.want(t, "text", "outer  25%")
	if s.bottom != 7 {
		t.Errorf("the scroll region still ends at row %d", s.bottom)
	}
}

// One that ends before it was ever drawn leaves its line all the same.
func TestNeverDrawn(t *testing.T) {
	s := newGlass(t, 60, 4)
	p := newProcess(s)
	s.print("text\n")
	p.remove(p.bar("work", 4, 4))
	s.want(t, "text", "work 100%")
}

func TestManyBars(t *testing.T) {
	s := newGlass(t, 60, 7)
	p := newProcess(s)
	var bars []*Bar
	for i := range 5 {
		bars = append(bars, p.bar(fmt.Sprint("bar", i), 1, 2))
	}
	p.show()
	s.print("text\n")
	s.want(t, "text", "", "", "", "bar2  50%", "bar1  50%", "bar0  50%")
	p.remove(bars[1]) // another one gets its row
	p.show()
	s.want(t, "text", "", "", "", "bar2  50%", "bar3  50%", "bar0  50%")
	for _, b := range bars {
		p.remove(b)
	}
}

func TestProcesses(t *testing.T) {
	s := newGlass(t, 60, 8)
	p, q := newProcess(s), newProcess(s)
	a := p.bar("a", 1, 4)
	p.show()
	b := q.bar("b", 1, 4)
	q.show()
	p.show()
	s.print("text\n")
	s.want(t, "text", "", "", "", "", "", "b  25%", "a  25%")
	p.remove(a)
	q.show()
	s.print("more\n")
	s.want(t, "text", "a  25%", "more", "", "", "", "b  25%")
	c := p.bar("c", 1, 4)
	p.show()
	q.show()
	s.want(t, "text", "a  25%", "more", "", "", "", "b  25%", "c  25%")
	q.remove(b)
	p.show()
	s.want(t, "text", "a  25%", "more", "b  25%", "", "", "", "c  25%")
	p.remove(c)
	if s.bottom != 7 || len(s.held) > 0 {
		t.Errorf("the scroll region ends at row %d, held are %v", s.bottom, s.held)
	}
}

// A process that is killed takes its row along as soon as another one draws.
func TestKilled(t *testing.T) {
	s := newGlass(t, 60, 8)
	p, q := newProcess(s), newProcess(s)
	p.bar("a", 1, 4)
	p.show()
	q.bar("b", 1, 4)
	q.show()
	p.show()
	delete(s.held, 1) // q's
	p.show()
	s.want(t, "", "", "", "", "", "", "", "a  25%")
	if s.bottom != 6 {
		t.Errorf("the scroll region ends at row %d", s.bottom)
	}
}

func TestResize(t *testing.T) {
	for _, size := range [][2]int{{60, 12}, {60, 5}, {30, 8}, {90, 3}, {20, 20}} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			s := newGlass(t, 60, 8)
			p := newProcess(s)
			s.print("1\n2\n3\n")
			b := p.bar("work", 1, 4)
			p.show()
			s.resize(size[0], size[1])
			p.show()
			s.print("4\n")
			p.remove(b)
			s.print("5\n")
			s.want(t, "1", "2", "3", "4", "work  25%", "5")
			if s.bottom != size[1]-1 {
				t.Errorf("the scroll region ends at row %d", s.bottom)
			}
		})
	}
}

// What has become of the rows while the program was stopped is not asked: they are arranged anew.
func TestGoesOn(t *testing.T) {
	s := newGlass(t, 60, 4)
	p := newProcess(s)
	b := p.bar("work", 1, 4)
	p.show()
	s.Write([]byte("\x1b[r\x1b[J1\r\n2\r\n3\r\n$ "))
	p.stale = true
	p.show()
	s.print("text\n")
	s.want(t, "1", "2", "3", "$ text", "", "work  25%")
	p.remove(b)
}

// An editor that the script has run leaves no scroll region behind.
func TestAfterAnEditor(t *testing.T) {
	s := newGlass(t, 60, 4)
	p := newProcess(s)
	b := p.bar("work", 1, 4)
	for range againAfter {
		p.show()
	}
	s.Write([]byte("\x1b7\x1b[r\x1b8\x1b[J"))
	b.done.add(1)
	p.show()
	s.print("1\n2\n3\n")
	s.want(t, "1", "2", "3", "", "work  50%")
	p.remove(b)
}

// In the background of a shell the rows are given back, and nothing is drawn or left.
func TestBackground(t *testing.T) {
	s := newGlass(t, 60, 6)
	p := newProcess(s)
	b := p.bar("work", 1, 4)
	p.show()
	p.screen.away = true
	p.show()
	s.print("$ \n")
	s.want(t, "$")
	p.show()
	p.screen.away = false
	p.show()
	s.want(t, "$", "", "", "", "", "work  25%")
	p.screen.away = true
	p.remove(b)
	s.want(t, "$")
	if s.bottom != 5 {
		t.Errorf("the scroll region ends at row %d", s.bottom)
	}
}

func TestSmallScreens(t *testing.T) {
	for height := 1; height < 5; height++ {
		for width := 1; width < 20; width++ {
			s := newGlass(t, width, height)
			p := newProcess(s)
			b := p.bar("读取 files", 1, 4)
			c := p.bar("more", 1, 4)
			p.show()
			s.print("x\n")
			p.show()
			p.remove(c)
			p.remove(b)
			if s.bottom != height-1 {
				t.Errorf("%dx%d: the scroll region ends at row %d", width, height, s.bottom)
			}
			if !strings.HasPrefix(s.String(), "x") {
				t.Errorf("%dx%d: got %q", width, height, s)
			}
		}
	}
}

// Nothing is drawn anew where nothing has changed, and all that is drawn goes out in one piece.
func TestDrawsWhatHasChanged(t *testing.T) {
	s := newGlass(t, 60, 6)
	p := newProcess(s)
	var writes []string
	p.terminal.screen = &spy{p.screen, &writes}
	b := p.bar("work", 1, 4)
	for range 10 {
		p.show()
	}
	b.done.add(1)
	p.show()
	p.remove(b)
	if len(writes) != againAfter+2 {
		t.Errorf("got %d writes, want %d: %q", len(writes), againAfter+2, writes)
	}
}

// spy keeps what is written.
type spy struct {
	*fake
	writes *[]string
}

func (s *spy) Write(b []byte) (int, error) {
	*s.writes = append(*s.writes, string(b))
	return s.fake.Write(b)
}

// The goroutine of a terminal draws within its interval, and ends with the last bar.
func TestRun(t *testing.T) {
	s := newGlass(t, 60, 6)
	p := newProcess(s)
	drawn := make(chan struct{}, 1)
	p.terminal.screen = &signaller{p.screen, drawn}
	b := &Bar{label: "work", total: 4, began: epoch, slot: noSlot}
	b.pace.began = epoch
	p.add(b)
	select {
	case <-drawn:
	case <-time.After(time.Minute):
		t.Fatal("nothing was drawn")
	}
	p.remove(b)
	s.want(t, "work   0%")
}

type signaller struct {
	*fake
	drawn chan<- struct{}
}

func (s *signaller) Write(b []byte) (int, error) {
	select {
	case s.drawn <- struct{}{}:
	default:
	}
	return s.fake.Write(b)
}
