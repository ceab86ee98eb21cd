package proc

import (
	"os"
	"runtime"
	"slices"
	"time"
)

// Expect says that Start is about to be called, n times. So many children are started at
// once, beside what the program goes on with, and wait for their jobs: each of the next
// calls of Start gives one its job, instead of starting a child itself, if that is to
// have the output of this process and its process group, and everything that a child
// inherits is still as it was. Those that nobody has taken are let go after some
// seconds, and by Drain.
//
// Nothing comes of it where no children are kept ready, see KeepReady.
func Expect(n int) {
	ready.mu.Lock()
	n = min(n, ready.limit())
	if !canKeepReady || n <= 0 || scarceThreads() {
		ready.mu.Unlock()
		return
	}
	ready.expecting += n
	ready.mu.Unlock()
	go ready.launchEarly(n)
}

// patienceForTaker is how long a child that was started early waits for its job.
const patienceForTaker = 10 * time.Second

// early is a child that was started before it had a job.
type early struct {
	*worker
	made *inherited // what it has from us
}

func (n *prestarted) launchEarly(count int) {
	runtime.LockOSThread() // what it has is what the child will have
	defer runtime.UnlockOSThread()
	for range count {
		n.mu.Lock()
		made := n.reader.inherit()
		n.mu.Unlock()
		s, err := launch(made.environ, false, os.Stdout, os.Stderr)
		n.mu.Lock()
		n.expecting--
		if err == nil {
			n.prune()
			n.early = append(n.early, early{s, made})
			n.all = append(n.all, s)
		}
		n.changed.Broadcast()
		n.mu.Unlock()
	}
	time.AfterFunc(patienceForTaker, func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.dropEarly()
	})
}

// takeEarly returns a child that was started early, or is being started; nil: there is
// none that is what one started now would be.
func (n *prestarted) takeEarly() *worker {
	n.mu.Lock()
	defer n.mu.Unlock()
	for len(n.early) == 0 && n.expecting > 0 {
		n.awaitChange()
	}
	for len(n.early) > 0 {
		e := n.early[0]
		if e.isGone() {
			n.early = n.early[1:]
			continue
		}
		if !n.reader.inherit().equal(e.made) {
			n.dropEarly()
			return nil
		}
		n.early = n.early[1:]
		n.all = slices.DeleteFunc(n.all, func(other *worker) bool { return other == e.worker })
		return e.worker
	}
	return nil
}

// dropEarly lets those go that nobody has taken.
func (n *prestarted) dropEarly() {
	for _, e := range n.early {
		e.discard()
	}
	n.early = nil
}
