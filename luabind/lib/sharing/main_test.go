//go:build linux

package sharing_test

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/spf13/afero"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/multiprocessing"
	"luaspawn/luabind/lib/socket"
	luatime "luaspawn/luabind/lib/time"
	"luaspawn/luabind/luatest"
)

// environ is what it was before the tests changed it: the same for all engines.
var environ = os.Environ()

// config is what the engines of these tests are made from, and those of their children.
func config() luabind.Config {
	return luabind.Config{
		Fs:      afero.NewOsFs(),
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Environ: environ,
		Shell:   true,
		Network: luabind.Network{TCP: true, Unix: true},
		Modules: []luabind.Module{multiprocessing.Module, luatime.Module, socket.Module},
	}
}

// The test binary is the executable of the children too: in them Init doesn't return.
func TestMain(m *testing.M) {
	multiprocessing.Init(config())
	// Under the race detector a process sleeps a second before it exits, unless it is told not to.
	os.Setenv("GORACE", os.Getenv("GORACE")+" atexit_sleep_ms=0")
	before := descriptors()
	code := m.Run()
	multiprocessing.Dismiss()
	if left := leftovers(before); left != "" {
		fmt.Fprint(os.Stderr, "left after the tests:\n", left)
		code = max(code, 1)
	}
	os.Exit(code)
}

// kept are those that a process keeps once it has made them: the runtime's poller, the
// spare descriptor of package ipc, the log.
var kept = map[string]int{"anon_inode:[eventpoll]": 1, "anon_inode:[eventfd]": 2, "/memfd:log (deleted)": 1}

// leftovers waits until no descriptor is left but those that are kept,
// and says what is after all.
func leftovers(before map[string]int) (left string) {
	over := time.After(5 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		runtime.GC() // closes what no script refers to
		left = ""
		for to, n := range descriptors() {
			if n > before[to] && n > kept[to] {
				left += fmt.Sprintf("%d of %s, %d before\n", n, to, before[to])
			}
		}
		if left == "" {
			return ""
		}
		select {
		case <-tick.C:
		case <-over:
			return left
		}
	}
}

// descriptors counts what this process has open, by what it is.
func descriptors() map[string]int {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		panic(err)
	}
	count := map[string]int{}
	for _, fd := range list {
		if to, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil {
			count[to]++
		}
	}
	return count
}

func TestLua(t *testing.T) {
	luatest.Run(t, config(), "testdata/*.lua")
}
