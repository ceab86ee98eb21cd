package multiprocessing

import (
	"context"
	"errors"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/proc/ipc"
)

// errNotYet is the error of a try that has found nothing.
var errNotYet = errors.New("not yet")

// attended calls try, which waits for something and takes nothing if its context ends
// before; meanwhile callbacks and handlers of signals run. Timeout is as everywhere:
// negative is for ever.
func (lib *sharing) attended(L *lua.LState, timeout time.Duration, try func(ctx context.Context, timeout time.Duration) (bool, error)) (bool, error) {
	if timeout == 0 || !lib.engine.Awaited() {
		return try(lib.engine.Context(), timeout)
	}
	end := time.Now().Add(timeout)
	err := lib.engine.Wait(func(ctx context.Context) error {
		left := timeout
		if timeout > 0 {
			left = max(0, time.Until(end))
		}
		ok, err := try(ctx, left)
		if err == nil && !ok {
			return errNotYet
		}
		return err
	})
	if err == errNotYet {
		return false, nil
	}
	return err == nil, err
}

// attend is attended for what waits somewhere on its way.
func (lib *sharing) attend(L *lua.LState) ipc.Attend {
	return func(timeout time.Duration, try func(context.Context, time.Duration) (bool, error)) (bool, error) {
		return lib.attended(L, timeout, try)
	}
}

// attendedReady waits until await returns without an error, or with one of its own.
func (lib *sharing) attendedReady(L *lua.LState, await func(context.Context) error) {
	if lib.engine.Awaited() { // else what follows waits
		lib.engine.Wait(await)
	}
}

// beside is for what can't be tried again: wait goes on, in a goroutine of its own, while
// callbacks and handlers run. Where one raises an error, its context ends.
func (lib *sharing) beside(wait func(ctx context.Context)) {
	outer := lib.engine.Context()
	if !lib.engine.Awaited() {
		wait(outer)
		return
	}
	ctx, cancel := context.WithCancel(outer)
	over := make(chan struct{})
	defer func() {
		cancel()
		<-over
	}()
	go func() {
		defer close(over)
		wait(ctx)
	}()
	for {
		lib.engine.Attended()
		select {
		case <-over:
			return
		case <-lib.engine.News():
		}
	}
}
