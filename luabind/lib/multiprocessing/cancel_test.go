//go:build linux

package multiprocessing_test

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"

	"luaspawn/luabind"
)

// A run that its context ends takes the children with it that it has started,
// and leaves those of earlier runs alone.
func TestCancelEndsChildren(t *testing.T) {
	e, err := luabind.New(config())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	pid := make(chan int, 1)
	if err := e.SetGlobal("report", func(n int) { pid <- n }); err != nil {
		t.Fatal(err)
	}
	background := context.Background()
	if _, err := e.Eval(background, `
		earlier = Process{target = function() while true do end end}
		earlier:start()`); err != nil {
		t.Fatal(err)
	}
	for _, wait := range []string{
		`p:join()`,
		`require("time").sleep(1e6)`,
		`require("multiprocessing").wait({p})`,
		`while true do pcall(p.join, p) end`,
		`while true do end`,
	} {
		ctx, cancel := context.WithCancel(background)
		own := make(chan int, 1)
		go func() {
			own <- <-pid
			cancel()
		}()
		err := e.Run(ctx, "test", strings.NewReader(`
			local p = Process{target = function() while true do end end}
			p:start()
			report(p.pid)
			`+wait))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", wait, err)
		}
		if err := syscall.Kill(<-own, 0); err != syscall.ESRCH {
			t.Errorf("%s: the child is still there: %v", wait, err)
		}
	}
	got, err := e.Eval(background, `local alive = earlier:is_alive(); earlier:kill(); earlier:join(); return alive`)
	if err != nil || got[0] != true {
		t.Errorf("got %v, %v, want the child of an earlier run alive", got, err)
	}
}
