package ipc

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"luaspawn/proc"
	"luaspawn/proc/internal/leaks"
)

// patience is how long a test waits for what has to happen.
const patience = 60 * time.Second

// roles are what a child of these tests can be: the first word of the payload
// names it, the rest is for it.
var roles = map[string]func(files []*os.File, rest string) int{
	"lock":      childLock,
	"semaphore": childSemaphore,
	"hang":      func([]*os.File, string) int { return hang("hangs") },
	"event":     childEvent,
	"condition": childCondition,
	"barrier":   childBarrier,
	"crash":     childCrash,
	"queue":     childQueue,
	"pipe":      childPipe,
	"killed":    childKilled,
}

func TestMain(m *testing.M) {
	os.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE"))
	proc.Init(func(self *proc.Self) int {
		role, rest, _ := bytes.Cut(self.Payload, []byte(" "))
		do := roles[string(role)]
		if do == nil {
			fmt.Fprintf(os.Stderr, "no role %q\n", role)
			return 99
		}
		return do(self.Files, string(rest))
	})
	if flag.Parse(); testing.Short() {
		proc.KeepReady(1) // of those that are kept ready for tests of few children most wait in vain
	}
	before := leaks.Look("anon_inode:[event")
	code := m.Run()
	proc.Drain()
	os.Exit(before.Check(code, func() string {
		runtime.GC() // handles that nobody closed
		if n := len(proc.Children()); n > 0 {
			return fmt.Sprintf("%d children\n", n)
		}
		return ""
	}))
}

func pause(d time.Duration) {
	t := time.NewTimer(d)
	<-t.C
}

// spawn starts a child with what it is to do, and ends it with the test.
func spawn(t testing.TB, payload string, files ...*os.File) *child {
	t.Helper()
	c := &child{t: t, lines: make(chan string, 1000)}
	p, err := proc.Start(t.Context(), &proc.Command{Payload: []byte(payload), Files: files, Stdout: c})
	for _, f := range files {
		f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	c.Process = p
	t.Cleanup(c.end)
	return c
}

type child struct {
	*proc.Process
	t     testing.TB
	lines chan string
}

func (c *child) Write(b []byte) (int, error) {
	for line := range strings.Lines(string(b)) {
		c.lines <- strings.TrimSpace(line)
	}
	return len(b), nil
}

// says waits for a line of the child's.
func (c *child) says(want string) {
	c.t.Helper()
	select {
	case got := <-c.lines:
		if got != want {
			c.t.Fatalf("the child said %q, want %q", got, want)
		}
	case <-time.After(patience):
		c.t.Fatalf("the child said nothing, want %q", want)
	}
}

func (c *child) end() {
	c.Kill()
	<-c.Done()
}

// files returns what to send of an object.
func files(t testing.TB, objects ...interface{ Files() ([]*os.File, error) }) (list []*os.File) {
	t.Helper()
	for _, o := range objects {
		f, err := o.Files()
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, f...)
	}
	return list
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// stride is how far apart the steps are at which the children of the crash tests die.
func stride() int {
	if testing.Short() {
		return 5
	}
	return 1
}

// soon is a context for what must not last.
func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// dieNow ends this process as a kill does, here and now.
func dieNow() {
	if me, err := os.FindProcess(os.Getpid()); err == nil {
		me.Kill()
	}
	select {}
}

// hang says a line and waits to be killed.
func hang(line string) int {
	fmt.Println(line)
	for {
		pause(time.Hour) // a select of nothing is a deadlock to the runtime
	}
}
