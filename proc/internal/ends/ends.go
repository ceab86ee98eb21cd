// Package ends says when other processes end, children or not, where there are no pidfds.
//
// One thread waits for all of them, as long as somebody waits.
package ends

import "sync"

// A Watch calls a function once, at the end of a process.
type Watch struct {
	pid  int
	over func()
}

// watched is a fact about this process: who waits for which end.
var watched struct {
	sync.Mutex
	by      map[int][]*Watch // by pid; nil: nobody has waited yet
	queue   queue            // what the system says it by
	waiting bool             // the thread is there
}

// Begin lets over be called when the process that has pid now ends; alive is false if there
// is none. That it is still the one that was meant is for the caller to see afterwards: an end
// before this call isn't told. The error is errors.ErrUnsupported where the system tells no
// ends.
func Begin(pid int, over func()) (w *Watch, alive bool, err error) {
	watched.Lock()
	defer watched.Unlock()
	if watched.by == nil {
		if watched.queue, err = openQueue(); err != nil {
			return nil, false, err
		}
		watched.by = map[int][]*Watch{}
	}
	if len(watched.by[pid]) == 0 {
		if alive, err := watched.queue.add(pid); !alive || err != nil {
			return nil, false, err
		}
	}
	w = &Watch{pid, over}
	watched.by[pid] = append(watched.by[pid], w)
	if !watched.waiting {
		watched.waiting = true
		go await()
	}
	return w, true, nil
}

// End ends it: over isn't called any more, unless it is about to be.
func (w *Watch) End() {
	watched.Lock()
	defer watched.Unlock()
	list := watched.by[w.pid]
	for i, other := range list {
		if other == w && len(list) > 1 {
			watched.by[w.pid] = append(list[:i:i], list[i+1:]...)
		} else if other == w {
			delete(watched.by, w.pid)
			watched.queue.remove(w.pid)
			if len(watched.by) == 0 {
				watched.queue.wake() // so that the thread sees that
			}
		}
	}
}

// await waits for ends as long as somebody wants to know of any.
func await() {
	var pids [16]int
	for more := true; more; {
		n := watched.queue.wait(pids[:])
		var over []*Watch
		watched.Lock()
		for _, pid := range pids[:n] {
			over = append(over, watched.by[pid]...)
			delete(watched.by, pid)
		}
		more = len(watched.by) > 0
		watched.waiting = more
		watched.Unlock()
		for _, w := range over {
			w.over()
		}
	}
}
