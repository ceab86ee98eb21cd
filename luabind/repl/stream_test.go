package repl_test

import (
	"context"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"luaspawn/luabind"
	"luaspawn/luabind/repl"
	"luaspawn/luabind/repl/internal/vt"
)

// The prompt on an engine and streams of the program's own.
func ExampleRun() {
	engine, _ := luabind.New(luabind.Config{})
	defer engine.Close()
	repl.Run(context.Background(), engine, script("local x = 6\nx * 7\n"), os.Stdout, os.Stderr)
	// Output:
	// > > 42
	// >
}

func script(text string) io.Reader {
	r, w := io.Pipe()
	go func() {
		io.WriteString(w, text)
		w.Close()
	}()
	return r
}

// remote is a terminal at the other end of a connection.
type remote struct {
	mu     sync.Mutex
	screen *vt.Screen
	wrote  chan struct{}
}

func (r *remote) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.wrote)
	r.wrote = make(chan struct{})
	return r.screen.Write(b)
}

func (r *remote) see(t *testing.T, re string) {
	t.Helper()
	over := time.After(time.Minute)
	for {
		r.mu.Lock()
		text, wrote := r.screen.String(), r.wrote
		r.mu.Unlock()
		if regexp.MustCompile(`(?m)` + re).MatchString(text) {
			return
		}
		select {
		case <-wrote:
		case <-over:
			t.Fatalf("no %s; the screen is\n%s", re, text)
		}
	}
}

// Over streams that lead to a terminal lines are edited too, and Ctrl-C interrupts.
func TestStreams(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	e, err := luabind.New(luabind.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	there := &remote{screen: vt.New(40, 10), wrote: make(chan struct{})}
	in, keys := io.Pipe()
	p := repl.Prompt{Engine: e, In: in, Out: there, Size: func() (int, int) { return 40, 10 }, Banner: "welcome"}
	done := make(chan error)
	go func() { done <- p.Run(context.Background()) }()
	type_ := func(text string) { io.WriteString(keys, text) }
	there.see(t, `^welcome\n>$`)
	type_("x = 1x\x7f0\r")
	type_("x\r")
	there.see(t, `^> x\n10\n>$`)
	type_("print('be' .. 'gun') while true do end\r")
	there.see(t, `^begun$`)
	type_("\x03")
	there.see(t, `^interrupted\n>$`)
	type_("print('two\\nrows')\r")
	there.see(t, `^two\nrows\n>$`)
	type_("\x04")
	if err := <-done; err != nil {
		t.Error(err)
	}
	if len(there.screen.Unknown) > 0 {
		t.Errorf("unknown sequences: %v", there.screen.Unknown)
	}
}

// The end of its context ends a prompt, while it reads and while it evaluates.
func TestContext(t *testing.T) {
	for _, typed := range []string{"", "pri", "print('be' .. 'gun') while true do end\r"} {
		e, err := luabind.New(luabind.Config{})
		if err != nil {
			t.Fatal(err)
		}
		there := &remote{screen: vt.New(40, 10), wrote: make(chan struct{})}
		in, keys := io.Pipe()
		ctx, cancel := context.WithCancel(context.Background())
		p := repl.Prompt{Engine: e, In: in, Out: there, Size: func() (int, int) { return 40, 10 }}
		done := make(chan error)
		go func() { done <- p.Run(ctx) }()
		there.see(t, `^>`)
		io.WriteString(keys, typed)
		if len(typed) > 3 {
			there.see(t, `^begun$`)
		}
		cancel()
		if err := <-done; err != context.Canceled {
			t.Errorf("%q: got %v, want %v", typed, err, context.Canceled)
		}
		keys.Close()
		e.Close()
	}
}

// On an engine that is busy, or closed, there is no prompt, and no race; a Go function
// that a script has called may open one.
func TestBusy(t *testing.T) {
	e, err := luabind.New(luabind.Config{})
	if err != nil {
		t.Fatal(err)
	}
	inside, leave, done := make(chan bool), make(chan bool), make(chan error)
	e.SetGlobal("wait", func() { close(inside); <-leave })
	e.SetGlobal("prompt", func(ctx context.Context) error {
		return repl.Run(ctx, e, strings.NewReader("x = ...\nn = 20\nlocal y = 2\nn = n + y\n"), io.Discard, nil)
	})
	go func() {
		done <- e.Run(context.Background(), "test.lua", strings.NewReader("n = 1 wait() for i = 1, 1e5 do n = n + 1 end prompt() assert(n == 22)"))
	}()
	<-inside
	for i := range 20 {
		if i == 10 {
			close(leave) // it computes now
		}
		err := repl.Run(context.Background(), e, script("n = 5\n"), io.Discard, io.Discard)
		if !errors.Is(err, luabind.ErrBusy) && i < 10 {
			t.Errorf("got %v, want ErrBusy", err)
		}
		if err == nil {
			break
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	e.Close()
	if err := repl.Run(context.Background(), e, script(""), io.Discard, io.Discard); !errors.Is(err, luabind.ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
}
