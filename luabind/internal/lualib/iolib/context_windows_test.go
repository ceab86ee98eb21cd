package iolib_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"luaspawn/luabind/internal/lualib/iolib"
)

// TestHold is no test: for TestContextEndsTree it is a program that says who it is, and holds its output until its input
// ends.
func TestHold(*testing.T) {
	if os.Getenv("LUAIO_HOLD") == "" {
		return
	}
	fmt.Fprint(os.Stderr, os.Getpid())
	io.Copy(io.Discard, os.Stdin)
}

// What a shell has started ends with the context: else a command would be waited for until its programs end.
func TestContextEndsTree(t *testing.T) {
	stdin, hold, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	var programs []*os.Process
	defer func() {
		hold.Close()
		for _, p := range programs {
			p.Wait() // or it is still there when its file is to be removed
		}
	}()
	line := fmt.Sprintf(`"%s" -test.run=^^TestHold$`, os.Args[0]) // a ^ is cmd.exe's escape
	for _, source := range []string{
		`os.execute(line)`,
		`os.execute("cmd /c " .. line)`,
		`io.popen(line):close()`,
		`io.popen(line):read("*a")`,
		`os.execute('start /b "" ' .. line)`, // whose parent has ended: it runs on, but isn't waited for
	} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		h := &iolib.Host{
			Shell:  true,
			Stdin:  stdin,
			Stdout: writerFunc(func(b []byte) (int, error) { return len(b), nil }),
			Stderr: writerFunc(func(b []byte) (int, error) {
				pid, _ := strconv.Atoi(string(b))
				if p, err := os.FindProcess(pid); err != nil {
					t.Errorf("%s: %q: %v", source, b, err)
				} else {
					programs = append(programs, p)
				}
				cancel()
				return len(b), nil
			}),
			Environ: append(os.Environ(), "LUAIO_HOLD=1"),
			Context: func() context.Context { return ctx },
		}
		L := newState(t, h)
		ended := make(chan error)
		go func() {
			err := run(L, "x", fmt.Sprintf(`line = %q %s error("not reached")`, line, source))
			h.Close()
			ended <- err
		}()
		late := time.AfterFunc(time.Minute, func() { hold.Close() })
		err := <-ended
		if !late.Stop() {
			t.Fatalf("%s: what the shell has started runs on", source)
		}
		if err == nil || !strings.Contains(err.Error(), context.Canceled.Error()) {
			t.Errorf("%s: %v", source, err)
		}
	}
}
