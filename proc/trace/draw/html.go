package draw

import (
	"bytes"
	"compress/flate"
	_ "embed" // the page
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"math"
	"strconv"
	"strings"
)

// The page is one file: its text, its style and its program, and behind them the run, as
//
//	data    = JSON: rows, strings, places, objects, the summary    (a script element of type application/json)
//	columns = {column}, deflated, in base64                        (another one)
//	column  = the same field of all spans, one behind the other; then of all arrows
//
// so that a million spans are there in a moment: the program looks at the columns as typed
// arrays. All numbers are little-endian, columns of wide numbers come first.

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageProgram string

//go:embed chart.js
var chartProgram string

//go:embed around.js
var aroundProgram string

// pageRow is a row in the data.
type pageRow struct {
	Name   string   `json:"name"`
	Pid    int      `json:"pid"`
	Parent int      `json:"parent"` // -1: none
	Depth  int      `json:"depth"`
	Starts float64  `json:"starts"` // microseconds; -1: unknown
	Begin  float64  `json:"begin"`
	End    float64  `json:"end"`
	How    string   `json:"how"` // how it ended; empty: unknown
	Bad    bool     `json:"bad"`
	Daemon bool     `json:"daemon,omitempty"`
	Used   float64  `json:"used"`   // ms of processor time
	Memory float64  `json:"memory"` // MiB
	First  int      `json:"first"`  // of its spans
	Count  int      `json:"count"`
	Marks  [][2]any `json:"marks,omitempty"` // when, what
}

type pageData struct {
	Title   string      `json:"title"`
	Length  float64     `json:"length"` // microseconds
	Began   string      `json:"began"`
	Missing string      `json:"missing"` // of the run, in words; empty: nothing
	Events  int         `json:"events"`
	Spans   int         `json:"spans"`
	Arrows  int         `json:"arrows"`
	Rows    []pageRow   `json:"rows"`
	Strings []string    `json:"strings"`
	Places  [][2]int    `json:"places"` // of strings, line
	Objects []string    `json:"objects"`
	Waits   [][2]string `json:"waits"` // title and class by what for
	Pools   []poolTotal `json:"pools"`
	Chain   []link      `json:"chain"`
	Totals  [][]float64 `json:"totals"` // of each row: microseconds waited, by class
	Classes []string    `json:"classes"`
	Hot     []hotWait   `json:"hot"` // what was waited for longest
}

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

func (p *picture) html(w io.Writer) error {
	data := pageData{
		Title: p.title, Length: micros(p.length), Began: clock(p.wall), Events: p.events,
		Arrows: len(p.arrows), Waits: waitNames, Classes: waitClasses,
		Rows: []pageRow{}, Totals: [][]float64{}, Pools: []poolTotal{}, Hot: []hotWait{}, Chain: []link{}, // none is no null
	}
	if p.full {
		data.Missing = notWhole
	}
	var strs table[string]
	var places table[[2]int]
	var objects table[uint64]
	strs.number("")
	places.number([2]int{0, 0})
	objects.number(0)
	var from, took, what, place, object, number, flags column
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
			Name: r.name, Pid: r.pid, Parent: parent, Depth: r.depth, Starts: micros(r.starts), Begin: micros(r.begin), End: micros(r.end),
			Daemon: r.daemon, Used: float64(r.used) / 1e6, Memory: float64(r.memory) / (1 << 20), First: data.Spans, Count: len(r.spans),
		}
		if r.ended {
			line.How, line.Bad = endOf(r.code), r.code != 0
		}
		for _, m := range r.killed {
			line.Marks = append(line.Marks, [2]any{micros(m.at), signalName(m.signal)})
		}
		data.Rows = append(data.Rows, line)
		data.Spans += len(r.spans)
		for i := range r.spans {
			s := &r.spans[i]
			from.float64(micros(s.from))
			took.float32(float64(max(s.to-s.from, 0)) / 1000)
			what.uint32(strs.number(s.text))
			place.uint32(places.number([2]int{strs.number(s.file), s.line}))
			object.uint32(objects.number(s.object))
			number.uint32(s.number)
			flag := byte(s.kind)
			if s.failed {
				flag |= 0x80
			}
			flags = append(flags, flag)
		}
	}
	var at, then, source, target, kinds column
	for _, a := range p.arrows {
		at.float64(micros(a.at))
		then.float64(micros(a.then))
		source.uint32(index[a.from])
		target.uint32(index[a.to])
		kinds = append(kinds, byte(a.kind))
	}
	data.Strings, data.Places = strs.list, places.list
	for _, o := range objects.list {
		data.Objects = append(data.Objects, strconv.FormatUint(o, 10)) // too many digits for a number there
	}
	p.summarize(&data)

	var packed bytes.Buffer
	deflate, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		return err
	}
	for _, c := range []column{from, at, then, took, what, place, object, number, source, target, flags, kinds} {
		deflate.Write(c)
	}
	if err := deflate.Close(); err != nil {
		return err
	}
	described, err := json.Marshal(data) // escapes < and >
	if err != nil {
		return err
	}
	page := strings.NewReplacer(
		"{{title}}", html.EscapeString(p.title),
		"{{style}}", pageStyle,
		"{{data}}", string(described),
		"{{columns}}", base64.StdEncoding.EncodeToString(packed.Bytes()),
		"{{program}}", chartProgram+pageProgram+aroundProgram,
	)
	if _, err := page.WriteString(w, pageText); err != nil {
		return fmt.Errorf("page: %w", err)
	}
	return nil
}

// A column is numbers of one size.
type column []byte

func (c *column) float64(v float64) { *c = binary.LittleEndian.AppendUint64(*c, math.Float64bits(v)) }
func (c *column) float32(v float64) {
	*c = binary.LittleEndian.AppendUint32(*c, math.Float32bits(float32(v)))
}
func (c *column) uint32(v int) { *c = binary.LittleEndian.AppendUint32(*c, uint32(v)) }
