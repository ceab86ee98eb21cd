package mime_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/spf13/afero"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/mime"
	"luaspawn/luabind/luatest"
)

// Ours in Lua.
func TestLua(t *testing.T) {
	luatest.Run(t, luabind.Config{Fs: afero.NewOsFs(), Path: "none/?.lua", Modules: mime.Modules}, "testdata/*.lua")
}

const installed = "/usr/share/lua/5.1/"

// LuaSocket's in Lua, on ours in Go.
func TestLuaSocketsFiles(t *testing.T) {
	if _, err := os.Stat(installed + "ltn12.lua"); err != nil {
		t.Skipf("needs LuaSocket (Debian: lua-socket): %v", err)
	}
	luatest.Run(t, luabind.Config{Fs: afero.NewOsFs(), Path: installed + "?.lua", Modules: mime.Modules}, "testdata/*.lua")
}

// All of LuaSocket's, on lua5.1.
func TestLuaSocket(t *testing.T) {
	if out, err := exec.Command("lua5.1", "-e", `require "mime"`).CombinedOutput(); err != nil {
		t.Skipf("needs lua5.1 with LuaSocket (Debian: lua5.1 lua-socket): %v %s", err, out)
	}
	if out, err := exec.Command("lua5.1", "../socket/testdata/lib/luatest.lua", "testdata/mime.lua").CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}
