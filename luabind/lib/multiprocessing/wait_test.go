//go:build linux

package multiprocessing_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/multiprocessing"
)

// door is an object that wait takes; one goroutine at a time may wait for it.
type door struct {
	t       *testing.T
	open    chan bool
	waiting atomic.Int32
}

func (d *door) AwaitReadable(ctx context.Context) error {
	if d.waiting.Add(1) > 1 {
		d.t.Error("two goroutines wait for one object")
	}
	defer d.waiting.Add(-1)
	if ctx.Err() == nil {
		close(d.open)
		<-ctx.Done()
	}
	select {
	case <-d.open:
		return nil
	default:
		return ctx.Err()
	}
}

// What stands in the list of wait several times is waited for once, and is
// returned as often as it stands there.
func TestWaitForOneObjectTwice(t *testing.T) {
	e, err := luabind.New(config())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	d := &door{t: t, open: make(chan bool)}
	e.State().SetGlobal("door", &lua.LUserData{Value: d, Env: e.State().G.Global, Metatable: e.State().NewTable()})
	err = e.Run(context.Background(), "test.lua", strings.NewReader(`
		local mp = require "multiprocessing"
		local ready
		local timeout = 0.1
		repeat -- until the goroutine that waits has come before its end
			ready = mp.wait({door, door, door}, timeout)
			timeout = 2 * timeout
		until #ready > 0 or timeout > 60
		assert(#ready == 3 and ready[1] == door and ready[3] == door, #ready)
		local p = mp.Process{target = function() mp.Process.sleep(0.1) end}
		p:start()
		ready = mp.wait{p, p.sentinel, p}
		assert(#ready == 3 and ready[1] == p and ready[2] == p.sentinel and ready[3] == p, #ready)`))
	if err != nil {
		t.Error(err)
	}
}

// As long as other work of the pool had news again and again, a wait for a Future had no end.
func TestWaitEndsAmidNews(t *testing.T) {
	e := newEngine(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	looks := 0
	e.State().SetGlobal("await", e.State().NewFunction(func(L *lua.LState) int {
		L.Push(lua.LBool(multiprocessing.AwaitAmidNews(L, L.CheckUserData(1), time.Millisecond, func() bool {
			if looks++; looks == 1e6 {
				cancel()
			}
			return true
		})))
		return 1
	}))
	err := e.Run(ctx, "test.lua", strings.NewReader(`
		local pool = require("multiprocessing").Pool(1)
		assert(await(pool) == false)
		pool:terminate()
		pool:join()`))
	if err != nil {
		t.Error(err)
	}
}
