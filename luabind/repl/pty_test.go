//go:build unix

package repl_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"luaspawn/luabind/repl/internal/vt"
)

// patience is how long a test waits for anything.
const patience = time.Minute

// command builds luaspawn once for all tests.
var command = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "luaspawn-repl-test-")
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-o", dir, "luaspawn")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as README.md says
	out, err := build.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return filepath.Join(dir, "luaspawn"), nil
})

func TestMain(m *testing.M) {
	// Started by nohup, we ignore SIGHUP, and so would what a test starts: it would go
	// on when its terminal's shell is gone. What is caught here has its default there.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	status := m.Run()
	if path, err := command(); err == nil {
		if left := leftOver(path); len(left) > 0 {
			fmt.Fprintf(os.Stderr, "processes that the tests have left behind: %v\n", left)
			status = 1
		}
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(status)
}

// leftOver returns the processes that still run path when they have had time to
// end, and ends them. It knows of them on Linux only.
func leftOver(path string) []string {
	tick := time.NewTicker(10 * time.Millisecond) // nobody tells of the end of a stranger's child
	defer tick.Stop()
	over := time.After(patience)
	for {
		var left []string
		links, _ := filepath.Glob("/proc/[0-9]*/exe")
		for _, link := range links {
			if exe, err := os.Readlink(link); err == nil && exe == path {
				left = append(left, filepath.Base(filepath.Dir(link)))
			}
		}
		if len(left) == 0 {
			return nil
		}
		select {
		case <-tick.C:
		case <-over:
			for _, pid := range left {
				if n, err := strconv.Atoi(pid); err == nil {
					syscall.Kill(n, syscall.SIGKILL)
				}
			}
			return left
		}
	}
}

// terminal is a program on a pseudo-terminal, which never answers anything that it
// is asked, and the screen that a person would see.
type terminal struct {
	t     *testing.T
	cmd   *exec.Cmd
	file  *os.File
	state string // XDG_STATE_HOME
	dir   string
	ended chan struct{}

	mu     sync.Mutex
	screen *vt.Screen
	raw    strings.Builder
	wrote  chan struct{} // closed by the next output
}

type setup struct {
	args          []string
	env           []string
	width, height int               // 80 by 24
	files         map[string]string // in the working directory
	state         string            // empty: a new one
	shell         bool              // the program is a shell, luaspawn is on its PATH
}

func open(t *testing.T, s setup) *terminal {
	t.Helper()
	path, err := command()
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{t: t, dir: t.TempDir(), state: s.state, wrote: make(chan struct{}), ended: make(chan struct{})}
	if term.state == "" {
		term.state = t.TempDir()
	}
	for name, content := range s.files {
		name = filepath.Join(term.dir, name)
		os.MkdirAll(filepath.Dir(name), 0o777)
		if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if s.width == 0 {
		s.width, s.height = 80, 24
	}
	term.cmd = exec.Command(path, s.args...)
	if s.shell {
		term.cmd = exec.Command("/bin/sh", "-i")
	}
	term.cmd.Dir = term.dir
	term.cmd.Env = append([]string{
		"PATH=" + filepath.Dir(path) + ":" + os.Getenv("PATH"), "HOME=" + term.dir,
		"TERM=xterm-256color", "XDG_STATE_HOME=" + term.state, "PS1=$ ",
	}, s.env...)
	term.screen = vt.New(s.width, s.height)
	term.file, err = pty.StartWithSize(term.cmd, &pty.Winsize{Rows: uint16(s.height), Cols: uint16(s.width)})
	if err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		b := make([]byte, 64<<10)
		for {
			n, err := term.file.Read(b)
			term.mu.Lock()
			term.screen.Write(b[:n])
			term.raw.Write(b[:n])
			close(term.wrote)
			term.wrote = make(chan struct{})
			term.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	go func() {
		defer close(term.ended)
		term.cmd.Wait()
	}()
	t.Cleanup(func() {
		term.cmd.Process.Kill()
		<-term.ended
		term.file.Close()
		select {
		case <-read:
		case <-time.After(patience):
			t.Errorf("the terminal is still open, in: %v", leftOver(path))
			return
		}
		if len(term.screen.Unknown) > 0 {
			t.Errorf("what was written has sequences that not all terminals know: %s", term.screen.Unknown)
		}
	})
	return term
}

// send types text; "\r" is Enter.
func (term *terminal) send(text string) {
	term.t.Helper()
	if _, err := term.file.WriteString(text); err != nil {
		term.t.Fatal(err)
	}
}

// until waits until done holds of the screen.
func (term *terminal) until(what string, done func(*vt.Screen) bool) {
	term.t.Helper()
	over := time.After(patience)
	for {
		term.mu.Lock()
		ok, more, screen := done(term.screen), term.wrote, term.screen.String()
		term.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-more:
		case <-over:
			term.t.Fatalf("no %s; the screen is\n%s", what, screen)
		}
	}
}

// expect waits until the screen, with what has left it, ends with a match of re. A
// trailing "> " of the text stands for the prompt.
func (term *terminal) expect(re string) {
	term.t.Helper()
	r := regexp.MustCompile(`(?m)` + strings.TrimSuffix(re, " ") + `\z`)
	term.until(re, func(s *vt.Screen) bool { return r.MatchString(s.String()) })
}

// see waits until re matches somewhere.
func (term *terminal) see(re string) {
	term.t.Helper()
	r := regexp.MustCompile(`(?m)` + strings.TrimSuffix(re, " "))
	term.until(re, func(s *vt.Screen) bool { return r.MatchString(s.String()) })
}

// interrupt waits until re is in a line above the cursor's, and presses Ctrl-C. A terminal
// passes on a line and its newline one by one: Ctrl-C between them is shown behind the
// line, and what wasn't passed on yet is dropped.
func (term *terminal) interrupt(re string) {
	term.t.Helper()
	r := regexp.MustCompile(re)
	term.until(re+", and its newline", func(s *vt.Screen) bool {
		row, _ := s.Cursor()
		return slices.ContainsFunc(s.Lines()[:row], r.MatchString)
	})
	term.send("\x03")
}

// line types a line and waits until re is what comes after it, and the prompt.
func (term *terminal) line(text, re string) {
	term.t.Helper()
	term.send(text + "\r")
	term.expect(regexp.QuoteMeta(strings.TrimSpace(text)) + `\n` + re + `> `)
}

// end waits for the end of the program with this status.
func (term *terminal) end(status int) {
	term.t.Helper()
	select {
	case <-term.ended:
	case <-time.After(patience):
		term.t.Fatalf("it hasn't ended; the screen is\n%s", term.text())
	}
	if got := term.cmd.ProcessState.ExitCode(); got != status {
		term.t.Errorf("got exit status %d, want %d", got, status)
	}
}

func (term *terminal) text() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.screen.String()
}

// output returns all that was written so far.
func (term *terminal) output() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.raw.String()
}

// resize changes the size and waits until the program has drawn anew.
func (term *terminal) resize(width, height int) {
	term.t.Helper()
	term.mu.Lock()
	term.screen.Resize(width, height)
	before := term.raw.Len()
	term.mu.Unlock()
	defer term.until("new drawing", func(*vt.Screen) bool { return strings.HasSuffix(term.raw.String()[before:], "C") })
	if err := pty.Setsize(term.file, &pty.Winsize{Rows: uint16(height), Cols: uint16(width)}); err != nil {
		term.t.Fatal(err)
	}
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

// output runs a command with in as its standard input, and returns all that it
// prints.
func output(t *testing.T, path, args, in string) string {
	t.Helper()
	cmd := exec.Command(path, strings.Fields(args)...)
	cmd.Stdin = strings.NewReader(in)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
	return string(out)
}
