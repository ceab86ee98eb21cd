//go:build unix

package repl_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The same prompt in tmux, whose screen is none of ours: what tests of ours
// and the editor both get wrong, it doesn't.
func TestTmux(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed")
	}
	path, err := command()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	socket := filepath.Join(dir, "tmux")
	tmux := func(args ...string) string {
		t.Helper()
		out, err := exec.Command("tmux", append([]string{"-S", socket, "-f", "/dev/null"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("tmux %q: %v\n%s", args, err, out)
		}
		return string(out)
	}
	tmux("-u", "new-session", "-d", "-x", "50", "-y", "15", fmt.Sprintf("XDG_STATE_HOME=%s exec %s", dir, path))
	t.Cleanup(func() { exec.Command("tmux", "-S", socket, "kill-server").Run() })
	tick := time.NewTicker(20 * time.Millisecond) // tmux doesn't say when its screen changes
	t.Cleanup(tick.Stop)
	expect := func(re string) {
		t.Helper()
		r := regexp.MustCompile(`(?m)` + strings.TrimSuffix(re, " ") + `\z`)
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
	keys := func(text string) { t.Helper(); tmux("send-keys", "-l", text) }
	enter := func(text string) { t.Helper(); keys(text); tmux("send-keys", "Enter") }

	expect(`> `)
	enter("'中文' .. [[")
	enter("二]]")
	expect(`> '中文' \.\. \[\[\n>> 二\]\]\n"中文二"\n> `)
	// A text of several rows, with wide characters at the edge of the screen.
	keys("s = '" + strings.Repeat("中文", 24))
	expect(`> s = '` + strings.Repeat("中文", 10) + `中\n文` + strings.Repeat("中文", 12) + `\n中文`)
	tmux("send-keys", "Home", "C-k")
	expect(`"中文二"\n> `)
	// Recalled as one, changed in its first line.
	tmux("send-keys", "Up", "Up", "Home")
	keys("#")
	tmux("send-keys", "Enter")
	expect(`attempt to get length of .*|> #'中文' \.\. \[\[\n>> 二\]\]\n(.*\n)*> `)
	// Children print above what is typed, in place after a change of the size.
	enter("p = Process{target = function() for i = 1, 3 do print('child ' .. i) end end}")
	enter("timer = Process{target = function() p:run() end} timer:start() timer:join()")
	expect(`child 1\nchild 2\nchild 3\n> `)
	keys("x = '" + strings.Repeat("0123456789", 6))
	expect(`0123456789`)
	tmux("resize-window", "-x", "40", "-y", "15")
	expect(`child 3\n> x = '012345678901234567890123456789012\n345678901234567890123456789`)
	tmux("resize-window", "-x", "80", "-y", "15")
	expect(`child 3\n> x = '012345678901234567890123456789012345678901234567890123456789`)
	tmux("send-keys", "C-c")
	expect(`9\n> `)
	// A paste with the brackets that tmux puts around it.
	var lines []string
	for i := 1; i <= 100; i++ {
		lines = append(lines, fmt.Sprintf("sum = (sum or 0) + %d", i))
	}
	tmux("set-buffer", strings.Join(lines, "\n"))
	tmux("paste-buffer", "-p")
	expect(`>> sum = \(sum or 0\) \+ 99\n>> sum = \(sum or 0\) \+ 100`)
	tmux("send-keys", "Enter")
	enter("sum")
	expect(`> sum\n5050\n> `)
	enter("while true do end")
	expect(`while true do end`)
	tmux("send-keys", "C-c")
	expect(`interrupted\n> `)
	tmux("send-keys", "C-d")
}
