package multiprocessing

import (
	"context"
	"errors"
	"time"

	"luaspawn/proc/ipc"
)

// errNotYet is the error of a try that has found nothing.
var errNotYet = errors.New("not yet")

// attended calls try, which waits for something, or takes nothing if its context ends first. Callbacks and handlers of
// signals run meanwhile. A negative timeout is for ever. While try really waits, the board shows that the script waits
// for s.
func (lib *sharing) attended(timeout time.Duration, s subject, try func(ctx context.Context, timeout time.Duration) (bool, error)) (done bool, err error) {
	if timeout == 0 {
		return try(lib.engine.Context(), 0)
	}
	if !s.always {
		if lib.engine.Awaited() {
			lib.engine.Attended()
		}
		if ok, err := try(lib.engine.Context(), 0); ok || err != nil {
			return ok, err
		}
	}
	return lib.await(timeout, s, try)
}

// await does what attended does, after a first try has shown that there is something to wait for.
func (lib *sharing) await(timeout time.Duration, s subject, try func(ctx context.Context, timeout time.Duration) (bool, error)) (done bool, err error) {
	lib.waits.begin(s, timeout)
	defer func() { lib.waits.end(!done) }()
	if !lib.engine.Awaited() {
		done, err = try(lib.engine.Context(), timeout)
		return done, err
	}
	end := time.Now().Add(timeout)
	err = lib.engine.Wait(func(ctx context.Context) error {
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
	done = err == nil
	return done, err
}

// attend returns an ipc.Attend for an operation that waits at several places. Its n-th wait is for the n-th subject, and all
// further waits are for the last one.
func (lib *sharing) attend(those ...subject) ipc.Attend {
	return func(timeout time.Duration, try func(context.Context, time.Duration) (bool, error)) (bool, error) {
		s := those[0]
		if len(those) > 1 {
			those = those[1:]
		}
		return lib.attended(timeout, s, try)
	}
}

// attendedReady waits until await returns without an error, or with one of its own.
func (lib *sharing) attendedReady(await func(context.Context) error) {
	if lib.engine.Awaited() { // else what follows waits
		lib.engine.Wait(await)
	}
}

// beside is for waits that can't be interrupted and begun again: wait runs in a goroutine of its own, while
// callbacks and handlers run in this one. If one of them raises an error, wait's context ends.
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
