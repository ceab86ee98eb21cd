package draw

import (
	"bufio"
	"bytes"
	"compress/flate"
	_ "embed" // the page
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// The page is one file: its text, its style and its program, and before that the run, as
//
//	packed = {script element}: one piece of base64 each, of what follows, deflated
//	run    = length JSON {column}                  JSON: all but the bars and arrows
//	column = the same field of all bars, one behind the other; then of all arrows
//	bars   = kinds {from} {took} {subject} {number of a task}
//	arrows = kinds {at} {took} {source} {target}
//
// Kinds are bytes, all others are numbers of any size (as encoding/binary's), times in ns or, where there are many, µs,
// from is what it is after that of the bar before in its row, at after the arrow before. So a million
// events are a few megabytes of text: a browser reads a page in pieces of 64 KiB, each
// of which takes its time on a busy machine, and long texts of one element take more.

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

//go:embed data.js
var dataProgram string

//go:embed page.js
var pageProgram string

//go:embed chart.js
var chartProgram string

//go:embed around.js
var aroundProgram string

func micros(ns int64) float64 {
	if ns < 0 {
		return -1
	}
	return float64(ns) / 1000
}

// table numbers values.
type table[T comparable] struct {
	list  []T
	known map[T]int
}

func (t *table[T]) number(v T) int {
	if n, ok := t.known[v]; ok {
		return n
	}
	if t.known == nil {
		t.known = map[T]int{}
	}
	n := len(t.list)
	t.known[v] = n
	t.list = append(t.list, v)
	return n
}

// manyEvents are so many that they are timed to the microsecond, which makes their page a third smaller.
const manyEvents = 200_000

func (p *picture) html(w io.Writer) error {
	data := pageData{title: p.title, length: micros(p.length), began: clock(p.wall), events: p.events, arrows: len(p.arrows)}
	data.unit = 1
	if p.events > manyEvents {
		data.unit = 1000
	}
	if p.full {
		data.missing = notWhole
	}
	var strs table[string]
	var subjects table[[4]int]
	var objects table[uint64]
	strs.number("")
	objects.number(0)
	var kinds, from, took, subject, number column
	index := map[*row]int{}
	for i, r := range p.rows {
		index[r] = i
	}
	for _, r := range p.rows {
		parent := -1
		if r.parent != nil {
			if i, ok := index[r.parent]; ok {
				parent = i
			}
		}
		line := pageRow{
			name: r.name, pid: r.pid, parent: parent, depth: r.depth, ready: micros(r.ready), starts: micros(r.starts), begin: micros(r.begin), end: micros(r.end),
			daemon: r.daemon, used: float64(r.used) / 1e6, memory: float64(r.memory) / (1 << 20), first: data.spans, count: len(r.spans),
		}
		if r.ended {
			line.how, line.bad = endOf(r.code), r.code != 0
		}
		for _, m := range r.killed {
			line.marks = append(line.marks, pageMark{micros(m.at), signalName(m.signal)})
		}
		data.rows = append(data.rows, line)
		data.spans += len(r.spans)
		at := int64(0)
		for i := range r.spans {
			s := &r.spans[i]
			kind := byte(s.kind)
			if s.failed {
				kind |= 0x80
			}
			kinds = append(kinds, kind)
			begin, end := s.from/data.unit, s.to/data.unit
			from.add(begin - at)
			took.add(end - begin)
			subject.add(int64(subjects.number([4]int{strs.number(s.text), strs.number(s.file), s.line, objects.number(s.object)})))
			if s.kind == spanTask {
				number.add(int64(s.number))
			}
			at = max(at, begin)
		}
	}
	var arrows, at, lasted, source, target column
	before := int64(0)
	for _, a := range p.arrows {
		arrows = append(arrows, byte(a.kind))
		from, to := a.at/data.unit, a.then/data.unit
		at.add(from - before)
		lasted.add(to - from)
		source.add(int64(index[a.from]))
		target.add(int64(index[a.to]))
		before = max(before, from)
	}
	data.strings, data.subjects = strs.list, subjects.list
	for _, o := range objects.list {
		text := ""
		if o != 0 {
			text = strconv.FormatUint(o, 10) // too many digits for a number there
		}
		data.objects = append(data.objects, text)
	}
	p.summarize(&data)

	described := data.json()
	run := binary.AppendUvarint(nil, uint64(len(described)))
	run = append(run, described...)
	for _, c := range []column{kinds, from, took, subject, number, arrows, at, lasted, source, target} {
		run = append(run, c...)
	}
	out := bufio.NewWriter(w)
	rest := pageText
	for _, part := range []struct {
		name  string
		write func() error
	}{ // as they come in page.html
		{"title", func() error { return say(out, escape(p.title)) }},
		{"style", func() error { return say(out, pageStyle) }},
		{"title", func() error { return say(out, escape(p.title)) }},
		{"missing", func() error { return say(out, data.missing) }}, // the program says more, where it runs
		{"packed", func() error { return pack(out, run) }},
		{"program", func() error { return say(out, dataProgram, chartProgram, pageProgram, aroundProgram) }},
	} {
		before, after, ok := strings.Cut(rest, "{{"+part.name+"}}")
		if !ok {
			panic("draw: page.html has no place for " + part.name)
		}
		out.WriteString(before)
		if err := part.write(); err != nil {
			return fmt.Errorf("page: %w", err)
		}
		rest = after
	}
	out.WriteString(rest)
	return out.Flush()
}

func say(out *bufio.Writer, texts ...string) error {
	for _, text := range texts {
		out.WriteString(text) // Flush says whether it could
	}
	return nil
}

// pack writes the elements that hold b.
func pack(out *bufio.Writer, b []byte) error {
	const piece = 48 << 10 // of text; a multiple of what 3 bytes make
	deflated, err := deflate(b)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(deflated, piece/4*3) {
		fmt.Fprintf(out, "<script class=\"packed\" type=\"text/plain\" data-size=\"%d\">", len(b))
		text := base64.NewEncoder(base64.StdEncoding, out)
		text.Write(part)
		text.Close()
		out.WriteString("</script>\n")
	}
	return nil
}

// deflate returns b as RFC 1951 has it. What most runs are is not worth the tables of a flate.Writer,
// which are more memory than all else that draws a page: it is stored as it is, in one block.
func deflate(b []byte) ([]byte, error) {
	const lastStored = 1
	if n := uint16(len(b)); len(b) < 16<<10 {
		head := binary.LittleEndian.AppendUint16([]byte{lastStored}, n)
		return append(binary.LittleEndian.AppendUint16(head, ^n), b...), nil
	}
	level := flate.DefaultCompression
	if len(b) < 1<<20 {
		level = flate.BestSpeed
	}
	var deflated bytes.Buffer
	w, err := flate.NewWriter(&deflated, level)
	if err != nil {
		return nil, err
	}
	w.Write(b)
	err = w.Close()
	return deflated.Bytes(), err
}

// A column is numbers, none of them below zero.
type column []byte

func (c *column) add(v int64) { *c = binary.AppendUvarint(*c, uint64(max(v, 0))) }
