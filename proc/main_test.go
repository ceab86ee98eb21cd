package proc_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"strings"
	"testing"
	"time"

	"luaspawn/proc"
	"luaspawn/proc/internal/leaks"
)

// patience is how long a test waits for what has to happen.
const patience = 60 * time.Second

// mode is a variable that tells the test binary to be something else than a
// test or a child; see TestMain.
const mode = "LUASPAWN_TEST_MODE"

// roles are what a child of these tests can be. A role is named by the first
// word of the payload, and gets what follows the blank behind it. There are more
// in unixRoles and linuxRoles.
var roles = map[string]func(self *proc.Self, rest []byte) int{
	"exit":    exitWith,
	"block":   block,
	"nothing": func(*proc.Self, []byte) int { return 0 },
	"panic":   func(*proc.Self, []byte) int { panic("as was asked for") },
	"hash":    printHash,
	"self":    printSelf,
	"stdin":   printStdin,

	"lines": printLines,
	"turns": printTurns,
	"flood": flood,
	"print": func(_ *proc.Self, rest []byte) int { os.Stdout.Write(rest); return 0 },
}

func TestMain(m *testing.M) {
	switch os.Getenv(mode) {
	case "no init":
		_, err := proc.Start(context.Background(), &proc.Command{})
		fmt.Printf("%v %v", errors.Is(err, proc.ErrNoInit), err)
		os.Exit(0)
	case "stop before Init":
		if _, ok := os.LookupEnv("LUASPAWN_CHILD"); ok {
			stopSelf()
		}
	}
	// Or else the race detector makes every child sleep for a second at its end.
	os.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE"))
	if os.Getenv("LUASPAWN_READY") == "0" {
		proc.KeepReady(0)
	}
	proc.Program{Main: runRole, Prepare: prepare}.Init()
	if os.Getenv(mode) == "report" {
		_, ok := os.LookupEnv("LUASPAWN_CHILD")
		input, err := io.ReadAll(os.Stdin)
		fmt.Printf("ordinary, cookie %v, input %q, %v", ok, input, err)
		os.Exit(0)
	}

	if os.Getenv(mode) == "inherited file" {
		inheritedFile()
		os.Exit(0)
	}

	// Started in the background of a script, we ignore the interrupt, and so
	// would our children. What is caught here has its default there.
	if signal.Ignored(os.Interrupt) {
		signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	}
	before := leaks.Look("anon_inode:[event")
	stop := func() int { return 0 }
	how := os.Getenv("LUASPAWN_READY")
	if how == "killed" {
		stop = killReady()
	}
	code := m.Run()
	killed := stop()
	proc.Drain()
	if how == "killed" && killed == 0 {
		fmt.Fprintln(os.Stderr, "FAIL: no prestarted worker was killed")
		code = max(code, 1)
	}
	os.Exit(before.Check(code, leftover))
}

// runRole is what the children of these tests do.
func runRole(self *proc.Self) int {
	role, rest, _ := bytes.Cut(self.Payload, []byte(" "))
	for _, known := range []map[string]func(*proc.Self, []byte) int{roles, unixRoles, linuxRoles, prestartRoles} {
		if do, ok := known[string(role)]; ok {
			return do(self, rest)
		}
	}
	fmt.Fprintf(os.Stderr, "no role %q\n", role)
	return 99
}

// killReady kills children that are kept ready, at random, until stop is called,
// which returns how many they were.
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
			if pids := proc.Ready(); len(pids) > 0 {
				if pid := pids[rand.IntN(len(pids))]; proc.KillReady(pid) {
					killed[pid] = true
				}
			}
		}
	}()
	return func() int {
		close(over)
		<-stopped
		return len(killed)
	}
}

// leftover returns which processes are left.
func leftover() (what string) {
	for _, p := range ownProcesses() {
		what += fmt.Sprintf("process %d, state %s\n", p.pid, p.state)
	}
	if c := proc.Children(); len(c) > 0 {
		what += fmt.Sprintf("children: %v\n", c)
	}
	return what
}

// until asks again and again until ok holds, and reports whether it ever did.
// It is for what sends no event.
func until(ok func() bool) bool {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !ok() {
		select {
		case <-again.C:
		case <-deadline.C:
			return false
		}
	}
	return true
}

// start starts c, which must work, and kills the child at the end of the test.
func start(t testing.TB, c *proc.Command) *proc.Process {
	t.Helper()
	p, err := proc.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Kill()
		<-p.Done()
	})
	return p
}

// join waits for the end of p, which must come, and returns its exit code.
func join(t testing.TB, p *proc.Process) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := p.Join(ctx); err != nil {
		t.Fatalf("join of process %d: %v", p.Pid(), err)
	}
	code, ended := p.ExitCode()
	if !ended {
		t.Fatalf("process %d was joined and hasn't ended", p.Pid())
	}
	return code
}

// output runs a child and returns all that it printed. It must exit with 0.
func output(t testing.TB, payload string, files ...*os.File) string {
	t.Helper()
	var b bytes.Buffer
	p := start(t, &proc.Command{Payload: []byte(payload), Files: files, Stdout: &b, Stderr: &b})
	if code := join(t, p); code != 0 {
		t.Fatalf("%s: exit code %d, want 0; output:\n%s", payload, code, &b)
	}
	return b.String()
}

// pipe makes a pipe whose ends are closed at the end of the test.
func pipe(t testing.TB) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.Close()
		w.Close()
	})
	return r, w
}

// blocked starts a child that has reached its main function and stays there.
func blocked(t testing.TB) *proc.Process {
	t.Helper()
	var out signalled
	p := start(t, &proc.Command{Payload: []byte("block"), Stdout: out.init()})
	out.await(t, "ready\n")
	return p
}

// block says that it is there, and is, until its parent isn't.
func block(self *proc.Self, _ []byte) int {
	fmt.Println("ready")
	<-self.ParentGone()
	return 0
}

// signalled is a Writer that can be waited at.
type signalled struct {
	writes chan string
	got    string
}

func (s *signalled) init() *signalled {
	s.writes = make(chan string, 1000)
	return s
}

func (s *signalled) Write(b []byte) (int, error) {
	s.writes <- string(b)
	return len(b), nil
}

// await waits until want, and nothing else, has been written since the last
// call.
func (s *signalled) await(t testing.TB, want string) {
	t.Helper()
	deadline := time.After(patience)
	for s.got = ""; s.got != want; {
		select {
		case b := <-s.writes:
			s.got += b
		case <-deadline:
			t.Fatalf("got %q, want %q", s.got, want)
		}
	}
}

// ourError reports whether err has the one prefix that it should have.
func ourError(err error, is error) bool {
	return errors.Is(err, is) && strings.HasPrefix(err.Error(), "proc: start: ") && strings.Count(err.Error(), "proc: ") == 1
}
