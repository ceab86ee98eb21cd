//go:build linux

package multiprocessing_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/multiprocessing"
)

// A program may interrupt its children and let go of the prestarted ones more than once, also
// from several goroutines.
func TestInterruptAndDrainTwice(t *testing.T) {
	defer multiprocessing.ForgetInterrupt()
	e, err := luabind.New(config())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	ctx := context.Background()
	if err := e.Run(ctx, "test", strings.NewReader(`
		p = Process{target = function() while true do end end}
		p:start()`)); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() { multiprocessing.Interrupt(ctx) })
		group.Go(multiprocessing.Drain)
	}
	group.Wait()
	multiprocessing.Interrupt(ctx)
	multiprocessing.Drain()
	got, err := e.Eval(ctx, "p.exitcode")
	if err != nil || got[0] != -2.0 {
		t.Errorf("got %v, %v, want -2", got, err)
	}
}
