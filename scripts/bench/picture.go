package main

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"slices"
)

// The picture: a row for each peer, a dot for each start, its latency on a
// logarithmic axis, and a stroke for the median.
const (
	rowHeight = 44
	left      = 130 // of the axis
	axis      = 560 // its length
	top       = 56
)

// draw returns the picture of the latencies, in microseconds, of each peer.
func draw(title string, peers []peer, latencies map[string][]float64) []byte {
	var all []float64
	var rows []peer
	for _, p := range peers {
		if list := latencies[p.name]; len(list) > 0 {
			all = append(all, list...)
			rows = append(rows, p)
		}
	}
	if len(all) == 0 {
		all = []float64{1}
	}
	low := math.Floor(math.Log10(max(slices.Min(all), 1)))
	high := max(math.Ceil(math.Log10(slices.Max(all))), low+1)
	x := func(us float64) float64 { return left + axis*(math.Log10(max(us, 1))-low)/(high-low) }

	var b bytes.Buffer
	width, height := left+axis+30, top+rowHeight*len(rows)+30
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="white"/>`+"\n", width, height)
	fmt.Fprintf(&b, `<text x="%d" y="22">%s</text>`+"\n", 10, html.EscapeString(title))
	for e := low; e <= high; e++ {
		at := x(math.Pow(10, e))
		fmt.Fprintf(&b, `<path d="M%.1f %dV%d" stroke="#ddd"/><text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n",
			at, top-10, height-26, at, height-10, duration(math.Pow(10, e)))
	}
	for i, p := range rows {
		y := top + rowHeight*i + rowHeight/2
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`+"\n", left-12, y+4, html.EscapeString(p.name))
		for n, us := range latencies[p.name] {
			// Spread over the row, so that dots don't hide one another.
			fmt.Fprintf(&b, `<circle cx="%.1f" cy="%d" r="2.5" fill="#2a6fb0" fill-opacity="0.45"/>`+"\n", x(us), y-10+n*7%21)
		}
		m := median(latencies[p.name])
		fmt.Fprintf(&b, `<path d="M%.1f %dv28" stroke="#c03" stroke-width="2"/><text x="%.1f" y="%d" fill="#c03" font-size="11" text-anchor="middle">%s</text>`+"\n",
			x(m), y-14, x(m), y-17, duration(m))
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// duration writes microseconds in a unit that suits them.
func duration(us float64) string {
	switch {
	case us < 1e3:
		return fmt.Sprintf("%.0f µs", us)
	case us < 1e6:
		return fmt.Sprintf("%.3g ms", us/1e3)
	default:
		return fmt.Sprintf("%.3g s", us/1e6)
	}
}
