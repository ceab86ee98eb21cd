//go:build linux

package socket_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"luaspawn/luabind/luatest"
)

func TestLua(t *testing.T) {
	luatest.Run(t, config(), "testdata/*.lua")
	if !portable {
		luatest.Run(t, config(), "testdata/linux/*.lua")
	}
}

// What only this module does.
func TestLuaOwn(t *testing.T) {
	luatest.Run(t, config(), "testdata/own/*.lua")
}

// The same files of tests hold for LuaSocket itself, on lua5.1.
func TestLuaSocket(t *testing.T) {
	if out, err := exec.Command("lua5.1", "-e", `require "socket"`).CombinedOutput(); err != nil {
		t.Skipf("needs lua5.1 with LuaSocket (Debian: lua5.1 lua-socket): %v %s", err, out)
	}
	files, err := filepath.Glob("testdata/*.lua")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	files = append(files, "testdata/linux/options.lua")
	for _, file := range files {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(file, "testdata/"), ".lua"), func(t *testing.T) {
			t.Parallel()
			c := exec.Command("lua5.1", "testdata/lib/luatest.lua", file)
			c.Env = append(os.Environ(), "LUA_PATH=testdata/lib/?.lua;;")
			if out, err := c.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
