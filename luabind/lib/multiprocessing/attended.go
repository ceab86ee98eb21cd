package multiprocessing

import (
	"context"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/proc/ipc"
)

// attended calls try, which waits for something and takes nothing if its context ends
// before, and meanwhile the callbacks of Futures that are done. Timeout is as
// everywhere: negative is for ever.
func (lib *sharing) attended(L *lua.LState, timeout time.Duration, try func(ctx context.Context, timeout time.Duration) (bool, error)) (bool, error) {
	outer := lib.engine.Context()
	if timeout == 0 || !lib.callbacks() {
		return try(outer, timeout)
	}
	end := time.Now().Add(timeout)
	news, run := lib.engine.Attended()
	run(L)
	for {
		ctx, cancel := context.WithCancel(outer)
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			select {
			case <-news:
				cancel()
			case <-ctx.Done():
			}
		}()
		ok, err := try(ctx, timeout)
		told := ctx.Err() != nil && outer.Err() == nil
		cancel()
		<-stopped
		run(L)
		if ok || !told {
			return ok, err
		}
		if timeout > 0 {
			timeout = max(0, time.Until(end))
		}
	}
}

// attend is attended for what waits somewhere on its way.
func (lib *sharing) attend(L *lua.LState) ipc.Attend {
	return func(timeout time.Duration, try func(context.Context, time.Duration) (bool, error)) (bool, error) {
		return lib.attended(L, timeout, try)
	}
}

// attendedReady waits until await returns without an error, or with one of its own.
func (lib *sharing) attendedReady(L *lua.LState, await func(context.Context) error) {
	if !lib.callbacks() {
		return // what follows waits
	}
	lib.attended(L, -1, func(ctx context.Context, _ time.Duration) (bool, error) {
		err := await(ctx)
		return err == nil, err
	})
}
