//go:build unix

package history

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// A lock that nobody gives back holds nobody up for ever: the history is kept in memory then.
func TestLockedForEver(t *testing.T) {
	defer func(n int) { tries = n }(tries)
	tries = 3
	path := filepath.Join(t.TempDir(), "history")
	a := opened(t, path)
	add(t, a, "one")
	stopped, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer stopped.Close()
	if err := unix.Flock(int(stopped.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	b, err := Open(path)
	if err == nil {
		t.Error("it was opened")
	}
	add(t, b, "works")
	if err := a.Add("two"); err == nil {
		t.Error("something was added")
	}
	if got := [][]string{all(a), all(b)}; !slices.Equal(got[0], []string{"one", "two"}) || !slices.Equal(got[1], []string{"works"}) {
		t.Errorf("got %q", got)
	}
}
