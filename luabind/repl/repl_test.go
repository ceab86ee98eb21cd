package repl_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luaspawn/luabind"
	"luaspawn/luabind/repl"
)

func TestRun(t *testing.T) {
	for _, test := range []struct{ name, in, out, errOut string }{
		{"nothing", "", "> \n", ""},
		{"expression", "1 + 1\n", "> 2\n> \n", ""},
		{"several values", "1, 'a', nil\n", "> 1\t\"a\"\tnil\n> \n", ""},
		{"with =", "=2 * 3\n", "> 6\n> \n", ""},
		{"statement", "x = 5\nx\n", "> > 5\n> \n", ""},
		{"on several lines", "function f(a)\nreturn a\nend\nf(7)\n", "> >> >> > 7\n> \n", ""},
		{"an expression on several lines", "{1,\n  {2\n}}\n= 3 *\n4\nfunction(a)\nend == nil\n", "> >> >> {1, {2}}\n> >> 12\n> >> false\n> \n", ""},
		{"a wrong one", "{1\n2}\n1\n", "> >> > 1\n> \n", "stdin:1: unexpected symbol near '{'\n"},
		{"without a last newline", "3", "> 3\n> \n", ""},
		{"error", "error('boom', 0)\n1\n", "> > 1\n> \n", "boom\n"},
		{"syntax error", "x = = 1\n1\n", "> > 1\n> \n", "stdin:1: unexpected symbol near '='\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out, errOut bytes.Buffer
			e, err := luabind.New(luabind.Config{Stdout: &out, Stderr: &errOut})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			if err := repl.Run(context.Background(), e, strings.NewReader(test.in), &out, &errOut); err != nil {
				t.Fatal(err)
			}
			if out.String() != test.out || errOut.String() != test.errOut {
				t.Errorf("got %q and %q, want %q and %q", out.String(), errOut.String(), test.out, test.errOut)
			}
		})
	}
}

// lines is a writer whose type can be compared, and whose values can't.
type lines struct{ to any }

func (l lines) Write(b []byte) (int, error) { return l.to.([]io.Writer)[0].Write(b) }

func TestWritersNotComparable(t *testing.T) {
	var out bytes.Buffer
	e, err := luabind.New(luabind.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	w := lines{[]io.Writer{&out}}
	if err := repl.Run(context.Background(), e, strings.NewReader("1\n"), w, w); err != nil || out.String() != "> 1\n> \n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

func TestExit(t *testing.T) {
	e, err := luabind.New(luabind.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	err = repl.Run(context.Background(), e, strings.NewReader("os.exit(3)\nprint(1)\n"), io.Discard, io.Discard)
	var exit *luabind.ExitError
	if !errors.As(err, &exit) || exit.Code != 3 {
		t.Errorf("got %v, want exit status 3", err)
	}
}

func TestIsTerminal(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	for _, f := range []*os.File{null, r} {
		if repl.IsTerminal(f) {
			t.Errorf("%s is taken for a terminal", f.Name())
		}
	}
}

// What comes from a pipe or a file nobody has typed: it takes no place in the history.
func TestPipedIsNotTyped(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	io.WriteString(w, "x = 1\n")
	w.Close()
	e, err := luabind.New(luabind.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	p := repl.Prompt{Engine: e, In: r, Out: io.Discard, History: filepath.Join(t.TempDir(), "history")}
	if err := p.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(p.History); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the history is %q, %v", b, err)
	}
}

// An engine may have one prompt after the other: what each prints goes to its own.
func TestOneAfterTheOther(t *testing.T) {
	e, err := luabind.New(luabind.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	run := func(text string) string {
		var out bytes.Buffer
		if err := repl.Run(t.Context(), e, strings.NewReader(text), &out, &out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	const text = "help 'keys'\nhelp\n"
	first, second := run(text), run(text)
	if !strings.Contains(first, "Alt-Enter") || first != second {
		t.Errorf("got %q, and then %q", first, second)
	}
	run("function help() return 'mine' end\n")
	if got := run("help()\n"); got != "> \"mine\"\n> \n" {
		t.Errorf("the script's own help: got %q", got)
	}
}
