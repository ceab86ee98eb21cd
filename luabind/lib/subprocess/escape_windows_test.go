package subprocess_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/subprocess"
)

const escapeVariable = "SUBPROCESS_TEST_ESCAPE"

// TestEscaped is no test: for TestEscape it is a program that says who it is, and holds its output until it is told to end.
func TestEscaped(t *testing.T) {
	address := os.Getenv(escapeVariable)
	if address == "" {
		return
	}
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(c, os.Getpid(), os.Getppid())
	io.Copy(io.Discard, c)
}

// A program that has left the tree of what is killed, as its parent has ended before, isn't waited for, though it holds the output.
func TestEscape(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	held := make(chan net.Conn, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
		}
		held <- c
	}()
	e, err := luabind.New(luabind.Config{
		Shell:   true,
		Environ: append(os.Environ(), escapeVariable+"="+l.Addr().String()),
		Modules: []luabind.Module{subprocess.Module},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error)
	go func() {
		ended <- e.Run(ctx, "=script", strings.NewReader(fmt.Sprintf(`
			require("subprocess").run{[[start /b "" "%s" -test.run=^^TestEscaped$]], shell = true, stdout = "pipe"}`, os.Args[0])))
	}()
	c := <-held
	defer c.Close()
	var pid, parent int
	if _, err := fmt.Fscan(c, &pid, &parent); err != nil {
		t.Fatal(err)
	}
	program, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := os.FindProcess(parent); err == nil { // else it has ended
		p.Wait()
	}
	cancel()
	late := time.AfterFunc(time.Minute, func() { c.Close() })
	err = <-ended
	if !late.Stop() || err == nil || !strings.Contains(err.Error(), context.Canceled.Error()) {
		t.Errorf("ended with the program that has left: %v", err)
	}
	c.Close()
	program.Wait() // or it is still there when its file is to be removed
}
