package history

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func opened(t testing.TB, path string) *History {
	t.Helper()
	h, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// all returns the entries without the empty places.
func all(h *History) []string {
	var list []string
	for i := range h.Len() {
		if e := h.At(i); e != "" {
			list = append(list, e)
		}
	}
	return list
}

func add(t testing.TB, h *History, entries ...string) {
	t.Helper()
	for _, e := range entries {
		if err := h.Add(e); err != nil {
			t.Fatal(err)
		}
	}
}

func TestKeeps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "luaspawn", "history")
	h := opened(t, path)
	want := []string{"x = 1", "for i = 1, 3 do\n  print('a\\n', i)\nend", `\`, "中文"}
	add(t, h, want...)
	if got := all(opened(t, path)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("mode is %v, %v, want 0600", info.Mode(), err)
	}
}

// A history that is kept elsewhere, by a symbolic link, stays there.
func TestLink(t *testing.T) {
	dir := t.TempDir()
	link, real := filepath.Join(dir, "history"), filepath.Join(dir, "real")
	if err := os.WriteFile(real, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	isLink := func() bool {
		info, err := os.Lstat(link)
		return err == nil && info.Mode()&os.ModeSymlink != 0
	}
	if err := os.Symlink("real", link); err != nil || !isLink() {
		t.Skip(err) // Windows wants a privilege for it, and Wine has none
	}
	add(t, opened(t, link), "a", "b", "a")
	opened(t, link) // writes a file without doubles
	if got, err := os.ReadFile(real); string(got) != "b\na\n" {
		t.Errorf("%q, %v", got, err)
	}
	if !isLink() {
		t.Error("it is no link any more")
	}
}

func TestNoDoubles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	h := opened(t, path)
	add(t, h, "a", "b", "b", "a", " ", "c", "a")
	want := []string{"b", "c", "a"}
	if got := all(h); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := all(opened(t, path)); !slices.Equal(got, want) {
		t.Errorf("opened again: got %q, want %q", got, want)
	}
	b, err := os.ReadFile(path)
	if err != nil || string(b) != "b\nc\na\n" {
		t.Errorf("the file is %q, %v", b, err)
	}
	add(t, h, "d") // its file was written anew
	if got := all(opened(t, path)); !slices.Equal(got, append(want, "d")) {
		t.Errorf("after a rewrite by another: got %q", got)
	}
}

// Prompts that write and open at the same time lose nothing.
func TestShared(t *testing.T) {
	const prompts, entries = 8, 50
	path := filepath.Join(t.TempDir(), "history")
	var wg sync.WaitGroup
	for p := range prompts {
		wg.Go(func() {
			var h *History
			for i := range entries {
				var err error
				if i%10 == 0 {
					if h, err = Open(path); err != nil {
						t.Error(err)
						return
					}
				}
				// The common one makes doubles, so that files are written anew.
				for _, e := range []string{fmt.Sprintf("prompt %d line %d", p, i), "common"} {
					if err := h.Add(e); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	got := all(opened(t, path))
	if len(got) != prompts*entries+1 {
		t.Errorf("got %d entries, want %d", len(got), prompts*entries+1)
	}
	for p := range prompts { // each prompt's own in their order
		at := 0
		for _, e := range got {
			if e == fmt.Sprintf("prompt %d line %d", p, at) {
				at++
			}
		}
		if at != entries {
			t.Errorf("prompt %d: only %d lines in order", p, at)
		}
	}
}

func TestSeesOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	a, b := opened(t, path), opened(t, path)
	add(t, a, "from a")
	add(t, b, "from b")
	if got := all(b); !slices.Equal(got, []string{"from a", "from b"}) {
		t.Errorf("got %q", got)
	}
}

// A file whose last line has no end, as that of an editor or of a disk that was full, gets it with the next entry.
func TestLineWithoutEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	if err := os.WriteFile(path, []byte("one\ntwo"), 0o600); err != nil {
		t.Fatal(err)
	}
	a, b := opened(t, path), opened(t, path)
	add(t, a, "three")
	add(t, b, "four")
	want := []string{"one", "two", "three", "four"}
	if got := all(opened(t, path)); !slices.Equal(got, want) || !slices.Equal(all(b), want) {
		t.Errorf("got %q and %q, want %q", got, all(b), want)
	}
}

func TestUnusable(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, filepath.Join(file, "history")} {
		h, err := Open(path)
		if err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want an error of one line", path, err)
		}
		add(t, h, "works", "without it")
		if got := all(h); !slices.Equal(got, []string{"works", "without it"}) {
			t.Errorf("got %q", got)
		}
	}
}

func TestLimit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	writeLines(t, path, MaxEntries+10)
	h := opened(t, path)
	if got := all(h); len(got) != MaxEntries || got[0] != "local line10 = 10" {
		t.Errorf("got %d entries from %q on", len(got), got[0])
	}
}

func writeLines(t testing.TB, path string, n int) {
	t.Helper()
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "local line%d = %d\n", i, i)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkOpen opens a history of 100,000 entries.
func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "history")
	writeLines(b, path, MaxEntries)
	for b.Loop() {
		opened(b, path)
	}
}

func FuzzEntry(f *testing.F) {
	f.Add("a\\n\nb\\")
	f.Fuzz(func(t *testing.T, entry string) {
		line := encode(entry)
		if strings.Contains(line, "\n") || decode(line) != entry {
			t.Errorf("%q came back as %q", entry, decode(line))
		}
	})
}

func TestNewest(t *testing.T) {
	h, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range []string{"ab", "a\nb", `a\b`, `a\n`} {
		h.Add(entry)
	}
	for _, test := range []struct {
		prefix string
		from   int
		want   int
	}{{"a", 3, 3}, {"a", 1, 1}, {"ab", 3, 0}, {"a\n", 3, 1}, {`a\`, 2, 2}, {`a\b`, 3, 2}, {`a\nb`, 3, -1}, {"b", 3, -1}, {"a", -1, -1}} {
		if got := h.Newest(test.prefix, test.from); got != test.want {
			t.Errorf("%q from %d: got %d, want %d", test.prefix, test.from, got, test.want)
		}
	}
}
