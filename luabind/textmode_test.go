package luabind_test

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/spf13/afero"

	"luaspawn/luabind"
)

// Files in text mode are as PUC's Lua on Windows has them, see testdata/textmode.lua.
func TestTextMode(t *testing.T) {
	source, err := os.ReadFile("testdata/textmode.lua")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/textmode.out")
	if err != nil {
		t.Fatal(err)
	}
	for name, files := range map[string]afero.Fs{"OsFs": afero.NewOsFs(), "MemMapFs": afero.NewMemMapFs()} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			var out bytes.Buffer
			runTextMode(t, luabind.Config{Fs: files, Stdout: &out, TextMode: true}, string(source))
			got := out.String()
			if n := strings.Count(got, "\n"); strings.Count(got, "\r\n") != n {
				t.Errorf("of %d lines %d end in \\r\\n", n, strings.Count(got, "\r\n"))
			}
			if got = strings.ReplaceAll(got, "\r\n", "\n"); got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func runTextMode(t *testing.T, cfg luabind.Config, source string) {
	t.Helper()
	e, err := luabind.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.Run(t.Context(), "=script", strings.NewReader(source)); err != nil {
		t.Error(err)
	}
}

// Standard input, output and error are in text mode as files are. A read may end within a "\r\n".
func TestTextModeOfStandardFiles(t *testing.T) {
	const source = `
		local line, rest = io.read("*l", "*a")
		io.stdout:write(line, "|", rest, "\n")
		print("a\nb\r", 1)
		io.stderr:write("x\n", "y")`
	for _, c := range []struct {
		text                  bool
		stdin, stdout, stderr string
	}{
		{false, "a\r\nb\r\n\x1a\n", "a\r|b\r\n\x1a\n\na\nb\r\t1\n", "x\ny"},
		{true, "a\r\nb\r\n\x1a\n", "a|b\r\n\r\na\r\nb\r\t1\r\n", "x\r\ny"},
		{true, "a\r\r\nb\r", "a\r|b\r\r\na\r\nb\r\t1\r\n", "x\r\ny"},
	} {
		for name, stdin := range map[string]io.Reader{"whole": strings.NewReader(c.stdin), "bytes": iotest.OneByteReader(strings.NewReader(c.stdin))} {
			var stdout, stderr bytes.Buffer
			runTextMode(t, luabind.Config{Stdin: stdin, Stdout: &stdout, Stderr: &stderr, TextMode: c.text}, source)
			if stdout.String() != c.stdout || stderr.String() != c.stderr {
				t.Errorf("TextMode %v, %q in %s: got %q and %q, want %q and %q", c.text, c.stdin, name, &stdout, &stderr, c.stdout, c.stderr)
			}
		}
	}
}

// What a terminal shows isn't in text mode: its lines end in "\n".
func TestTextModeOfTerminal(t *testing.T) {
	var before, after bytes.Buffer
	e, err := luabind.New(luabind.Config{Stdout: &before, Stderr: &before, TextMode: true})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	e.Host().UseTerminal(nil, &after, &after)
	if err := e.Run(t.Context(), "=script", strings.NewReader(`print "a" io.write("b\n") io.stderr:write("c\n")`)); err != nil {
		t.Error(err)
	}
	e.Host().WriteError("d\n")
	if before.Len() > 0 || after.String() != "a\nb\nc\nd\n" {
		t.Errorf("got %q, and %q elsewhere", &after, &before)
	}
}
