package json_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/spf13/afero"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/json"
	"luaspawn/luabind/luatest"
)

func config() luabind.Config {
	return luabind.Config{Fs: afero.NewOsFs(), Path: "testdata/lib/?.lua", Modules: []luabind.Module{json.Module, json.CJSON, json.Safe}}
}

func TestLua(t *testing.T) { luatest.Run(t, config(), "testdata/*.lua") }

// The tests of cjson hold for lua-cjson itself, on lua5.1.
func TestLuaCJSON(t *testing.T) {
	if out, err := exec.Command("lua5.1", "-e", `require "cjson"`).CombinedOutput(); err != nil {
		t.Skipf("needs lua5.1 with lua-cjson (Debian: lua5.1 lua-cjson): %v %s", err, out)
	}
	c := exec.Command("lua5.1", "../socket/testdata/lib/luatest.lua", "testdata/cjson.lua")
	c.Env = os.Environ()
	if out, err := c.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}
