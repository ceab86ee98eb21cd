package draw

import (
	"cmp"
	"slices"

	"luaspawn/luabind/lib/multiprocessing/internal/trace"
)

// item is one of a queue.
type item struct {
	object uint64
	number uint32
}

// moment is something that a process has done.
type moment struct {
	who  *row
	at   int64
	kind trace.Kind
	text string
}

// flows finds the arrows: from the put of an item to its get, and from who has released
// something to who had waited for it.
func (b *builder) flows(run *trace.Run) {
	puts := map[item]moment{}
	releases := map[uint64][]moment{}
	results := map[string][]moment{} // of pools, by their names
	each := func(do func(r *row, e *trace.Event)) {
		for i, q := range run.Processes {
			for j := range q.Events {
				do(b.all[i], &q.Events[j])
			}
		}
	}
	each(func(r *row, e *trace.Event) {
		switch e.Kind {
		case trace.Put:
			puts[item{e.Object, e.A}] = moment{r, e.Time - b.first, e.Kind, e.Text}
		case trace.Release:
			releases[e.Object] = append(releases[e.Object], moment{r, e.Time - b.first, e.Kind, e.Text})
		case trace.Done:
			results[e.Text] = append(results[e.Text], moment{r, e.Time - b.first, e.Kind, e.Text})
		}
	})
	for _, list := range results {
		slices.SortStableFunc(list, func(x, y moment) int { return cmp.Compare(x.at, y.at) })
	}
	for _, list := range releases {
		slices.SortStableFunc(list, func(x, y moment) int { return cmp.Compare(x.at, y.at) })
	}
	waits := map[int]*trace.Event{} // of the engines of the process that each is at
	var before *row
	each(func(r *row, e *trace.Event) {
		if r != before {
			before = r
			clear(waits)
		}
		at := e.Time - b.first
		switch e.Kind {
		case trace.Wait:
			waits[e.Engine()] = e
		case trace.Get:
			if m, ok := puts[item{e.Object, e.A}]; ok {
				b.arrows = append(b.arrows, arrow{arrowItem, m.who, r, m.at, max(at, m.at), e.Text})
			}
		case trace.Resume:
			waited := waits[e.Engine()]
			if waited == nil || e.Vain() {
				break
			}
			switch waited.Why() {
			case trace.ForLock, trace.ForSemaphore, trace.ForEvent, trace.ForCondition:
				if m, ok := lastBefore(releases[waited.Object], at, waited.Time-b.first); ok {
					b.arrows = append(b.arrows, arrow{arrowRelease, m.who, r, m.at, at, waited.Text})
				}
			case trace.ForPool:
				if m, ok := lastBefore(results[waited.Text], at, waited.Time-b.first); ok {
					b.arrows = append(b.arrows, arrow{arrowResult, m.who, r, m.at, at, waited.Text})
				}
			case trace.ForProcess:
				if c := b.at(int(waited.A), at); c != nil && c.ended {
					b.arrows = append(b.arrows, arrow{arrowEnd, c, r, min(c.end, at), at, ""})
				}
			}
		}
	})
	slices.SortStableFunc(b.arrows, func(x, y arrow) int { return cmp.Compare(x.at, y.at) })
}

// lastBefore returns the last moment of list up to a time, and not before since.
func lastBefore(list []moment, at, since int64) (moment, bool) {
	i, _ := slices.BinarySearchFunc(list, at, func(m moment, at int64) int {
		if m.at <= at {
			return -1
		}
		return 1
	})
	if i == 0 || list[i-1].at < since {
		return moment{}, false
	}
	return list[i-1], true
}
