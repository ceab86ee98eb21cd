//go:build unix

package draw

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Who reads a named pipe gets the picture: CheckFile leaves that alone.
func TestPipe(t *testing.T) {
	name := filepath.Join(t.TempDir(), "run.svg")
	if err := unix.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	type result struct {
		text []byte
		err  error
	}
	read := make(chan result, 1)
	go func() {
		text, err := os.ReadFile(name)
		read <- result{text, err}
	}()
	if err := CheckFile(name); err != nil {
		t.Fatal(err)
	}
	if err := write(name, example(), "a pipe"); err != nil {
		t.Fatal(err)
	}
	if got := <-read; got.err != nil || !strings.HasSuffix(string(got.text), "</svg>\n") {
		t.Errorf("read %q, %v", got.text, got.err)
	}
}
