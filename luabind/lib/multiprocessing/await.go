package multiprocessing

import (
	"context"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/lib/multiprocessing/internal/trace"
	"luaspawn/proc/pool"
)

// An awaited is what a script waits for.
type awaited struct {
	done    <-chan struct{}           // is closed then; nil: it is any news of a call
	timeout time.Duration             // negative: for ever
	lookOut func() (news bool)        // spins for a moment until there is news of it, before the wait sleeps; nil: that isn't worth it
	stopped func(ctx context.Context) // called if the engine's context ends before; nil: nothing is
}

// await waits for a, which reports call s, calls the callbacks of Futures meanwhile, and reports whether it
// came in time. If the engine's context ends it raises the context's error.
func (lib *library) await(L *lua.LState, s subject, a awaited) bool {
	ctx := lib.engine.Context()
	begun := time.Now()
	expired, stop := after(a.timeout)
	defer stop()
	news, waits, done, late := false, false, false, false
	defer func() {
		if waits {
			lib.waits.end(!done)
		}
	}()
	for {
		done = news && a.done == nil || isClosed(a.done)
		rounds := lib.engine.Rounds()
		lib.engine.Attended()
		if done || late {
			return done
		}
		if a.done == nil && lib.engine.Rounds() != rounds+1 { // a callback has waited, and may have received the news
			news = true
			continue
		}
		if a.lookOut != nil && a.timeout != 0 && ctx.Err() == nil {
			if news = a.lookOut(); news {
				late = a.timeout > 0 && time.Since(begun) >= a.timeout // other work may have news all the time
				continue
			}
		}
		if !waits {
			waits = true
			lib.waits.begin(s, a.timeout)
		}
		select {
		case <-a.done:
		case <-lib.engine.News():
			news = true
		case <-expired:
			return false
		case <-ctx.Done():
			if a.stopped != nil {
				a.stopped(ctx)
			}
			L.RaiseError("%s", ctx.Err().Error())
		}
	}
}

// isClosed reports whether c is closed. A nil channel is not.
func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// after returns a channel that fires when d is over; never where d is negative.
func after(d time.Duration) (expired <-chan time.Time, stop func()) {
	if d < 0 {
		return nil, func() {}
	}
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

// awaitProcess waits for the end of a child.
func (lib *library) awaitProcess(L *lua.LState, o *processState, timeout time.Duration) {
	process := o.process // a handler may close o meanwhile
	lib.await(L, o.subject(), awaited{done: process.Done(), timeout: timeout, stopped: func(ctx context.Context) { lib.interrupted(ctx, o) }})
	o.awaitInterrupt(process)
}

func (o *processState) subject() subject {
	return subject{why: trace.ForProcess, what: o.name, pid: o.process.Pid()}
}

// subject names the pool as what a script waits for.
func (w *workers) subject() subject { return subject{why: trace.ForPool, what: w.name} }

// awaitNews waits until there may be outcomes of the call. If outcomes come by the hundred it doesn't look out for the next
// one, so that there are several when it wakes.
func (c *poolCall) awaitNews(L *lua.LState) {
	const many = 64
	a := awaited{timeout: -1, stopped: c.abort}
	if c.took < many {
		a.lookOut = c.workers.LookOut
	}
	c.workers.lib.await(L, c.workers.subject(), a)
}

// take takes what pool.Call.Take returns, and remembers how many outcomes there were.
func (c *poolCall) take() (some pool.Outcomes, over bool) {
	some, over = c.Take()
	if some.Len() > 0 {
		c.took = some.Len()
	}
	return some, over
}

// abort ends a call after the script that made it was stopped.
func (c *poolCall) abort(context.Context) {
	c.Abort()
	c.End()
}

// await waits until f is done, or the timeout is over.
func (f *future) await(L *lua.LState, timeout time.Duration) {
	lib := f.workers.lib
	lib.await(L, f.workers.subject(), awaited{done: f.over, timeout: timeout, lookOut: f.workers.LookOut})
	lib.update(L, f)
}
