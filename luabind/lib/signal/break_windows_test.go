package signal

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"luaspawn/luabind"
)

// newEngine returns an engine whose scripts may catch signals.
func newEngine(t *testing.T) *luabind.Engine {
	t.Helper()
	e, err := luabind.New(luabind.Config{Stdout: os.Stdout, Signals: true, Modules: []luabind.Module{Module}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// press is Ctrl-Break. Wine's console has none, so the handler is called as the system would.
func press(t *testing.T) {
	t.Helper()
	if heardFromConsole(windows.CTRL_BREAK_EVENT) != 1 {
		t.Error("Ctrl-Break was left to who comes after us")
	}
}

func TestBreak(t *testing.T) {
	e := newEngine(t)
	run := func(source string) {
		t.Helper()
		if err := e.Run(t.Context(), "=test", strings.NewReader(source)); err != nil {
			t.Error(err)
		}
	}
	if heardFromConsole(windows.CTRL_BREAK_EVENT) != 0 {
		t.Error("Ctrl-Break was taken before anybody wanted it")
	}
	run(`signal = require "signal"
		assert(signal.SIGBREAK == 21 and signal.getsignal("BREAK") == signal.default)
		signal.signal("BREAK", function(...) came = {...} end)`)
	if heardFromConsole(windows.CTRL_C_EVENT) != 0 {
		t.Error("Ctrl-C was taken by who wants Ctrl-Break")
	}
	press(t)
	run(`if not came then signal.pause() end assert(came[1] == 21 and came[2] == "SIGBREAK") came = nil
		signal.raise("BREAK") assert(came)
		signal.signal("BREAK", signal.ignore)
		assert(signal.getsignal("BREAK") == signal.ignore) signal.raise("BREAK")`)
	press(t)
	run(`signal.signal("BREAK", signal.default)`)
	if heardFromConsole(windows.CTRL_BREAK_EVENT) != 0 {
		t.Error("Ctrl-Break was taken when nobody wanted it any more")
	}

	// What says where a process is comes before its end.
	order := make(chan string, 2)
	t.Cleanup(func() {
		table.Lock()
		defer table.Unlock()
		table.atBreak, table.end, table.ends = nil, nil, nil
		leaveBreak(false)
	})
	AtBreak(func() { order <- "say" }, func() { order <- "end" })
	press(t)
	for _, want := range []string{"say", "end"} {
		select {
		case got := <-order:
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		case <-time.After(time.Minute):
			t.Fatalf("no %q", want)
		}
	}
}

// A Ctrl-C of the console comes to the script. The process that gets it is a new one, with a console of its
// own: all processes of a console get it.
func TestCtrlC(t *testing.T) {
	if os.Getenv("SIGNAL_TEST_CONSOLE") == "" {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestCtrlC$")
		cmd.Env = append(os.Environ(), "SIGNAL_TEST_CONSOLE=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NO_WINDOW}
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "SIGINT came") {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	e := newEngine(t)
	if err := e.SetGlobal("press", func() error { return windows.GenerateConsoleCtrlEvent(windows.CTRL_C_EVENT, 0) }); err != nil {
		t.Fatal(err)
	}
	err := e.Run(t.Context(), "=test", strings.NewReader(`
		local signal = require "signal"
		signal.signal("INT", function(_, name) print(name .. " came") end)
		press()
		signal.pause()`))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
