package progress

import (
	"math"
	"sync/atomic"
	"time"
)

// A number is a float64 that any goroutine may add to.
type number struct{ bits atomic.Uint64 }

func (n *number) get() float64 { return math.Float64frombits(n.bits.Load()) }

func (n *number) add(x float64) {
	for {
		old := n.bits.Load()
		if n.bits.CompareAndSwap(old, math.Float64bits(math.Float64frombits(old)+x)) {
			return
		}
	}
}

// A pace is how fast something comes on: over the last quarter of a minute, so that it
// follows what changes, and over all the time where nothing has been done in that.
type pace struct {
	began   time.Time
	samples [16]sample // a second apart; a ring
	n       int        // taken so far
}

type sample struct {
	at   time.Time
	done float64
}

// rate returns what is done in a second.
func (p *pace) rate(now time.Time, done float64) float64 {
	if p.n == 0 || now.Sub(p.last().at) >= time.Second {
		p.samples[p.n%len(p.samples)] = sample{now, done}
		p.n++
	}
	if p.n > len(p.samples) {
		if first := p.samples[p.n%len(p.samples)]; done > first.done {
			return per(done-first.done, now.Sub(first.at))
		}
	}
	return per(done, now.Sub(p.began))
}

func (p *pace) last() sample { return p.samples[(p.n-1)%len(p.samples)] }

func per(done float64, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return done / d.Seconds()
}
