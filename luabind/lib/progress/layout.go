package progress

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// A state is what there is to say of a bar at one moment.
type state struct {
	label       string
	done, total float64 // total below 0: it isn't known
	elapsed     time.Duration
	rate        float64 // in a second
}

// Widths of the bar itself with its brackets, in cells.
const (
	narrowest = 10
	widest    = 42
)

// shortest is the width of the shortest part of a label, with its dots and a space.
const shortest = 5

// line words s in width cells at most. What there is no room for is left out, the bar
// itself first and the percentage last:
//
//	reading  45% [#########-----------] 90/200 0:03<0:04 29.5/s
//	reading 90 0:03 29.5/s                                       without a total
//
// Filled stands before the filled part of the bar, and empty behind it: colours, or nothing.
func (s state) line(width int, filled, empty string) string {
	label := fit(s.label, max(width/2, 8))
	if label != "" {
		label += " "
	}
	head, tail := s.percent(), []string{s.counts(), s.times(), speed(s.rate)}
	if s.total < 0 {
		head, tail = num(s.done), tail[1:]
	}
	text := func(bar string) string {
		return strings.Join(append([]string{label + head + bar}, tail...), " ")
	}
	if room := width - cells(text("")) - 1; s.total >= 0 && room >= narrowest {
		return text(" " + s.bar(min(room, widest), filled, empty))
	}
	for cells(text("")) > width && len(tail) > 0 {
		tail = tail[:len(tail)-1]
	}
	if over := cells(text("")) - width; over > 0 && label != "" {
		label = fit(strings.TrimSuffix(label, " "), cells(label)-1-over) + " "
		if cells(label) < shortest {
			label = ""
		}
	}
	return fit(text(""), width)
}

// plain is line for where there is no terminal: as long as it is, and without a bar.
func (s state) plain() string {
	parts := []string{clean(s.label), s.percent(), s.counts(), s.times(), speed(s.rate)}
	if s.total < 0 {
		parts[1], parts[2] = "", num(s.done)
	}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

// fraction is what is done of all, from 0 to 1.
func (s state) fraction() float64 {
	if s.done >= s.total {
		return 1
	}
	return max(0, s.done/s.total)
}

func (s state) percent() string { return fmt.Sprintf("%3d%%", int(100*s.fraction())) }

func (s state) counts() string { return num(s.done) + "/" + num(s.total) }

func (s state) bar(width int, filled, empty string) string {
	inside := width - 2
	n := int(float64(inside) * s.fraction())
	return "[" + filled + strings.Repeat("#", n) + empty + strings.Repeat("-", inside-n) + "]"
}

// times is the time gone, and the time left where that can be told.
func (s state) times() string {
	gone := clock(s.elapsed)
	switch {
	case s.total < 0 || s.done >= s.total:
		return gone
	case s.rate <= 0:
		return gone + "<?"
	}
	left := (s.total - s.done) / s.rate
	if left > 1000*3600 {
		return gone + "<?"
	}
	return gone + "<" + clock(time.Duration(left*float64(time.Second)))
}

// clock words a duration as 0:03 or 1:02:03.
func clock(d time.Duration) string {
	s := int64(d / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// num words a count: whole ones with all their digits.
func num(x float64) string {
	if x == math.Trunc(x) && math.Abs(x) < 1e15 {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return strconv.FormatFloat(x, 'g', 4, 64)
}

// speed words a rate with three digits; a slow one by the minute or the hour.
func speed(rate float64) string {
	unit := "/s"
	for _, longer := range []string{"/min", "/h"} {
		if rate > 0 && rate < 0.1 {
			rate, unit = rate*60, longer
		}
	}
	prefixes := []string{"", "k", "M", "G", "T", "P"}
	i := 0
	for rate >= 9999.5 && i < len(prefixes)-1 {
		rate, i = rate/1000, i+1
	}
	digits := 0
	if rate < 99.95 {
		digits = 1
	}
	if rate < 9.995 {
		digits = 2
	}
	return strconv.FormatFloat(rate, 'f', digits, 64) + prefixes[i] + unit
}

// cells is the width of s on a terminal.
func cells(s string) int { return uniseg.StringWidth(s) }

// fit shortens s to width cells; ".." says that something is missing.
func fit(s string, width int) string {
	s = clean(s)
	if cells(s) <= width {
		return s
	}
	dots := ".."[:min(2, max(width, 0))]
	var b strings.Builder
	used := len(dots)
	for rest, state := s, -1; rest != ""; {
		var cluster string
		var w int
		cluster, rest, w, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if used += w; used > width {
			break
		}
		b.WriteString(cluster)
	}
	return b.String() + dots
}

// clean leaves out what a terminal would take for a command, or another row.
func clean(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "?")
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != zeroWidthJoiner:
			return -1
		}
		return r
	}, s)
}

// zeroWidthJoiner makes one picture of several; other characters of its kind turn the
// direction of what follows, say.
const zeroWidthJoiner = '\u200d'
