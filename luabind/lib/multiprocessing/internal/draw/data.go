package draw

// pageData is what a page is told beside its bars and arrows: JSON, whose names its program
// knows. Times are microseconds.
type pageData struct {
	title    string
	length   float64
	began    string
	missing  string // of the run, in words; empty: nothing
	events   int
	spans    int
	unit     int64 // of times in columns, in ns
	arrows   int
	rows     []pageRow
	strings  []string
	subjects [][4]int // string, string of the file, line, object
	objects  []string
	pools    []poolTotal
	chain    []link
	totals   [][]float64 // of each row: waited, by class
	hot      []hotWait   // what was waited for longest
}

// pageRow is a row in the data.
type pageRow struct {
	name   string
	pid    int
	parent int // -1: none
	depth  int
	ready  float64 // kept ready since; -1: it wasn't
	starts float64 // -1: unknown
	begin  float64
	end    float64
	how    string // how it ended; empty: unknown
	bad    bool
	daemon bool
	used   float64 // ms of processor time
	memory float64 // MiB
	first  int     // of its spans
	count  int
	marks  []pageMark
}

// A pageMark is a signal that was sent.
type pageMark struct {
	at   float64
	what string
}

// A poolTotal says how busy a pool was.
type poolTotal struct {
	name    string
	workers int
	tasks   int
	failed  int
	busy    float64 // of the time that its workers lived, 0 to 1
}

// A link is a piece of the longest chain of waits: what the end of the run has waited for,
// and what that has waited for, and so on.
type link struct {
	row      int
	from, to float64
	why      string // what came next has waited for
}

// A hotWait is what was waited for somewhere.
type hotWait struct {
	what  string
	place string
	took  float64
	times int
}

func (d *pageData) json() []byte {
	t := new(jsonText)
	t.open('{')
	t.member("title", d.title)
	t.member("length", d.length)
	t.member("began", d.began)
	t.member("missing", d.missing)
	t.member("events", d.events)
	t.member("spans", d.spans)
	t.member("unit", int(d.unit))
	t.member("arrows", d.arrows)
	members(t, "rows", d.rows, func(r pageRow) { r.json(t) })
	members(t, "strings", d.strings, t.string)
	members(t, "subjects", d.subjects, func(s [4]int) { array(t, s[:], t.int) })
	members(t, "objects", d.objects, t.string)
	members(t, "waits", waitNames[:], func(w [2]string) { array(t, w[:], t.string) })
	members(t, "classes", waitClasses[:], t.string)
	members(t, "pools", d.pools, func(p poolTotal) {
		t.open('{')
		t.member("name", p.name)
		t.member("workers", p.workers)
		t.member("tasks", p.tasks)
		t.member("failed", p.failed)
		t.member("busy", p.busy)
		t.shut('}')
	})
	members(t, "chain", d.chain, func(l link) {
		t.open('{')
		t.member("row", l.row)
		t.member("from", l.from)
		t.member("to", l.to)
		t.member("why", l.why)
		t.shut('}')
	})
	members(t, "totals", d.totals, func(row []float64) { array(t, row, t.float) })
	members(t, "hot", d.hot, func(h hotWait) {
		t.open('{')
		t.member("what", h.what)
		t.member("place", h.place)
		t.member("took", h.took)
		t.member("times", h.times)
		t.shut('}')
	})
	t.shut('}')
	return *t
}

// members writes a member that is an array, each value by write.
func members[T any](t *jsonText, name string, list []T, write func(T)) {
	t.key(name)
	array(t, list, write)
}

func (r *pageRow) json(t *jsonText) {
	t.open('{')
	t.member("name", r.name)
	t.member("pid", r.pid)
	t.member("parent", r.parent)
	t.member("depth", r.depth)
	t.member("ready", r.ready)
	t.member("starts", r.starts)
	t.member("begin", r.begin)
	t.member("end", r.end)
	t.member("how", r.how)
	t.member("bad", r.bad)
	t.member("daemon", r.daemon)
	t.member("used", r.used)
	t.member("memory", r.memory)
	t.member("first", r.first)
	t.member("count", r.count)
	if len(r.marks) > 0 {
		members(t, "marks", r.marks, func(m pageMark) {
			t.open('[')
			t.float(m.at)
			t.string(m.what)
			t.shut(']')
		})
	}
	t.shut('}')
}
