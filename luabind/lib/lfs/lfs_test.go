//go:build linux

// The wording of errors is that of Linux.
package lfs_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/spf13/afero"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/lfs"
	"luaspawn/luabind/luatest"
)

func config(t *testing.T) luabind.Config {
	t.Helper()
	dir := t.TempDir()
	return luabind.Config{
		Fs:      afero.NewOsFs(),
		Environ: []string{"LFS_TEST_DIR=" + dir, "PATH=" + os.Getenv("PATH")},
		Shell:   true,
		Modules: []luabind.Module{lfs.Module},
	}
}

func TestLua(t *testing.T) { luatest.Run(t, config(t), "testdata/*.lua") }

// The same tests hold for LuaFileSystem itself, on lua5.1.
func TestLuaFileSystem(t *testing.T) {
	if out, err := exec.Command("lua5.1", "-e", `require "lfs"`).CombinedOutput(); err != nil {
		t.Skipf("needs lua5.1 with LuaFileSystem (Debian: lua5.1 lua-filesystem): %v %s", err, out)
	}
	c := exec.Command("lua5.1", "../socket/testdata/lib/luatest.lua", "testdata/lfs.lua")
	c.Env = append(os.Environ(), "LFS_TEST_DIR="+t.TempDir())
	if out, err := c.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

// Where the directory of the process was removed there is no name of it; the machine's files are there all the same.
func TestRemovedDirectory(t *testing.T) {
	dir := t.TempDir() + "/gone"
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if got, want := run(t, config(t), `return lfs.currentdir()`), "nil | get_dir getcwd() failed: No such file or directory | 2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := run(t, config(t), `return lfs.chdir("/"), lfs.currentdir(), io.popen("pwd"):read()`), "true | / | /"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
