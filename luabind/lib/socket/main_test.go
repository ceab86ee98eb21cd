//go:build linux

// These tests look for descriptors in /proc, and the wording of errors is that of Linux.
package socket_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/spf13/afero"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/lfs"
	"luaspawn/luabind/lib/multiprocessing"
	"luaspawn/luabind/lib/signal"
	"luaspawn/luabind/lib/socket"
	luatime "luaspawn/luabind/lib/time"
)

// config is what the engines of these tests are made from, and those of their children.
func config() luabind.Config {
	return luabind.Config{
		Fs:      afero.NewOsFs(),
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Path:    "testdata/lib/?.lua",
		Network: luabind.Network{TCP: true, UDP: true, Unix: true},
		Signals: true,
		Modules: []luabind.Module{multiprocessing.Module, luatime.Module, socket.Module, socket.Unix, socket.TLS, signal.Module, lfs.Module, machine},
	}
}

// The test binary is the executable of the children too: in them Init doesn't return.
func TestMain(m *testing.M) {
	multiprocessing.Init(config())
	if script := os.Getenv(scriptVariable); script != "" {
		os.Exit(runScript(script))
	}
	// Under the race detector a process sleeps a second before it exits, unless it is told not to.
	os.Setenv("GORACE", os.Getenv("GORACE")+" atexit_sleep_ms=0")
	if flag.Parse(); testing.Short() {
		multiprocessing.KeepReady(1) // of those that are kept ready for tests of few children most wait in vain
	}
	if err := serveNames(); err != nil {
		panic(err)
	}
	before := openSockets()
	code := m.Run()
	multiprocessing.Drain()
	if n := awaitSockets(before); n != before {
		fmt.Fprintf(os.Stderr, "%d sockets and pipes are open after the tests, %d before\n", n, before)
		code = max(code, 1)
	}
	os.Exit(code)
}

// awaitSockets waits until no more than want sockets and pipes are open, and returns how many are.
func awaitSockets(want int) int {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	over := time.After(time.Minute)
	for {
		n := openSockets()
		if n <= want {
			return n
		}
		select {
		case <-tick.C:
		case <-over:
			return n
		}
	}
}
