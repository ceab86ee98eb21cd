//go:build linux

package socket_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/multiprocessing"
	"luaspawn/luabind/lib/socket"
)

// Many engines that wait at the same time need few threads; a context ends them all; nothing of them
// stays open.
func TestManyEngines(t *testing.T) {
	engines := 300
	switch {
	case testing.Short():
		engines = 100
	case os.Getenv("LUASPAWN_STRESS") != "":
		engines = 1000
	}
	multiprocessing.Drain()
	before := openSockets()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var waiting, group sync.WaitGroup
	engine := func() {
		e, err := luabind.New(luabind.Config{Network: luabind.Network{TCP: true}, Modules: []luabind.Module{socket.Module}})
		if err != nil {
			t.Error(err)
			waiting.Done()
			return
		}
		defer e.Close()
		if err := e.SetGlobal("waiting", waiting.Done); err != nil {
			t.Error(err)
		}
		err = e.Run(ctx, "engine", strings.NewReader(`
				local socket = require "socket"
				local server = assert(socket.bind("127.0.0.1", 0))
				local a = assert(socket.connect(server:getsockname(), (select(2, server:getsockname()))))
				local b = assert(server:accept())
				a:send("line\n")
				assert(b:receive() == "line")
				socket.tcp4():close()
				socket.tcp4():setfd(-1)
				waiting()
				b:receive()`))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
	}
	stacks := make([]byte, 16<<20)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	// The first moments of a wait hold a thread, and threads stay. So no more of them begin at once than a quarter.
	for begun := 0; begun < engines; begun += engines / 4 {
		waiting.Add(engines / 4)
		for range engines / 4 {
			group.Go(engine)
		}
		waiting.Wait()
		over := time.After(time.Minute)
		for parked := 0; parked < begun+engines/4 && !t.Failed(); {
			select {
			case <-tick.C:
				parked = strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "socket.(*poller).park(")
			case <-over:
				t.Errorf("%d engines are parked, want %d", parked, begun+engines/4)
			}
		}
	}
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Error(err)
	}
	if len(threads) > engines*3/4 && !portable { // where each that waits has one
		t.Errorf("%d threads for %d engines that wait", len(threads), engines)
	}
	t.Logf("%d threads, %d sockets and pipes", len(threads), openSockets())
	cancel()
	group.Wait()
	if n := awaitSockets(before); n > before {
		t.Errorf("%d sockets and pipes are open, %d before", n, before)
	}
}

// Sockets that a script has lost are closed when their memory is collected, before the engine's end.
func TestLostSockets(t *testing.T) {
	e, err := luabind.New(luabind.Config{Network: luabind.Network{TCP: true}, Modules: []luabind.Module{socket.Module}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	multiprocessing.Drain()
	before := openSockets()
	got, err := e.Eval(context.Background(), `
		local socket = require "socket"
		kept = assert(socket.tcp4())
		for i = 1, 200 do assert(socket.tcp4()) end
		return kept:getfd()`)
	if err != nil || got[0].(float64) < 0 {
		t.Fatal(got, err)
	}
	if n := openSockets(); n < before+2 {
		t.Errorf("%d sockets are open, %d before", n, before)
	}
	runtime.GC()
	if n := awaitSockets(before + 1); n != before+1 {
		t.Errorf("%d sockets are open, want one more than the %d before", n, before)
	}
	if got, err := e.Eval(context.Background(), `return (kept:getsockname())`); err != nil || got[0] != "0.0.0.0" {
		t.Errorf("the socket that was kept: got %v, %v", got, err)
	}
}
