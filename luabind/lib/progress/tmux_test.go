//go:build unix

package progress_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// patience is how long the screen may take to change.
const patience = time.Minute

// Bars of the command in tmux, which has scroll regions of its own making: what whoever prints, this
// process, a child from before the bar, a command, stands above; a shell gets the terminal back as it was.
func TestTmux(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the command: go test without -short runs it, as .ci/run does")
	}
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed; .ci/run installs it")
	}
	dir := t.TempDir()
	build := exec.Command("go", "build", "-buildvcs=false", "-o", dir, ".")
	build.Dir = "../../.."
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	if err := os.CopyFS(dir, os.DirFS("testdata/tmux")); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "tmux")
	tmux := func(args ...string) string {
		t.Helper()
		out, err := exec.Command("tmux", append([]string{"-S", socket, "-f", "/dev/null", "-u"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("tmux %q: %v\n%s", args, err, out)
		}
		return string(out)
	}
	tmux("new-session", "-d", "-x", "60", "-y", "12", fmt.Sprintf("cd %s; exec env -u NO_COLOR PATH=%s:$PATH PS1='$ ' HISTFILE= XDG_STATE_HOME=%s sh", dir, dir, dir))
	t.Cleanup(func() { exec.Command("tmux", "-S", socket, "kill-server").Run() })
	tick := time.NewTicker(20 * time.Millisecond) // tmux doesn't say when its screen changes
	t.Cleanup(tick.Stop)
	expect := func(re string) {
		t.Helper()
		r := regexp.MustCompile(`(?m)` + re + `\z`)
		over := time.After(patience)
		for {
			var lines []string
			for line := range strings.Lines(tmux("capture-pane", "-p")) {
				lines = append(lines, strings.TrimRight(line, " \n"))
			}
			screen := strings.TrimRight(strings.Join(lines, "\n"), "\n")
			if r.MatchString(screen) {
				return
			}
			select {
			case <-tick.C:
			case <-over:
				t.Fatalf("no %s; the screen is\n%s", re, screen)
			}
		}
	}
	enter := func(text string) { t.Helper(); tmux("send-keys", "-l", text); tmux("send-keys", "Enter") }
	free := func() { // the whole screen is the shell's
		t.Helper()
		enter("clear; printf '\\033[99;1H'; echo end")
		expect(`\A\n{10}end\n\$`)
		enter("clear")
		expect(`\A\$`)
	}
	expect(`\A\$`)

	// Whoever prints.
	enter("luaspawn above.lua")
	expect(`above.lua\n\n+读取  50% .*`)
	enter("")
	expect(`script\nchild\ncommand\n\n+读取  50% \[#+-+\] 2/4 0:\d\d<\S+ \S+/s`)
	if colours := tmux("capture-pane", "-p", "-e"); !strings.Contains(colours, "\x1b[32m#") {
		t.Errorf("no colours: %q", colours)
	}
	// Another size.
	tmux("resize-window", "-x", "40", "-y", "10")
	expect(`script\nchild\ncommand\n\n+读取  50% 2/4 0:\d\d<\S+ \S+/s`)
	tmux("resize-window", "-x", "60", "-y", "12")
	expect(`script\nchild\ncommand\n\n+读取  50% \[#+-+\] 2/4 0:\d\d<\S+ \S+/s`)
	enter("")
	expect(`script\nchild\ncommand\n\n读取  50% .* 2/4 .*\nafter\n\$`)
	free()

	// A row for each process.
	enter("luaspawn processes.lua")
	expect(`\$ luaspawn processes.lua\n\n+(?:(?:child \d  50%|parent   0%) .*\n?){4}`)
	enter("")
	expect(`(?:child \d 100% .*\n){3}parent 100% .*\n\$`)
	free()

	// Signals.
	enter("luaspawn endless.lua")
	expect(`ready\n\n+endless .*`)
	tmux("send-keys", "C-c")
	expect(`ready\n\^C\nendless .*\nluaspawn: interrupted\n\$`)
	free()
	enter("luaspawn terminated.lua")
	expect(`terminated.lua\n\n+child .*`)
	enter("")
	expect(`terminated.lua\n\nchild .*\n-15\n\$`)
	free()

	// No colours, no bars.
	enter("NO_COLOR=1 luaspawn endless.lua")
	expect(`ready\n\n+endless .*`)
	if colours := tmux("capture-pane", "-p", "-e"); strings.Contains(colours, "\x1b[") {
		t.Errorf("colours: %q", colours)
	}
	tmux("send-keys", "C-c")
	free()
	enter("TERM=dumb luaspawn short.lua; luaspawn short.lua 2>/dev/null; luaspawn short.lua >/dev/null")
	expect(`\A\$ .*\n?.*\n\d\n\d\nshort 100% .*\n\$`)
	free()

	// The prompt.
	enter("luaspawn")
	expect(`> ?`)
	enter("progress = require 'progress'")
	enter("for i in progress({1, 2}, {label = 'loop'}) do print(i) end")
	expect(`1\n2\nloop 100% .*\n> ?`)
	enter("dofile 'endless.lua'")
	expect(`ready\n\n*endless .*`)
	tmux("send-keys", "C-c")
	expect(`\^C\nendless .*\n+interrupted\n> ?`)
	enter("p = Process{target = function() print 'child' end} bar = progress{total = 2} p:start() p:join() bar:add()")
	expect(`child\n 50% .*\n> ?`)
	enter("bar:add()")
	expect(`> bar:add\(\)\n100% .*\n> ?`)
	tmux("send-keys", "C-d")
	expect(`\$`)
	free()
}
