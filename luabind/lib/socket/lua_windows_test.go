package socket_test

import (
	"os"
	"testing"

	"github.com/spf13/afero"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/socket"
	"luaspawn/luabind/luatest"
)

// What Windows does in its own way. The other files of testdata are about Linux.
func TestLua(t *testing.T) {
	cfg := luabind.Config{
		Fs:      afero.NewOsFs(),
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Path:    "testdata/lib/?.lua",
		Network: luabind.Network{TCP: true, UDP: true},
		Modules: []luabind.Module{socket.Module},
	}
	for _, files := range []string{"testdata/exception.lua", "testdata/windows/*.lua"} {
		luatest.Run(t, cfg, files)
	}
}
