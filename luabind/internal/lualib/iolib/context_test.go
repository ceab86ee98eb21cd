//go:build unix

package iolib_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/afero"

	"luaspawn/luabind/internal/lualib/iolib"
)

// soon is how long a test waits for what has to happen.
const soon = time.Minute

// cut runs source with a context that is cancelled as soon as the source calls
// cut(), and returns the error that ended it.
func cut(t *testing.T, h *iolib.Host, source string) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	h.Context = func() context.Context { return ctx }
	defer func() { h.Context = nil }()
	h.Stderr = writerFunc(func(b []byte) (int, error) { cancel(); return len(b), nil })
	L := newState(t, h)
	err := run(L, "cut.lua", source)
	if ctx.Err() == nil {
		t.Fatalf("got %v before the context ended", err)
	}
	return err
}

// Whatever blocks ends with the context. io.stderr:write cancels it, from the
// script or from its command; what comes after must not be reached.
func TestContextEnds(t *testing.T) {
	for _, c := range []struct{ name, source string }{
		{"io.read", `io.stderr:write("now") io.read()`},
		{"io.read from a pipe", `io.stderr:write("now") io.read("*a")`},
		{"io.read under pcall", `io.stderr:write("now") pcall(io.read) io.read()`},
		{"io.lines", `io.stderr:write("now") for l in io.lines() do end`},
		{"io.open of a named pipe", `io.stderr:write("now") io.open("fifo")`},
		{"read of a named pipe", `local f = io.open("fifo", "r+") io.stderr:write("now") f:read()`},
		{"write to a named pipe", `local f = io.open("fifo", "r+") io.stderr:write("now") f:write(("x"):rep(1e6))`},
		{"os.execute", `os.execute("echo now >&2; exec sleep 1000")`},
		{"os.execute of a pipeline", `os.execute("echo now >&2; sleep 1000 | sleep 1000")`},
		{"os.execute that ignores signals", `os.execute("trap '' TERM INT HUP; echo now >&2; sleep 1000; sleep 1000")`},
		{"popen read", `io.popen("echo now >&2; sleep 1000"):read("*a")`},
		{"popen lines", `for l in io.popen("echo now >&2; sleep 1000"):lines() do end`},
		{"popen close", `io.popen("exec >&-; echo now >&2; sleep 1000"):close()`},
		{"popen write", `local p = io.popen("echo now >&2; sleep 1000", "w") while true do p:write(("x"):rep(1e6)) end`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := syscall.Mkfifo("fifo", 0o666); err != nil {
				t.Fatal(err)
			}
			h := &iolib.Host{Fs: afero.NewOsFs(), Shell: true, Environ: os.Environ()}
			if strings.Contains(c.name, "pipe") {
				r, w, err := os.Pipe()
				if err != nil {
					t.Fatal(err)
				}
				defer r.Close()
				defer w.Close()
				h.Stdin = r
			} else {
				r, w := io.Pipe()
				defer w.Close()
				h.Stdin = r
			}
			err := cut(t, h, c.source+` error("not reached")`)
			if err == nil || !strings.Contains(err.Error(), context.Canceled.Error()) {
				t.Errorf("got %v", err)
			}
			if f, err := os.OpenFile("fifo", os.O_RDWR, 0); err == nil { // lets an io.open end
				f.Close()
			}
		})
	}
}

// Nothing that a command has started outlives the context: the last one that
// holds the pipe closes it.
func TestContextEndsGroup(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cut(t, &iolib.Host{Shell: true, Stdout: w, Environ: os.Environ()}, `
		os.execute("(sleep 1000 & sleep 1000) & sleep 1000 & echo now >&2; sleep 1000")`)
	w.Close()
	r.SetReadDeadline(time.Now().Add(soon))
	if _, err := io.ReadAll(r); err != nil {
		t.Errorf("somebody still holds the pipe: %v", err)
	}
}

// Neither does what is left of a command that has ended by itself, even if the
// context ends at that moment.
func TestContextEndsOrphan(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := syscall.Mkfifo("fifo", 0o666); err != nil {
		t.Fatal(err)
	}
	r, err := os.OpenFile("fifo", os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	h := &iolib.Host{Shell: true, Environ: os.Environ()}
	if err := h.EndLate("exec >fifo; sleep 1000 & echo $!"); err != nil {
		t.Fatal(err)
	}
	r.SetReadDeadline(time.Now().Add(soon))
	pid, err := io.ReadAll(r)
	if errors.Is(err, os.ErrDeadlineExceeded) && runtime.GOOS == "linux" {
		t.Errorf("it still holds the pipe: %v", err)
	}
	if n, err := strconv.Atoi(strings.TrimSpace(string(pid))); err != nil {
		t.Error(err)
	} else if p, err := os.FindProcess(n); err == nil {
		p.Kill() // it may have ended
	}
}

// What was being read when a context ended is there for the next read.
func TestReadAfterContext(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	h := &iolib.Host{Stdin: r}
	ctx, cancel := context.WithCancel(t.Context())
	h.Context = func() context.Context { return ctx }
	var out output
	h.Stdout = &out
	h.Stderr = writerFunc(func(b []byte) (int, error) { cancel(); return len(b), nil })
	L := newState(t, h)
	if err := run(L, "x", `io.stderr:write("now") io.read()`); err == nil {
		t.Fatal("got no error")
	}
	for _, ctx := range []context.Context{t.Context(), context.Background()} {
		h.Context = func() context.Context { return ctx }
		go w.Write([]byte("one\ntwo\n"))
		if err := run(L, "x", `io.write(io.read(), io.read())`); err != nil {
			t.Error(err)
		}
	}
	if got := out.String(); got != "onetwoonetwo" {
		t.Errorf("got %q", got)
	}
}

func TestInputEnds(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("cause")
	cancel(cause)
	r, _ := io.Pipe()
	h := &iolib.Host{Stdin: r, Context: func() context.Context { return ctx }}
	if _, err := io.ReadAll(h.Input()); !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
}

// Commands inherit what is an *os.File, and see no other input.
func TestCommandStreams(t *testing.T) {
	dir := t.TempDir()
	in, err := os.Create(filepath.Join(dir, "in"))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	in.WriteString("input\n")
	in.Seek(0, io.SeekStart)
	out, err := os.Create(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	source := `os.execute("cat; echo $HOME; echo error >&2") io.write("script\n") io.popen("cat", "w"):write("popen\n")`
	h := &iolib.Host{Stdin: in, Stdout: out, Stderr: out, Shell: true}
	if err := run(newState(t, h), "x", source); err != nil {
		t.Fatal(err)
	}
	h.Close()
	if got := readFile(t, out.Name()); got != "input\n\nerror\nscript\npopen\n" {
		t.Errorf("got %q", got)
	}
	var captured output
	h = &iolib.Host{Stdin: strings.NewReader("input\n"), Stdout: &captured, Stderr: &captured, Shell: true}
	if err := run(newState(t, h), "x", source); err != nil {
		t.Fatal(err)
	}
	h.Close()
	if got := captured.String(); got != "\nerror\nscript\npopen\n" {
		t.Errorf("got %q", got)
	}
}

// Neither files nor commands, closed or forgotten, leave a descriptor behind.
func TestDescriptors(t *testing.T) {
	t.Chdir(t.TempDir())
	use := func() {
		var out output
		h := &iolib.Host{Fs: afero.NewOsFs(), Stdout: &out, Stderr: &out, Shell: true, Environ: os.Environ()}
		L := newState(t, h)
		err := run(L, "x", `
			for i = 1, 8 do
				io.open("f", "w"):write("x")
				for l in io.lines("f") do end
				io.tmpfile() io.lines("f") io.open("none") io.open(".") os.remove(os.tmpname())
				io.popen("echo x") io.popen("cat", "w"):write("x") io.popen("x", "z") io.popen("echo"):close()
				os.execute("echo x; echo y >&2")
			end
			io.output("f") io.input("f")`)
		if err != nil {
			t.Error(err)
		}
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}
	use() // opens what the runtime needs
	before := descriptors(t)
	use()
	if after := descriptors(t); after > before { // before, one of a command that had just ended may have been open yet
		t.Errorf("%d descriptors, %d before", after, before)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/dev/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}
