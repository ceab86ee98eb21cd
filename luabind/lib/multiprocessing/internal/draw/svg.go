package draw

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
)

// A still picture, for documents: all rows, or the first ones, with what they do; no
// program in it, and colours that can be read on light and dark pages.

const (
	svgWidth    = 1000
	svgGutter   = 170
	svgRow      = 26
	svgTop      = 52
	svgMost     = 60 // rows
	svgMargin   = 10
	svgFont     = `font-family="system-ui, sans-serif"`
	svgArrows   = 400 // more are a cloud
	svgSmallest = .4  // pixels; shorter spans aren't seen
)

// svgClasses are what is drawn, with the colour of each and what the legend says of it.
var svgClasses = [...]struct{ class, colour, name string }{
	{"ready", "#e3dcc8", "was kept ready"},
	{"run", "#2f9e63", "runs"},
	{"start", "#c9b48a", "is started, or starts another"},
	{"task", "#14532d", "task of a pool"},
	{"process", "#8f9db0", "waits for a process"},
	{"lock", "#d1402f", "for a lock"},
	{"event", "#8250df", "for an event or barrier"},
	{"queue", "#d98c00", "for a queue"},
	{"pool", "#3f83d8", "for a pool"},
	{"socket", "#12908e", "for a connection"},
	{"sleep", "#c3cad2", "sleeps"},
	{"other", "#a5764f", "for something else"},
}

func svgColour(class string) string {
	for _, c := range svgClasses {
		if c.class == class {
			return c.colour
		}
	}
	return ""
}

func (p *picture) svg(w io.Writer) error {
	out := bufio.NewWriter(w)
	rows := p.rows[:min(len(p.rows), svgMost)]
	left := len(p.rows) - len(rows)
	height := svgTop + len(rows)*svgRow + 34
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">`+"\n", svgWidth, height, svgWidth, height)
	fmt.Fprintf(out, "<title>%s: what its %d processes did</title>\n", escape(p.title), len(p.rows))
	fmt.Fprintf(out, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", svgWidth, height)
	text := func(x, y float64, size int, fill, anchor, s string) {
		fmt.Fprintf(out, `<text x="%.1f" y="%.1f" %s font-size="%d" fill="%s" text-anchor="%s">%s</text>`+"\n", x, y, svgFont, size, fill, anchor, escape(s))
	}
	length := float64(max(p.length, 1))
	x := func(at int64) float64 {
		return svgGutter + float64(at)/length*(svgWidth-svgGutter-svgMargin)
	}
	bar := func(class string, from, to int64, y, h float64, title string) {
		a, b := x(from), x(to)
		if b-a < svgSmallest {
			return
		}
		fmt.Fprintf(out, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"><title>%s</title></rect>`+"\n", a, y, b-a, h, svgColour(class), escape(title))
	}
	text(svgMargin, 20, 15, "#1b1f24", "start", p.title)
	text(svgWidth-svgMargin, 20, 12, "#57606a", "end", fmt.Sprintf("%d processes, %s", len(p.rows), duration(p.length)))
	step := roundStep(p.length / 6)
	for at := int64(0); at <= p.length; at += step {
		fmt.Fprintf(out, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="#d0d7de"/>`+"\n", x(at), svgTop-6, x(at), svgTop+len(rows)*svgRow)
		text(x(at), svgTop-10, 11, "#57606a", "middle", duration(at))
	}
	used := map[string]bool{"run": true}
	for i, r := range rows {
		y := float64(svgTop + i*svgRow)
		name := r.name
		if len([]rune(name)) > 22 {
			name = string([]rune(name)[:21]) + "…"
		}
		fill := "#1b1f24"
		if r.ended && r.code != 0 {
			fill = "#b3261e"
		}
		text(svgMargin+float64(min(r.depth, 4)*12), y+17, 13, fill, "start", name)
		begin := r.begin
		if begin < 0 {
			begin = r.end
		}
		if r.ready >= 0 {
			used["ready"] = true
			bar("ready", r.ready, r.readyUntil(), y+11, 4, "is kept ready")
		}
		if r.starts >= 0 {
			used["start"] = true
			bar("start", r.starts, begin, y+9, 8, "is started")
		}
		if r.begin >= 0 {
			bar("run", r.begin, r.end, y+4, 18, "runs")
		}
		for j := range r.spans {
			s := &r.spans[j]
			switch {
			case s.kind == spanTask:
				used["task"] = true
				bar("task", s.from, s.to-p.length/800, y+18, 4, s.title()) // with a gap to the next one
			case s.kind == spanStart:
				bar("start", s.from, s.to, y+4, 14, s.title())
			default:
				class := waitClasses[classOf(s)]
				used[class] = true
				if x(s.to)-x(s.from) >= svgSmallest {
					fmt.Fprintf(out, `<rect x="%.1f" y="%.1f" width="%.1f" height="18" fill="#ffffff"/>`+"\n", x(s.from), y+4, x(s.to)-x(s.from))
				}
				bar(class, s.from, s.to, y+8, 10, s.title()+", "+duration(s.to-s.from))
			}
		}
		if r.ended && r.code != 0 {
			fmt.Fprintf(out, `<rect x="%.1f" y="%.1f" width="3" height="22" fill="#b3261e"/>`+"\n", x(r.end)-1, y+2)
			at, anchor := x(r.end)+6, "start"
			if at > svgWidth-160 {
				at, anchor = x(r.end)-6, "end"
			}
			text(at, y+17, 12, "#b3261e", anchor, "✕ "+endOf(r.code))
		}
	}
	if len(p.arrows) <= svgArrows {
		for _, a := range p.arrows {
			if a.kind == arrowStart || a.from.index >= len(rows) || a.to.index >= len(rows) || a.from == a.to {
				continue
			}
			y1, y2 := float64(svgTop+a.from.index*svgRow)+svgRow/2, float64(svgTop+a.to.index*svgRow)+svgRow/2
			dy := 8.0
			if y2 < y1 {
				dy = -8
			}
			fmt.Fprintf(out, `<path d="M%.1f %.1f C%.1f %.1f %.1f %.1f %.1f %.1f" fill="none" stroke="#3d4650" stroke-opacity=".55"/>`+"\n",
				x(a.at), y1+dy, x(a.at), y1+2*dy, x(a.then), y2-2*dy, x(a.then), y2-dy)
			fmt.Fprintf(out, `<path d="M%.1f %.1f l-3 %.1f h6 z" fill="#3d4650" fill-opacity=".7"/>`+"\n", x(a.then), y2-dy, -dy/2)
		}
	}
	at, y := float64(svgMargin), float64(height-12)
	for _, c := range svgClasses {
		if used[c.class] {
			fmt.Fprintf(out, `<rect x="%.1f" y="%.1f" width="14" height="10" fill="%s"/>`+"\n", at, y-9, c.colour)
			text(at+19, y, 12, "#57606a", "start", c.name)
			at += 34 + 6.4*float64(len(c.name))
		}
	}
	if p.full {
		text(svgMargin, 36, 12, "#b3261e", "start", notWhole)
	}
	if left > 0 {
		text(svgWidth-svgMargin, y, 12, "#57606a", "end", fmt.Sprintf("and %d more processes", left))
	}
	out.WriteString("</svg>\n")
	return out.Flush()
}

// roundStep returns a round number of ns that is at least so many.
func roundStep(least int64) int64 {
	for unit := int64(1000); ; unit *= 10 {
		for _, m := range []int64{1, 2, 5} {
			if unit*m >= least {
				return unit * m
			}
		}
	}
}

// duration words ns.
func duration(ns int64) string {
	switch v := float64(ns); {
	case v >= 1e9:
		return strconv.FormatFloat(math.Round(v/1e7)/100, 'f', -1, 64) + " s"
	case v >= 1e6:
		return fmt.Sprintf("%.0f ms", v/1e6)
	case v == 0:
		return "0"
	default:
		return fmt.Sprintf("%.0f µs", v/1e3)
	}
}
