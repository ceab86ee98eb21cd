// Package ends tells when other processes end, children or not, on systems without pidfds.
//
// One thread waits for all of them. It runs only while there is a Watch.
package ends

import "sync"

// A Watch calls a function once, at the end of a process.
type Watch struct {
	pid  int
	over func()
}

// watched has the Watches for each process. It is a fact about this process.
var watched struct {
	sync.Mutex
	by      map[int][]*Watch // by pid; nil: nobody has waited yet
	queue   queue            // what the system says it by
	waiting bool             // the thread is there
}

// Begin has over called when the process ends that has pid now; alive is false if there is
// none. The process that the caller means may have ended before, and another one may have its pid: the caller has to
// check that afterwards. The error is errors.ErrUnsupported if the system can't tell when processes
// end.
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

// End ends the Watch: over isn't called any more, except if that is just happening.
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

// await waits for ends of processes, as long as there is a Watch.
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
