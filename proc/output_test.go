package proc_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"luaspawn/proc"
)

// printLines prints 300 lines in pieces, so that a reader sees halves of them.
func printLines(_ *proc.Self, name []byte) int {
	for i := range 300 {
		fmt.Printf("%s: this is ", name)
		fmt.Printf("line %d\n", i)
	}
	return 0
}

// locked is a Writer for many, which remembers what came with each Write.
type locked struct {
	sync.Mutex
	writes []string
}

func (l *locked) Write(b []byte) (int, error) {
	l.Lock()
	defer l.Unlock()
	l.writes = append(l.writes, string(b))
	return len(b), nil
}

func TestWholeLines(t *testing.T) {
	var out locked
	var children []*proc.Process
	for i := range 6 {
		children = append(children, start(t, &proc.Command{Payload: fmt.Append(nil, "lines child ", i), Stdout: &out}))
	}
	for _, p := range children {
		if code := join(t, p); code != 0 {
			t.Errorf("exit code %d", code)
		}
	}
	// Nobody writes any more, so no lock.
	next := make(map[string]int)
	for _, w := range out.writes {
		for line := range strings.Lines(w) {
			name, n, _ := strings.Cut(line, ": this is line ")
			if n != strconv.Itoa(next[name])+"\n" {
				t.Fatalf("got %q, want line %d of %q", line, next[name], name)
			}
			next[name]++
		}
	}
	for i := range 6 {
		if n := next[fmt.Sprint("child ", i)]; n != 300 {
			t.Errorf("%d lines of child %d, want 300", n, i)
		}
	}
}

func TestLongAndUnfinishedLines(t *testing.T) {
	const most = 1 << 20
	for _, want := range []string{
		"",
		"\n",
		"unfinished",
		"finished\nunfinished",
		strings.Repeat("x", most-1) + "\n",
		strings.Repeat("x", most) + "\n",
		strings.Repeat("x", 3*most) + "\nrest",
		strings.Repeat("a line\n", most/2) + "rest",
	} {
		var out locked
		p := start(t, &proc.Command{Payload: []byte("print " + want), Stdout: &out})
		if code := join(t, p); code != 0 {
			t.Errorf("exit code %d", code)
		}
		if got := strings.Join(out.writes, ""); got != want {
			t.Errorf("got %d bytes, want %d, or they differ", len(got), len(want))
		}
		for i, w := range out.writes {
			if whole := strings.HasSuffix(w, "\n"); !whole && len(w) < most && i < len(out.writes)-1 {
				t.Errorf("write %d of %d: %d bytes, no whole line", i, len(out.writes), len(w))
			}
			if len(w) > most {
				t.Errorf("a write of %d bytes", len(w))
			}
		}
	}
}

func printTurns(*proc.Self, []byte) int {
	for i := range 100 {
		fmt.Fprintln(os.Stdout, "out", i)
		fmt.Fprintln(os.Stderr, "err", i)
	}
	return 0
}

func TestOneWriterKeepsTheOrder(t *testing.T) {
	var want strings.Builder
	for i := range 100 {
		fmt.Fprintf(&want, "out %d\nerr %d\n", i, i)
	}
	if got := output(t, "turns"); got != want.String() {
		t.Errorf("got:\n%s", got)
	}
}

// uncomparable is a Writer that == would panic for.
type uncomparable struct {
	to io.Writer
	_  []int
}

func (u uncomparable) Write(b []byte) (int, error) { return u.to.Write(b) }

func TestTwoWriters(t *testing.T) {
	var a, b bytes.Buffer
	p := start(t, &proc.Command{
		Payload: []byte("turns"),
		Stdout:  uncomparable{to: &a},
		Stderr:  uncomparable{to: &b},
	})
	join(t, p)
	if strings.Count(a.String(), "out ") != 100 || strings.Count(b.String(), "err ") != 100 {
		t.Errorf("out:\n%s\nerr:\n%s", &a, &b)
	}
}

func TestFileIsInherited(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p := start(t, &proc.Command{Payload: []byte("turns"), Stdout: f, Stderr: io.Discard})
	join(t, p)
	if got, err := os.ReadFile(f.Name()); err != nil || bytes.Count(got, []byte("\n")) != 100 {
		t.Errorf("got %q, %v", got, err)
	}
}

func flood(*proc.Self, []byte) int {
	lines := bytes.Repeat([]byte("drop\n"), 1000)
	for range 1000 {
		if _, err := os.Stdout.Write(lines); err != nil {
			return 1
		}
	}
	return 0
}

// failing is a Writer that fails, once, and may be left alone then.
type failing struct{ calls int }

func (f *failing) Write(b []byte) (int, error) {
	f.calls++
	return 0, errTest
}

func TestFailingWriter(t *testing.T) {
	var out failing
	if code := join(t, start(t, &proc.Command{Payload: []byte("flood"), Stdout: &out})); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	if out.calls != 1 {
		t.Errorf("%d writes after the first had failed", out.calls-1)
	}
}
