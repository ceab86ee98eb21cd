package luabind_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"luaspawn/luabind"
)

// waiting runs a script that waits in a Go function until leave is closed.
func waiting(t *testing.T, e *luabind.Engine) (leave chan bool, done chan error) {
	t.Helper()
	inside, leave, done := make(chan bool), make(chan bool), make(chan error, 1)
	if err := e.SetGlobal("wait", func() { close(inside); <-leave }); err != nil {
		t.Fatal(err)
	}
	go func() {
		done <- e.Run(context.Background(), "wait.lua", strings.NewReader(`wait() for i = 1, 1000 do x = {i} end`))
	}()
	<-inside
	return leave, done
}

// Whatever a second goroutine does while a script runs is ErrBusy, and no race.
func TestBusy(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	leave, done := waiting(t, e)
	ctx := context.Background()
	for name, use := range map[string]func() error{
		"Run":       func() error { return e.Run(ctx, "x", strings.NewReader("y = 1")) },
		"Eval":      func() error { _, err := e.Eval(ctx, "1"); return err },
		"Call":      func() error { _, err := e.Call(ctx, "print", map[string]any{"a": errors.New("x")}); return err },
		"Do":        func() error { _, err := e.Do(ctx, nil, 0); return err },
		"SetGlobal": func() error { return e.SetGlobal("y", func() {}) },
		"Close":     e.Close,
	} {
		if err := use(); !errors.Is(err, luabind.ErrBusy) {
			t.Errorf("%s: got %v, want ErrBusy", name, err)
		}
	}
	close(leave)
	// It computes now.
	for range 100 {
		if err := e.SetGlobal("x", []int{1}); err != nil && !errors.Is(err, luabind.ErrBusy) {
			t.Error(err)
		}
		if _, err := e.Call(ctx, "tostring", 1); err != nil && !errors.Is(err, luabind.ErrBusy) {
			t.Error(err)
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// The context that a Go function gets admits calls, one at a time, until the
// function returns.
func TestContextOfAGoFunction(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	var kept []context.Context
	for name, f := range map[string]any{
		"keep": func(ctx context.Context) { kept = append(kept, ctx) },
		// Calls of several goroutines, while the function waits for them.
		"spread": func(ctx context.Context) error {
			var group sync.WaitGroup
			errs := make([]error, 8)
			for i := range errs {
				group.Go(func() {
					for {
						_, err := e.Call(ctx, "count")
						if !errors.Is(err, luabind.ErrBusy) {
							errs[i] = err
							return
						}
					}
				})
			}
			group.Wait()
			return errors.Join(errs...)
		},
		// One that the function doesn't wait for: its return does.
		"leave": func(ctx context.Context) {
			inside := make(chan bool)
			go func() {
				_, err := e.Call(ctx, "signal", luabind.Func(func(context.Context, ...any) ([]any, error) {
					close(inside)
					return nil, nil
				}))
				if err != nil {
					t.Error(err)
				}
			}()
			<-inside
		},
		"late": func(ctx context.Context) error {
			for _, old := range kept {
				if _, err := e.Call(old, "count"); !errors.Is(err, luabind.ErrBusy) {
					t.Errorf("with the context of a function that has returned: got %v, want ErrBusy", err)
				}
			}
			_, err := e.Call(ctx, "count")
			return err
		},
	} {
		if err := e.SetGlobal(name, f); err != nil {
			t.Fatal(err)
		}
	}
	err := e.Run(context.Background(), "test.lua", strings.NewReader(`
		n = 0
		function count() local k = n; for i = 1, 100 do n = k + 1 end end
		function signal(f) f() for i = 1, 10000 do last = i end end
		spread()
		assert(n == 8, n)
		leave()
		assert(last == 10000, last)
		keep()
		late()
		assert(n == 9, n)`))
	if err != nil {
		t.Error(err)
	}
	if _, err := e.Call(kept[0], "count"); err != nil { // no run is under way
		t.Errorf("after the run: %v", err)
	}
}

// A context that is kept for many calls ends the one that is under way, and the
// next has its own.
func TestOneContextForManyCalls(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	ctx, cancel := context.WithCancel(context.Background())
	if err := e.SetGlobal("cancel", func() { cancel() }); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if _, err := e.Eval(ctx, "1"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := e.Eval(ctx, "cancel() while true do end"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if _, err := e.Eval(ctx, "1"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	second, cancel2 := context.WithCancel(context.Background())
	cancel = cancel2
	if got, err := e.Eval(second, "(function() local n = 0; for i = 1, 1000 do n = n + 1 end; return n end)()"); err != nil || got[0] != 1000.0 {
		t.Errorf("with another context: got %v, %v", got, err)
	}
	cancel2() // between two calls
	if got, err := e.Eval(context.Background(), "(function() local n = 0; for i = 1, 1000 do n = n + 1 end; return n end)()"); err != nil || got[0] != 1000.0 {
		t.Errorf("with none: got %v, %v", got, err)
	}
}
