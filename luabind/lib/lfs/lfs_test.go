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
