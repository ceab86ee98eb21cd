//go:build unix

package iolib_test

import (
	"os"
	"testing"

	"github.com/spf13/afero"

	"luaspawn/luabind/internal/lualib/iolib"
)

// A directory that is renamed to another name of its own stays, as with C's rename.
func TestRenameToItself(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Symlink(".", "here"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir("d", 0o777); err != nil {
		t.Fatal(err)
	}
	L := newState(t, &iolib.Host{Fs: afero.NewOsFs()})
	if err := run(L, "x", `assert(os.rename("d", "here/d"))`); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat("d"); err != nil {
		t.Error(err)
	}
}
