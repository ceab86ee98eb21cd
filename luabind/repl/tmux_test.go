//go:build unix

package repl_test

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

// tmux is a prompt in a terminal that is none of ours: what tests of ours and the editor
// both get wrong, it doesn't.
type tmux struct {
	t           *testing.T
	socket, dir string
	tick        *time.Ticker // tmux doesn't say when its screen changes
}

// openTmux starts a prompt; env is what else is in its environment, NAME=VALUE as a shell
// reads it.
func openTmux(t *testing.T, width, height int, env ...string) *tmux {
	t.Helper()
	if testing.Short() {
		t.Skip("each look at its screen starts a process: go test without -short runs it, as .ci/run does")
	}
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed")
	}
	path, err := command()
	if err != nil {
		t.Fatal(err)
	}
	m := &tmux{t: t, dir: t.TempDir(), tick: time.NewTicker(100 * time.Millisecond)} // each look starts a process
	m.socket = filepath.Join(m.dir, "tmux")
	t.Cleanup(m.tick.Stop)
	m.run("-u", "new-session", "-d", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height), "-c", m.dir,
		fmt.Sprintf("XDG_STATE_HOME=%s %s exec %s", m.dir, strings.Join(env, " "), path))
	t.Cleanup(func() { exec.Command("tmux", "-S", m.socket, "kill-server").Run() })
	return m
}

func (m *tmux) run(args ...string) string {
	m.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", m.socket, "-f", "/dev/null"}, args...)...).CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// expect waits until the screen ends with a match of re; styles: with its escape codes.
func (m *tmux) expect(re string, styles ...string) {
	m.t.Helper()
	r := regexp.MustCompile(`(?m)` + strings.TrimSuffix(re, " ") + `\z`)
	over := time.After(patience)
	for {
		var lines []string
		for line := range strings.Lines(m.run(append([]string{"capture-pane", "-p"}, styles...)...)) {
			lines = append(lines, strings.TrimRight(line, " \n"))
		}
		screen := strings.TrimRight(strings.Join(lines, "\n"), "\n")
		if r.MatchString(screen) {
			return
		}
		select {
		case <-m.tick.C:
		case <-over:
			m.t.Fatalf("no %s; the screen is\n%s", re, screen)
		}
	}
}

// keys types text as it is, press keys by their names.
func (m *tmux) keys(text string) { m.t.Helper(); m.run("send-keys", "-l", text) }
func (m *tmux) press(names ...string) {
	m.t.Helper()
	m.run(append([]string{"send-keys"}, names...)...)
}
func (m *tmux) enter(text string) { m.t.Helper(); m.keys(text); m.press("Enter") }

func TestTmux(t *testing.T) {
	t.Parallel()
	m := openTmux(t, 50, 15)
	m.expect(`> `)
	m.enter("'中文' .. [[")
	m.enter("二]]")
	m.expect(`> '中文' \.\. \[\[\n>> 二\]\]\n"中文二"\n> `)
	// A text of several rows, with wide characters at the edge of the screen.
	m.keys("s = '" + strings.Repeat("中文", 24))
	m.expect(`> s = '` + strings.Repeat("中文", 10) + `中\n文` + strings.Repeat("中文", 12) + `\n中文`)
	m.press("Home", "C-k")
	m.expect(`"中文二"\n> `)
	// Recalled as one, changed in its first line.
	m.press("Up", "Up", "Home")
	m.keys("#")
	m.press("Enter")
	m.expect(`attempt to get length of .*|> #'中文' \.\. \[\[\n>> 二\]\]\n(.*\n)*> `)
	// Children print above what is typed, in place after a change of the size.
	m.enter("p = Process{target = function() for i = 1, 3 do print('child ' .. i) end end}")
	m.enter("timer = Process{target = function() p:run() end} timer:start() timer:join()")
	m.expect(`child 1\nchild 2\nchild 3\n> `)
	m.keys("x = '" + strings.Repeat("0123456789", 6))
	m.expect(`0123456789`)
	m.run("resize-window", "-x", "40", "-y", "15")
	m.expect(`child 3\n> x = '012345678901234567890123456789012\n345678901234567890123456789`)
	m.run("resize-window", "-x", "80", "-y", "15")
	m.expect(`child 3\n> x = '012345678901234567890123456789012345678901234567890123456789`)
	m.press("C-c")
	m.expect(`9\n> `)
	// A paste with the brackets that tmux puts around it.
	var lines []string
	for i := 1; i <= 100; i++ {
		lines = append(lines, fmt.Sprintf("sum = (sum or 0) + %d", i))
	}
	m.run("set-buffer", strings.Join(lines, "\n"))
	m.run("paste-buffer", "-p")
	m.expect(`>> sum = \(sum or 0\) \+ 99\n>> sum = \(sum or 0\) \+ 100`)
	m.press("Enter")
	m.enter("sum")
	m.expect(`> sum\n5050\n> `)
	m.enter("while true do end")
	m.expect(`while true do end`)
	m.press("C-c")
	m.expect(`interrupted\n> `)
	m.press("C-d")
}

// The keys of Emacs that readline has.
func TestTmuxKeys(t *testing.T) {
	t.Parallel()
	m := openTmux(t, 60, 15)
	m.expect(`> `)
	m.keys("'one two'")
	m.press("C-a", "M-u", "M-c")
	m.expect(`> 'ONE Two'`)
	m.press("C-e", "Left", "M-t")
	m.expect(`> 'Two ONE'`)
	m.press("M-BSpace", "M-BSpace", "C-y", "Enter")
	m.expect(`> 'Two ONE'\n"Two ONE"\n> `)
	m.press("M-3", "x")
	m.expect(`> xxx`)
	m.press("M-2")
	m.expect(`\(arg: 2\) > xxx`)
	m.press("C-b", "C-k", "C-u", "C-y", "M-y")
	m.expect(`> Two ONE`)
	m.press("C-u")
	m.keys("#")
	m.press("M-.", "Enter")
	m.expect(`> #'Two ONE'\n7\n> `)
	m.press("C-d")
}

// Lines that go on are indented.
func TestTmuxIndent(t *testing.T) {
	t.Parallel()
	m := openTmux(t, 60, 15)
	m.expect(`> `)
	for _, line := range []string{"function f(n)", "for i = 1, n do", "print(i)", "end", "return {", "n,", "}", "end"} {
		for i, name := range strings.Split(line, "") { // one by one, as a person does
			if m.keys(name); i == len(line)-1 {
				m.expect(regexp.QuoteMeta(line))
			}
		}
		m.press("Enter")
		m.expect(`\n>>? `)
	}
	m.expect(`> function f\(n\)\n>>   for i = 1, n do\n>>     print\(i\)\n>>   end\n>>   return {\n>>     n,\n>>   }\n>> end\n> `)
	// A paste is taken as it stands.
	m.run("set-buffer", "function g()\nreturn 5\n    end")
	m.run("paste-buffer", "-p")
	m.expect(`> function g\(\)\n>> return 5\n>>     end`)
	m.press("C-c", "C-d")
}

// What the history has of a text is behind it in grey.
func TestTmuxHints(t *testing.T) {
	t.Parallel()
	m := openTmux(t, 60, 15)
	m.expect(`> `)
	m.enter("local answer = 6 * 7")
	m.enter("print(answer)")
	m.expect(`\n42\n> `)
	m.keys("lo")
	m.expect(`\n.*> lo\x1b\[90mcal answer = 6 \* 7`, "-e")
	m.press("M-f", "M-f")
	m.expect(`\n.*> \x1b\[35mlocal\x1b\[39m answer\x1b\[90m = 6 \* 7`, "-e")
	m.press("C-e", "Enter")
	m.expect(`\n> \x1b\[35mlocal\x1b\[39m answer = \x1b\[36m6\x1b\[39m \* \x1b\[36m7\n.*> `, "-e")
	m.keys("pri")
	m.expect(`\n.*> pri\x1b\[90mnt\(answer\)`, "-e")
	m.press("Enter") // leaves it
	m.expect(`\n> pri\nnil\n> `)
	m.keys("print(")
	m.press("Right", "Enter")
	m.expect(`\n> print\(answer\)\n42\n> `)
	m.press("C-d")
}

// Tab behind a parenthesis tells of the function, in braces it lists the keywords.
func TestTmuxCalls(t *testing.T) {
	t.Parallel()
	m := openTmux(t, 80, 15)
	m.expect(`> `)
	m.keys("Process{")
	m.press("Tab")
	m.expect(`\nargs = +group = +name = +stdout =\ndaemon = +kwargs = +stderr = +target =\n> Process{`)
	m.keys("tar")
	m.press("Tab")
	m.keys("print}")
	m.expect(`\n> Process{target = print}`)
	m.press("C-u")
	m.keys("string.format(")
	m.press("Tab")
	m.expect(`string\.format\(format.*\n +as C.*\n> string\.format\(`)
	m.keys("'%s', ('x'):up")
	m.press("Tab")
	m.keys("())")
	m.press("Enter")
	m.expect(`\n> string.format\('%s', \('x'\):upper\(\)\)\n"X"\n> `)
	m.keys("io.open('tm")
	m.press("Tab")
	m.expect(`\n> io\.open\('tmux`)
	m.press("C-c", "C-d")
}

// The commands of the prompt.
func TestTmuxCommands(t *testing.T) {
	t.Parallel()
	m := openTmux(t, 80, 20, `EDITOR="sed -i s/20/21/"`)
	m.expect(`> `)
	m.enter(".time 20 * 2")
	m.expect(`\n> \.time 20 \* 2\n40\n\d+\.\d+ [um]?s\n> `)
	m.enter(".edit")
	m.expect(`\n> \.edit\n> 21 \* 2\n42\n> `)
	m.press("Up") // what was edited is in the history
	m.expect(`\n> 21 \* 2`)
	m.press("C-u")
	if err := os.WriteFile(filepath.Join(m.dir, "mine.lua"), []byte("return {version = 1}"), 0o666); err != nil {
		t.Fatal(err)
	}
	m.enter("local l = require 'mine' g = l")
	if err := os.WriteFile(filepath.Join(m.dir, "mine.lua"), []byte("return {version = 2}"), 0o666); err != nil {
		t.Fatal(err)
	}
	m.keys(".rel")
	m.press("Tab")
	m.keys("mi")
	m.press("Tab", "Enter")
	m.expect(`\n> \.reload mine\nnew in l, g\n> `)
	m.enter("l.version, g.version, require 'mine'.version")
	m.expect(`\n2\s+2\s+2\n> `)
	if err := os.WriteFile(filepath.Join(m.dir, "mine.lua"), []byte("error 'broken'"), 0o666); err != nil {
		t.Fatal(err)
	}
	m.enter(".reload mine")
	m.expect(`broken(\n.*)*\n> `)
	m.enter(".reload os")
	m.expect(`\n\.reload: os is built in\n> `)
	m.enter("require 'mine'.version")
	m.expect(`\n2\n> `)
	m.enter("error 'not saved'")
	m.enter(".save mine.lua")
	m.expect(`\n\.save: mine\.lua is there already\n> `)
	m.enter(".save s.lua")
	m.enter(".save s.lua")
	m.enter("io.open('s.lua'):read('*a') == [[-- typed at the prompt of luaspawn")
	m.enter("print(20 * 2)")
	m.enter("print(21 * 2)")
	m.enter("local l = require 'mine' g = l")
	m.enter("print(l.version, g.version, require 'mine'.version)")
	m.enter("print(require 'mine'.version)")
	m.enter("]]")
	m.expect(`\ntrue\n> `)
	m.enter(".what")
	m.expect(`\nthe commands are \.time CODE.*\n> `)
	m.enter(".time for i = 1, 3 do")
	m.enter("print(i) end")
	m.expect(`\n1\n2\n3\n\d+\.\d+ [um]?s\n> `)
	m.press("C-d")
}

// What people try who don't know it, on a screen of 80 by 24.
func TestTmuxHelp(t *testing.T) {
	t.Parallel()
	m := openTmux(t, 80, 24)
	m.expect(`> `)
	m.press("C-l")
	m.enter("help()")
	m.expect(`\A> help\(\)\nAn expression prints (.*\n)*> `)
	m.press("C-l")
	m.enter("exit") // each at its prompt, or the terminal would echo what comes before it
	m.expect(`\nCtrl-D or os\.exit\(\) leaves\n> `)
	m.enter("help")
	m.expect(`\nfunction help\(\[what\]\): what (.*\n)+> `)
	m.enter("jobs")
	m.expect(`\A> exit\nCtrl-D or os\.exit\(\) leaves\n> help\nfunction help\(\[what\]\): what (.*\n)+> jobs\nfunction jobs\(.*\) -> (.*\n)+> `)
	m.press("C-l")
	m.enter("for i = 1, 2 do Process{target = Process.sleep, args = {1000}}:start() end")
	m.enter("jobs()[2]:kill() jobs()[2]:join()")
	m.enter("jobs()")
	m.expect(`NUMBER.*\n1 +Process-1 +\d+ +running +\d.*\n2 +Process-2 +\d+ +ended +-9 .*\n> `)
	m.enter("_[1]:terminate()")
	m.press("C-d")
}
