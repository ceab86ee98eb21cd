package multiprocessing_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"luaspawn/luabind"
	"luaspawn/luabind/luatest"
)

func TestLua(t *testing.T) {
	for _, pattern := range luaFiles {
		luatest.Run(t, config(), pattern)
	}
}

// output is a writer for the goroutines of many children.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// run runs source in an engine of its own, to its end and that of its children.
func run(t *testing.T, source string) (stdout, stderr string, err error) {
	t.Helper()
	var out, complaints output
	cfg := config()
	cfg.Stdout, cfg.Stderr = &out, &complaints
	e, err := luabind.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err = e.Run(ctx, "script.lua", strings.NewReader(source))
	if err := e.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	return out.String(), complaints.String(), err
}

// At the end of a script, in whatever way, its daemons are terminated and its other children joined:
// nothing of them is left then and all they printed is there.
func TestEndOfScript(t *testing.T) {
	const start = `
		Process{daemon = true, target = function() while true do end end}:start()
		Process{daemon = true, target = function() Process.sleep(1000) print("the daemon survived") end}:start()
		print("script")
		Process{target = function() Process.sleep(0.2) print("child") end}:start()
	`
	for _, c := range []struct {
		name, end string
		check     func(error) bool
	}{
		{"last line", ``, func(err error) bool { return err == nil }},
		{"return", `do return 5 end`, func(err error) bool { return err == nil }},
		{"error", `error("boom")`, func(err error) bool {
			var e *luabind.Error
			return errors.As(err, &e) && e.Message == "script.lua:6: boom"
		}},
		{"os.exit", `os.exit(3)`, func(err error) bool {
			var e *luabind.ExitError
			return errors.As(err, &e) && e.Code == 3
		}},
		{"os.exit in a pcall", `pcall(os.exit, 256 + 3)`, func(err error) bool {
			var e *luabind.ExitError
			return errors.As(err, &e) && e.Code == 3
		}},
		{"os.exit in a coroutine", `coroutine.wrap(function() pcall(os.exit, false) end)()`, func(err error) bool {
			var e *luabind.ExitError
			return errors.As(err, &e) && e.Code == 1
		}},
	} {
		if testing.Short() && (c.name == "return" || c.name == "os.exit" || c.name == "os.exit in a coroutine") {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			stdout, stderr, err := run(t, start+c.end)
			if stdout != "script\nchild\n" || stderr != "" {
				t.Errorf("got %q and %q, want the child's line after the script's and no daemon's", stdout, stderr)
			}
			if !c.check(err) {
				t.Errorf("got error %v (%T)", err, err)
			}
			if pids := childrenOf(os.Getpid()); len(pids) > 0 {
				t.Errorf("children left: %v", pids)
			}
		})
	}
}

// Engines in one program have nothing to do with each other's children.
func TestEnginesApart(t *testing.T) {
	engines := 4
	if testing.Short() {
		engines = 2
	}
	var group sync.WaitGroup
	for range engines {
		group.Go(func() {
			stdout, stderr, err := run(t, `
				local list = {}
				for i = 1, 5 do
					list[i] = Process{target = print, args = {i}}
					list[i]:start()
					list[i]:join()
				end
				print(list[5].name, #require("multiprocessing").active_children())
			`)
			if stdout != "1\n2\n3\n4\n5\nProcess-5\t0\n" || stderr != "" || err != nil {
				t.Errorf("got %q, %q, %v", stdout, stderr, err)
			}
		})
	}
	group.Wait()
}
