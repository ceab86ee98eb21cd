package draw

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"luaspawn/luabind/lib/multiprocessing/internal/trace"
)

// waitClasses are the kinds of waits that have a colour.
var waitClasses = [...]string{"process", "lock", "event", "queue", "pool", "socket", "sleep", "other"}

// waitNames are title and class of what is waited for, by its number in package trace.
var waitNames = [...][2]string{
	trace.ForOther:     {"waits", "other"},
	trace.ForProcess:   {"waits for the end of", "process"},
	trace.ForLock:      {"waits for a lock", "lock"},
	trace.ForSemaphore: {"waits for a semaphore", "lock"},
	trace.ForEvent:     {"waits for an event", "event"},
	trace.ForCondition: {"waits at a condition", "event"},
	trace.ForBarrier:   {"waits at a barrier", "event"},
	trace.ForItem:      {"waits for an item of a queue", "queue"},
	trace.ForRoom:      {"waits for room in a queue", "queue"},
	trace.ForDone:      {"waits for all items to be done", "queue"},
	trace.ForPool:      {"waits for results of", "pool"},
	trace.ForTask:      {"waits for work", "pool"},
	trace.ForSocket:    {"waits for a connection", "socket"},
	trace.ForSleep:     {"sleeps", "sleep"},
}

// classOf returns the place of a wait among the classes.
func classOf(s *span) int {
	why := s.kind - spanWait
	if why >= len(waitNames) {
		why = trace.ForOther
	}
	return slices.Index(waitClasses[:], waitNames[why][1])
}

// clock is a time of day.
func clock(wall int64) string { return time.Unix(0, wall).Format("2006-01-02 15:04:05") }

// summarize adds up.
func (p *picture) summarize(d *pageData) {
	pools := map[string]*poolTotal{}
	lived := map[string]int64{}
	type hot struct {
		what, file string
		line       int
	}
	waits := map[hot]*hotWait{}
	for _, r := range p.rows {
		total := make([]float64, len(waitClasses))
		pool := ""
		busy := int64(0)
		for i := range r.spans {
			s := &r.spans[i]
			switch {
			case s.kind == spanTask:
				pool = s.text
				if pools[pool] == nil {
					pools[pool] = &poolTotal{name: pool}
				}
				t := pools[pool]
				t.tasks++
				if s.failed {
					t.failed++
				}
				busy += s.to - s.from
			case s.kind >= spanWait:
				total[classOf(s)] += micros(s.to - s.from)
				key := hot{s.title(), s.file, s.line}
				if waits[key] == nil {
					waits[key] = &hotWait{what: key.what}
					if s.file != "" {
						waits[key].place = fmt.Sprintf("%s:%d", s.file, s.line)
					}
				}
				waits[key].took += micros(s.to - s.from)
				waits[key].times++
			}
		}
		if pool != "" {
			pools[pool].workers++
			pools[pool].busy += float64(busy)
			lived[pool] += r.end - max(r.begin, 0)
		}
		d.totals = append(d.totals, total)
	}
	for name, t := range pools {
		t.busy /= float64(max(lived[name], 1))
		d.pools = append(d.pools, *t)
	}
	slices.SortFunc(d.pools, func(a, b poolTotal) int { return cmp.Compare(a.name, b.name) })
	for _, h := range waits {
		d.hot = append(d.hot, *h)
	}
	slices.SortFunc(d.hot, func(a, b hotWait) int {
		return cmp.Or(cmp.Compare(b.took, a.took), cmp.Compare(a.what+a.place, b.what+b.place))
	})
	d.hot = d.hot[:min(len(d.hot), 12)]
	if len(p.rows) > 0 {
		d.chain = p.chain()
	}
}

// chain follows the run from its end to its beginning: where the process that it is at had
// waited, it goes on at who has let that go on.
func (p *picture) chain() []link {
	into := map[*row][]*arrow{} // by the time when they arrive
	for i := range p.arrows {
		a := &p.arrows[i]
		into[a.to] = append(into[a.to], a)
	}
	for _, list := range into {
		slices.SortStableFunc(list, func(a, b *arrow) int { return cmp.Compare(a.then, b.then) })
	}
	waited := func(r *row, until int64) *arrow { // the last one that has come to an r that waited
		list := into[r]
		n, _ := slices.BinarySearchFunc(list, until+1, func(a *arrow, t int64) int { return cmp.Compare(a.then, t) })
		for n--; n >= 0; n-- {
			a := list[n]
			if a.from == r {
				continue
			}
			if a.kind == arrowStart || r.waitedAt(a.then) {
				return a
			}
		}
		return nil
	}
	index := map[*row]int{}
	for i, r := range p.rows {
		index[r] = i
	}
	var links []link
	r, at, why := p.rows[0], p.rows[0].end, "the end of the run"
	for range 10000 {
		a := waited(r, at)
		if a == nil {
			links = append(links, link{index[r], micros(max(r.begin, 0)), micros(at), why})
			break
		}
		links = append(links, link{index[r], micros(a.then), micros(at), why})
		why = [...]string{"its start", "an item of " + a.text, "the release of " + a.text, "its end", "a result of " + a.text}[a.kind]
		if a.at >= at && a.then >= at && len(links) > 1 && links[len(links)-2].row == index[a.from] {
			break // it leads in a circle, within one moment
		}
		r, at = a.from, min(a.at, at)
	}
	slices.Reverse(links)
	return links
}

// waitedAt reports whether a wait of r ends at a time, or about then: an item is taken, then
// the wait is over.
func (r *row) waitedAt(at int64) bool {
	const about = 200_000 // ns
	i, _ := slices.BinarySearchFunc(r.spans, at, func(s span, at int64) int { return cmp.Compare(s.from, at) })
	for i = min(i, len(r.spans)-1); i >= 0; i-- {
		if s := &r.spans[i]; s.kind >= spanWait && s.from <= at {
			return s.to >= at-about
		}
	}
	return false
}
