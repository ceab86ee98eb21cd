//go:build unix

package repl_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/creack/pty"

	"luaspawn/luabind"
	"luaspawn/luabind/repl"
)

const loop = "print('be' .. 'gun') while true do end"

// until reads from r until text was read.
func until(t *testing.T, r io.Reader, text string) {
	t.Helper()
	got := ""
	for b := make([]byte, 1); !strings.HasSuffix(got, text); got += string(b) {
		if _, err := r.Read(b); err != nil {
			t.Fatalf("%v, after %q", err, got)
		}
	}
}

// prompt runs p on an engine of its own. Its Run has to return soon after the test has
// hung up.
func prompt(t *testing.T, p *repl.Prompt) (done chan error) {
	t.Helper()
	e, err := luabind.New(luabind.Config{})
	if err != nil {
		t.Fatal(err)
	}
	p.Engine = e
	done = make(chan error, 1)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		done <- p.Run(ctx)
	}()
	t.Cleanup(func() { <-ended; cancel(); e.Close() })
	return done
}

func check(t *testing.T, done chan error) {
	t.Helper()
	if err := <-done; err == context.DeadlineExceeded {
		t.Error("the loop went on until the context ended")
	}
}

// tcp returns the two ends of a connection.
func tcp(t *testing.T) (here, there *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); s.Close() })
	return s.(*net.TCPConn), c.(*net.TCPConn)
}

// Who hangs up ends what runs.
func TestHangUp(t *testing.T) {
	t.Run("a terminal at the other end", func(t *testing.T) {
		t.Parallel()
		here, there := tcp(t)
		done := prompt(t, &repl.Prompt{In: here, Out: here, Size: func() (int, int) { return 80, 24 }})
		io.WriteString(there, loop+"\r")
		until(t, there, "begun")
		there.CloseWrite()
		if err := <-done; err != nil {
			t.Errorf("got %v, want nil", err)
		}
	})
	t.Run("a connection", func(t *testing.T) {
		t.Parallel()
		here, there := tcp(t)
		done := prompt(t, &repl.Prompt{In: here, Out: here})
		io.WriteString(there, loop+"\n")
		until(t, there, "begun\n")
		there.Close()
		check(t, done)
	})
	t.Run("a pipe in memory", func(t *testing.T) {
		t.Parallel()
		here, there := net.Pipe()
		done := prompt(t, &repl.Prompt{In: here, Out: here})
		until(t, there, "> ")
		io.WriteString(there, loop+"\n")
		until(t, there, "begun\n")
		there.Close()
		check(t, done)
	})
	t.Run("a reader that fails", func(t *testing.T) {
		t.Parallel()
		in, keys := io.Pipe()
		answer, out := io.Pipe()
		done := prompt(t, &repl.Prompt{In: in, Out: out})
		go io.WriteString(keys, loop+"\n")
		until(t, answer, "begun\n")
		keys.CloseWithError(io.ErrUnexpectedEOF)
		go io.Copy(io.Discard, answer)
		check(t, done)
	})
	t.Run("nobody reads", func(t *testing.T) {
		t.Parallel()
		in, keys := io.Pipe()
		answer, out := io.Pipe()
		done := prompt(t, &repl.Prompt{In: in, Out: out})
		go io.WriteString(keys, "while true do print('begun') end\n")
		until(t, answer, "begun\n")
		answer.Close()
		check(t, done)
	})
	t.Run("a terminal of another session", func(t *testing.T) {
		t.Parallel()
		person, terminal, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		defer terminal.Close()
		done := prompt(t, &repl.Prompt{In: terminal, Out: terminal})
		io.WriteString(person, loop+"\r")
		until(t, person, "begun\r\n")
		person.Close()
		check(t, done)
	})
}

// Who has only said all that he has to say gets his answer, however long it takes.
func TestHalfClosed(t *testing.T) {
	t.Parallel()
	here, there := tcp(t)
	p := &repl.Prompt{In: here, Out: here}
	var goOn atomic.Bool
	done := prompt(t, p)
	r := bufio.NewReader(there)
	until(t, r, "> ")
	if err := p.Engine.SetGlobal("goes_on", goOn.Load); err != nil {
		t.Fatal(err)
	}
	io.WriteString(there, "print('be' .. 'gun') repeat until goes_on() print('ans' .. 'wer')\n")
	there.CloseWrite()
	until(t, r, "begun\n")
	there.SetReadDeadline(time.Now().Add(patience))
	until(t, r, "\n") // with which it looks whether somebody is there
	goOn.Store(true)
	until(t, r, "answer\n")
	if err := <-done; err != nil {
		t.Errorf("got %v, want nil", err)
	}
}
