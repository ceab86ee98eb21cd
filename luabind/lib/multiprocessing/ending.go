package multiprocessing

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/signal"
	"luaspawn/proc"
)

// An Ending ends the program when a signal comes that no script catches, whatever the script
// does at that moment:
//
//	the first SIGINT of a main process    "interrupted!", an error that the script may catch
//	where there are functions of atexit   the script ends as by os.exit, then they run
//	then, or at once                      what its files hold back is written, its children end, it ends
//
// A script can't be interrupted while a function in Go computes. The Ending waits for it for takingGrace at most. A second
// signal ends the program at once.
type Ending struct {
	engine *luabind.Engine
	finish func(ctx context.Context, s os.Signal) // ends the process

	mu          sync.Mutex
	over        bool               // the script has ended
	interrupted bool               // it gets, or has got, "interrupted!"
	asked       os.Signal          // what was posted for, and isn't taken; nil: nothing
	signal      os.Signal          // that ends it; nil: none yet
	finishing   bool               // finish is called
	hurry       context.CancelFunc // of what finish waits for
	held        string             // who waited for whom at the first SIGINT; see heldUp
}

// takingGrace is how long a script may take to reach a place where it can be interrupted.
const takingGrace = 2 * time.Second

// EndOnSignals has SIGINT, SIGTERM and SIGHUP end a main process. Before a SIGINT ends it, with status 130, interrupted is
// called. If processes had waited for more than a second for objects that they share, waits says which waited for which.
// The program must call Ran when its script has ended.
func EndOnSignals(e *luabind.Engine, interrupted func(waits string)) *Ending {
	x := &Ending{engine: e}
	x.finish = func(ctx context.Context, s os.Signal) {
		if s != os.Interrupt {
			End(ctx, e, s)
		}
		e.Host().Mute()
		interrupted(x.held)
		Salvage(e)
		Interrupt(ctx)
		EndRecording()
		os.Exit(130)
	}
	e.Host().ExpectPosts(true)
	programPosts++
	signal.Ends(endSignals, e.Host(), x.come)
	if atBreak != nil {
		signal.AtBreak(atBreak, nil)
	}
	return x
}

// endChildOnSignals has the script's files written and its functions of atexit called before a signal ends this
// child. It is called only if there are such, since watching for signals takes a thread of the
// system.
func endChildOnSignals(e *luabind.Engine) *Ending {
	x := &Ending{engine: e, interrupted: true}
	x.finish = func(ctx context.Context, s os.Signal) {
		e.Host().Mute()
		salvage(ctx, e)
		proc.DieOf(s)
	}
	signal.Ends(endSignals, nil, x.come)
	return x
}

// come is called by any goroutine for each signal.
func (x *Ending) come(s os.Signal) {
	x.mu.Lock()
	host := x.engine.Host()
	switch {
	case x.finishing:
		if x.signal == os.Interrupt {
			os.Exit(130)
		}
		x.hurry()
	case x.signal != nil, x.over:
		x.mu.Unlock()
		x.end(s)
		return
	case s == os.Interrupt && !x.interrupted:
		x.interrupted = true
		x.held = heldUp(theBoard().Look())
		x.post(s, signal.RaiseInterrupted)
	case host.HasAtExit():
		x.signal = s
		if host.Running() {
			x.post(s, func(L *lua.LState) { host.Unwind(L, 128+int(s.(syscall.Signal))) })
		} else {
			go func() {
				host.RunAtExit()
				x.end(s)
			}()
		}
	default:
		x.mu.Unlock()
		x.end(s)
		return
	}
	x.mu.Unlock()
}

// post has the script do f soon. If the script can't, the process is ended.
func (x *Ending) post(s os.Signal, f func(*lua.LState)) {
	x.asked = s
	late := time.AfterFunc(takingGrace, func() { x.end(s) })
	x.engine.Host().Post(func(L *lua.LState) {
		late.Stop()
		x.mu.Lock()
		x.asked = nil
		x.mu.Unlock()
		f(L)
	})
}

// end ends the process. If another goroutine does so already it doesn't return.
func (x *Ending) end(s os.Signal) {
	x.mu.Lock()
	if x.finishing {
		x.mu.Unlock()
		select {}
	}
	if x.signal == nil {
		x.signal = s
	}
	x.finishing = true
	ctx, cancel := context.WithCancel(context.Background())
	x.hurry = cancel
	x.mu.Unlock()
	x.finish(ctx, x.signal)
}

// Ran must be called when the script has ended, with the script's error. If a signal has ended the script, Ran calls the
// script's functions of atexit, ends the process, and doesn't return. If x is nil it does nothing.
func (x *Ending) Ran(err error) {
	if x == nil {
		return
	}
	x.mu.Lock()
	x.over = true
	if x.signal == nil {
		x.signal = x.asked // the script has ended before it could take that
	}
	if x.signal == nil && x.interrupted && isInterrupted(err) {
		x.signal = os.Interrupt
	}
	s := x.signal
	x.mu.Unlock()
	if s == nil {
		return
	}
	x.engine.Host().RunAtExit()
	x.end(s)
}

// isInterrupted reports whether a script has ended by the error of a Ctrl-C.
func isInterrupted(err error) bool {
	var failed *luabind.Error
	return errors.As(err, &failed) && strings.HasSuffix(failed.Message, signal.Interrupted)
}
