package draw

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/xml"
	"html"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"luaspawn/luabind/lib/multiprocessing/internal/trace"
)

// example is a run of two children: one gets an item and is killed while it waits for a lock,
// the other one ends before it has recorded anything. Times are microseconds.
func example() *trace.Run {
	const ms = 1000 * 1000
	main := &trace.Process{Pid: 10, Number: 1, Events: []trace.Event{
		{Kind: trace.Begin, Time: 1 * ms, Aux: trace.FlagMain, Text: "MainProcess"},
		{Kind: trace.Starts, Time: 2 * ms, Text: "child", File: "main.lua", Line: 5},
		{Kind: trace.Started, Time: 3 * ms, A: 11, Text: "child"},
		{Kind: trace.Started, Time: 4 * ms, A: 12, Text: "short"},
		{Kind: trace.Put, Time: 5 * ms, Object: 77, A: 1, Text: "Queue"},
		{Kind: trace.Wait, Time: 6 * ms, Aux: trace.ForProcess, A: 11, Text: "child", File: "main.lua", Line: 9},
		{Kind: trace.Usage, Time: 9 * ms, A: 2048, Object: 3 * ms},
		{Kind: trace.Exit, Time: 9 * ms, A: 11, Aux: 1<<16 - 9},
		{Kind: trace.Resume, Time: 10 * ms},
		{Kind: trace.Exit, Time: 10 * ms, A: 12, Aux: 1},
		{Kind: trace.End, Time: 11 * ms},
	}}
	child := &trace.Process{Pid: 11, Number: 2, Events: []trace.Event{
		{Kind: trace.Ready, Time: 3 * ms, Object: 3 * ms / 2},
		{Kind: trace.Begin, Time: 3 * ms, A: 10, Text: "child"},
		{Kind: trace.Wait, Time: 4 * ms, Aux: trace.ForItem, Object: 77, Text: "Queue", File: "main.lua", Line: 2},
		{Kind: trace.Get, Time: 6 * ms, Object: 77, A: 1, Text: "Queue"},
		{Kind: trace.Resume, Time: 6 * ms},
		{Kind: trace.Task, Time: 7 * ms, A: 4, Text: "Pool-1"},
		{Kind: trace.Wait, Time: 8 * ms, Aux: trace.ForLock, Object: 78, Text: "Lock", File: "main.lua", Line: 3},
	}}
	return &trace.Run{Wall: time.Unix(1e9, 0), Processes: []*trace.Process{main, child}}
}

func TestBuild(t *testing.T) {
	p := build(example(), "main.lua")
	if len(p.rows) != 3 || p.length != 10e6 {
		t.Fatalf("got %d rows, %d ns", len(p.rows), p.length)
	}
	main, child, short := p.rows[0], p.rows[1], p.rows[2]
	if main.name != "MainProcess" || main.depth != 0 || !main.ended || main.code != 0 {
		t.Errorf("got %+v", main)
	}
	if child.name != "child" || child.parent != main || child.depth != 1 || child.code != -9 || child.end != 8e6 || child.ready != 5e5 || child.readyUntil() != 1e6 || child.memory != 2<<20 {
		t.Errorf("got %+v", child)
	}
	if short.name != "short" || short.begin != -1 || short.code != 1 {
		t.Errorf("got %+v", short)
	}
	want := []span{
		{kind: spanWait + trace.ForItem, from: 3e6, to: 5e6, text: "Queue", object: 77, file: "main.lua", line: 2},
		{kind: spanTask, from: 6e6, to: 8e6, text: "Pool-1", number: 4},
		{kind: spanWait + trace.ForLock, from: 7e6, to: 8e6, text: "Lock", object: 78, file: "main.lua", line: 3},
	}
	if len(child.spans) != len(want) {
		t.Fatalf("got %+v", child.spans)
	}
	for i, s := range child.spans {
		if s != want[i] {
			t.Errorf("got %+v, want %+v", s, want[i])
		}
	}
	kinds := map[int]int{}
	for _, a := range p.arrows {
		kinds[a.kind]++
		if a.then < a.at {
			t.Errorf("an arrow leads back in time: %+v", a)
		}
	}
	if kinds[arrowStart] != 2 || kinds[arrowItem] != 1 || kinds[arrowEnd] != 1 {
		t.Errorf("got %v", kinds)
	}
}

// fieldsOf says which fields belong to a phase, by the document of the trace event format.
var fieldsOf = map[string]struct{ dur, id, scope bool }{
	"X": {dur: true}, "s": {id: true}, "f": {id: true}, "i": {scope: true}, "M": {},
}

// Several engines of one process wait side by side, and the process begins with the first of them.
func TestEngines(t *testing.T) {
	p := build(engines(), "main.lua")
	if len(p.rows) != 2 || p.rows[0].begin != 0 || p.rows[0].name != "MainProcess" {
		t.Fatalf("got %+v", p.rows)
	}
	want := []span{
		{kind: spanWait + trace.ForLock, from: 1e6, to: 8e6, text: "Lock", object: 5},
		{kind: spanStart, from: 2e6, to: 4e6, text: "child", pid: 11, engine: 1},
		{kind: spanWait + trace.ForPool, from: 5e6, to: 7e6, text: "Pool-1", engine: 1, failed: true},
	}
	if !slices.Equal(p.rows[0].spans, want) {
		t.Errorf("got %+v, want %+v", p.rows[0].spans, want)
	}
	if last := p.arrows[len(p.arrows)-1]; last.kind != arrowRelease || last.at != 6e6 || last.then != 8e6 {
		t.Errorf("got %+v", last)
	}
}

func engines() *trace.Run {
	const ms, second = 1000 * 1000, 1 << trace.EngineShift
	return &trace.Run{Processes: []*trace.Process{
		{Pid: 10, Number: 1, Events: []trace.Event{
			{Kind: trace.Begin, Time: 1 * ms, Aux: trace.FlagMain, Text: "MainProcess"},
			{Kind: trace.Wait, Time: 2 * ms, Aux: trace.ForLock, Object: 5, Text: "Lock"},
			{Kind: trace.Begin, Time: 3 * ms, Aux: trace.FlagMain, Text: "MainProcess"},
			{Kind: trace.Starts, Time: 3 * ms, Aux: second, Text: "child"},
			{Kind: trace.Started, Time: 5 * ms, Aux: second, A: 11, Text: "child"},
			{Kind: trace.Wait, Time: 6 * ms, Aux: second | trace.ForPool, Text: "Pool-1"},
			{Kind: trace.Resume, Time: 8 * ms, Aux: second | 1},
			{Kind: trace.Resume, Time: 9 * ms},
			{Kind: trace.End, Time: 10 * ms},
		}},
		{Pid: 11, Number: 2, Events: []trace.Event{
			{Kind: trace.Begin, Time: 5 * ms, A: 10, Text: "child"},
			{Kind: trace.Release, Time: 7 * ms, Object: 5, Text: "Lock"},
		}},
	}}
}

// What stands in the document of the trace event format: each event has these fields, those
// with a duration of one thread are in each other or side by side, and arrows have two ends.
func TestJSON(t *testing.T) {
	testJSON(t, example(), 4)
	testJSON(t, engines(), 2)
}

func testJSON(t *testing.T, run *trace.Run, arrows int) {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, "x.json", run, "main.lua"); err != nil {
		t.Fatal(err)
	}
	var file struct {
		TraceEvents []struct {
			Name, Cat, Ph, S, Bp string
			Ts, Dur              *float64
			Pid, Tid             *int
			ID                   int
			Args                 map[string]any
		}
	}
	if err := json.Unmarshal(b.Bytes(), &file); err != nil {
		t.Fatal(err)
	}
	type end struct {
		name, cat string
		at        float64
	}
	sources := map[int]end{}
	ends := map[int]string{}
	inside := map[int][]float64{}
	for _, e := range file.TraceEvents {
		if e.Name == "" || e.Pid == nil || e.Tid == nil || e.Ph != "M" && e.Ts == nil {
			t.Errorf("incomplete: %+v", e)
			continue
		}
		if known := fieldsOf[e.Ph]; (e.Dur != nil) != known.dur || (e.ID != 0) != known.id || (e.S != "") != known.scope || (e.Ts != nil) == (e.Ph == "M") {
			t.Errorf("fields of another phase than %q: %+v", e.Ph, e)
			continue
		}
		switch e.Ph {
		case "X":
			if *e.Dur < 0 || *e.Ts < 0 {
				t.Errorf("a time below zero: %+v", e)
			}
			open := inside[*e.Tid]
			for len(open) > 0 && open[len(open)-1] <= *e.Ts {
				open = open[:len(open)-1]
			}
			if end := *e.Ts + *e.Dur; len(open) > 0 && end > open[len(open)-1] {
				t.Errorf("%s overlaps another one", e.Name)
			} else {
				inside[*e.Tid] = append(open, end)
			}
		case "s":
			ends[e.ID] += e.Ph
			sources[e.ID] = end{e.Name, e.Cat, *e.Ts}
		case "f": // found by name, category and number; bp lets it end at what is around it
			ends[e.ID] += e.Ph
			if s := sources[e.ID]; s.name != e.Name || s.cat != e.Cat || s.at > *e.Ts || e.Bp != "e" {
				t.Errorf("%+v isn't the other end of %+v", e, s)
			}
		case "M":
			argument, ok := map[string]string{"process_name": "name", "thread_name": "name", "process_sort_index": "sort_index"}[e.Name]
			if _, is := e.Args[argument]; !ok || !is {
				t.Errorf("unknown: %+v", e)
			}
		case "i":
			if e.S != "p" && e.S != "t" && e.S != "g" {
				t.Errorf("unknown scope: %+v", e)
			}
		default:
			t.Errorf("unknown phase %q", e.Ph)
		}
	}
	for id, both := range ends {
		if both != "sf" {
			t.Errorf("arrow %d: %q", id, both)
		}
	}
	if len(ends) != arrows {
		t.Errorf("got %d arrows, want %d", len(ends), arrows)
	}
}

// A recording of nothing, and one whose events make no sense, are drawn too.
func TestStrange(t *testing.T) {
	for _, run := range []*trace.Run{
		{},
		{Processes: []*trace.Process{{Pid: 1, Number: 1, Events: []trace.Event{
			{Kind: trace.Resume, Time: 5}, {Kind: trace.Done, Time: 6}, {Kind: trace.Started, Time: 4, A: 1},
			{Kind: trace.Exit, Time: 3, A: 1}, {Kind: trace.Wait, Time: 7, Aux: 999}, {Kind: trace.Task, Time: 1},
		}}}},
	} {
		for _, name := range []string{"x.html", "x.json", "x.svg"} {
			if err := Write(new(bytes.Buffer), name, run, ""); err != nil {
				t.Error(err)
			}
		}
	}
}

// Texts are those of encoding/json and html, which are not used but here.
func TestEscape(t *testing.T) {
	for _, s := range []string{"", "plain", "a\"b\\c", "\x00\x01\n\t\x1f\x7f", "é 漢 \U0001f600", "\xff\xc3", "</script><!--", "&amp; 'x' \"y\" <z>", "\u2028"} {
		var text jsonText
		text.string(s)
		var back, want string
		if err := json.Unmarshal(text, &back); err != nil {
			t.Errorf("%q: %s: %v", s, text, err)
		}
		b, _ := json.Marshal(s)
		if json.Unmarshal(b, &want); back != want {
			t.Errorf("got %q, want %q", back, want)
		}
		if got := escape(s); xml.Unmarshal([]byte("<a b=\""+got+"\">"+got+"</a>"), new(struct{})) != nil {
			t.Errorf("%q is no text of XML", got)
		}
		if strings.Contains(s, "\x00") || !utf8.ValidString(s) { // html keeps what XML has not
			continue
		}
		if got, want := escape(s), html.EscapeString(s); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// What the page is told, is JSON, and whole.
func TestPageData(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, "x.html", example(), "a \"name\""); err != nil {
		t.Fatal(err)
	}
	if m := regexp.MustCompile(`{{\w+}}`).Find(b.Bytes()); m != nil {
		t.Errorf("%s is still there", m)
	}
	var packed []byte
	for _, m := range regexp.MustCompile(`(?s)<script class="packed"[^>]*>(.*?)</script>`).FindAllSubmatch(b.Bytes(), -1) {
		packed = append(packed, m[1]...)
	}
	run, err := io.ReadAll(flate.NewReader(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(packed))))
	if err != nil {
		t.Fatal(err)
	}
	size, n := binary.Uvarint(run)
	var data struct {
		Title  string
		Length float64
		Spans  int
		Rows   []struct {
			Name, How   string
			Ready, Used float64
			Parent      int
			Bad         bool
		}
		Waits   [][2]string
		Totals  [][]float64
		Classes []string
		Chain   []struct{ Row int }
		Hot     []struct{ Place string }
	}
	if err := json.Unmarshal(run[n:n+int(size)], &data); err != nil {
		t.Fatal(err)
	}
	if data.Title != "a \"name\"" || data.Length != 10000 || data.Spans != 5 || len(data.Rows) != 3 || len(data.Totals) != 3 || len(data.Totals[0]) != len(data.Classes) ||
		len(data.Waits) != len(waitNames) || len(data.Chain) == 0 || len(data.Hot) == 0 {
		t.Errorf("got %+v", data)
	}
	if r := data.Rows[1]; r.Name != "child" || r.How != "ended by SIGKILL" || !r.Bad || r.Ready != 500 || r.Parent != 0 || r.Used != 3 {
		t.Errorf("got %+v", r)
	}
}
