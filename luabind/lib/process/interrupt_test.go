//go:build linux

package process_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/process"
)

// A program may interrupt its children and let go of the ready ones more than once, also
// from several goroutines.
func TestInterruptAndDismissTwice(t *testing.T) {
	defer process.ForgetInterrupt()
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
		group.Go(func() { process.Interrupt(ctx) })
		group.Go(process.Dismiss)
	}
	group.Wait()
	process.Interrupt(ctx)
	process.Dismiss()
	got, err := e.Eval(ctx, "p.exitcode")
	if err != nil || got[0] != -2.0 {
		t.Errorf("got %v, %v, want -2", got, err)
	}
}
