//go:build unix

package socket

import (
	"math"
	"sync/atomic"
	"time"
)

// watch calls late when a wait has lasted for patience, or a while longer. It
// costs a wait two additions, since its timer ticks on its own while there are
// waits: to set a timer for each of them costs a tenth of the rate of round trips.
type watch struct {
	late  func()
	timer *time.Timer   // nil: open was not called yet
	edges atomic.Uint64 // beginnings and ends of waits; an odd number is in one
	seen  uint64        // edges at the last tick
	ticks atomic.Bool   // the timer is set, or tick runs
}

// open is called before the first wait.
func (w *watch) open(late func()) {
	w.late = late
	w.timer = time.AfterFunc(math.MaxInt64, w.tick)
}

func (w *watch) begin() {
	w.edges.Add(1)
	w.start()
}

func (w *watch) end() { w.edges.Add(1) }

func (w *watch) start() {
	if !w.ticks.Load() && w.ticks.CompareAndSwap(false, true) {
		w.timer.Reset(patience)
	}
}

func (w *watch) tick() {
	edges := w.edges.Load()
	switch {
	case edges != w.seen:
		w.seen = edges
	case edges%2 == 1:
		w.late()
	default: // nobody has waited since the last tick
		w.ticks.Store(false)
		if w.edges.Load() != edges { // but somebody begins, and may have seen that it ticks
			w.start()
		}
		return
	}
	w.timer.Reset(patience)
}

// close is called after the last wait. One that ticks just now does so once more.
func (w *watch) close() {
	if w.timer != nil {
		w.timer.Stop()
	}
}
