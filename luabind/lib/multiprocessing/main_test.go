// On Linux these tests look at processes through /proc.
package multiprocessing_test

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/spf13/afero"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/multiprocessing"
	"luaspawn/luabind/lib/socket"
	luatime "luaspawn/luabind/lib/time"
)

// config is what the engines of these tests are made from, and those of their children.
func config() luabind.Config {
	return luabind.Config{
		Fs:      afero.NewOsFs(),
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Shell:   true,
		Network: luabind.Network{TCP: true, Unix: true},
		Path:    "testdata/lib/?.lua",
		Modules: []luabind.Module{multiprocessing.Module, luatime.Module, socket.Module, machine},
	}
}

// The test binary is the executable of the children too: in them Init doesn't return.
func TestMain(m *testing.M) {
	how := os.Getenv("LUASPAWN_READY")
	if how == "0" {
		multiprocessing.KeepReady(0)
	}
	multiprocessing.Init(config(), others...)
	// Started in the background of a script, we ignore the interrupt, and so
	// would our children. What is caught here has its default there.
	if signal.Ignored(os.Interrupt) {
		signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	}
	if flag.Parse(); testing.Short() && how == "" {
		multiprocessing.KeepReady(1) // of those that are kept ready for tests of few children most wait in vain
	}
	temp, err := os.MkdirTemp("", "luaspawn-process-")
	if err != nil {
		panic(err)
	}
	os.Setenv(tempVariable, temp) // inherited by every child, and by what they leave behind
	// Under the race detector a process sleeps a second before it exits, unless it is told not to.
	os.Setenv("GORACE", os.Getenv("GORACE")+" atexit_sleep_ms=0")
	descriptors := openDescriptors()
	stop := func() int { return 0 }
	if how == "killed" {
		stop = killReady()
	}
	code := m.Run()
	killed := stop()
	multiprocessing.Drain()
	if how == "killed" && killed == 0 {
		fmt.Fprintln(os.Stderr, "FAIL: no prestarted worker was killed")
		code = max(code, 1)
	}
	if err := leftovers(temp, descriptors); err != nil {
		fmt.Fprintln(os.Stderr, "left after the tests:", err)
		code = max(code, 1)
	}
	os.RemoveAll(temp)
	os.Exit(code)
}

// killReady kills children that are kept ready, at random, until stop is called, which returns how many
// they were.
func killReady() (stop func() int) {
	killed := map[int]bool{}
	over, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-over:
				return
			case <-tick.C:
			}
			if pid := multiprocessing.KillReady(); pid != 0 {
				killed[pid] = true
			}
		}
	}()
	return func() int {
		close(over)
		<-stopped
		return len(killed)
	}
}

// leftovers waits until no process of ours, no descriptor and no goroutine is left but those that the
// runtime and the testing package keep, and says what is after all.
func leftovers(mark string, before map[string]int) error {
	var err error
	until(func() bool {
		err = leftover(mark, before)
		return err == nil
	})
	return err
}

// until waits until ok, for a minute at most, and returns whether it is.
func until(ok func() bool) bool {
	over := time.After(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-over:
			return false
		}
	}
	return true
}

// kept are the descriptors that a process keeps once it has made them: pollers, the spare
// descriptor of package ipc, the log.
var kept = map[string]int{"anon_inode:[eventpoll]": pollers, "anon_inode:[eventfd]": 2, "/memfd:log (deleted)": 1}

// portableLog is the log where it is no memfd.
var portableLog = regexp.MustCompile(`/log[0-9]+ \(deleted\)$`)

func leftover(mark string, before map[string]int) error {
	runtime.GC() // closes what no script refers to
	if pids := childrenOf(os.Getpid()); len(pids) > 0 {
		return fmt.Errorf("children, or zombies of them: %v", pids)
	}
	if pids := marked(mark); len(pids) > 0 {
		return fmt.Errorf("descendants: %v", pids)
	}
	for name, n := range openDescriptors() {
		if n > before[name] && n > kept[name] && !(n == 1 && portableLog.MatchString(name)) {
			return fmt.Errorf("descriptors: %d of %s, %d before", n, name, before[name])
		}
	}
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		if (strings.Contains(stack, "luaspawn/luabind") || strings.Contains(stack, "luaspawn/proc")) && !strings.Contains(stack, "TestMain") {
			return fmt.Errorf("goroutine:\n%s", stack)
		}
	}
	return nil
}
