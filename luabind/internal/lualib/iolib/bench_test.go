package iolib_test

import (
	"path/filepath"
	"testing"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/iolib"
	"luaspawn/luabind/internal/vm"
)

// A million lines, here and with gopher-lua's own io, which holds nothing back
// unless setvbuf says so. Each is one write, or three.
func BenchmarkMillionLines(b *testing.B) {
	for _, c := range []struct{ name, source string }{
		{"write", `local f = assert(io.open(name, "w")) for i = 1, 1e6 do f:write("a line of some words\n") end f:close()`},
		{"write full", `local f = assert(io.open(name, "w")) f:setvbuf("full") for i = 1, 1e6 do f:write("a line of some words\n") end f:close()`},
		{"writes full", `local f = assert(io.open(name, "w")) f:setvbuf("full") for i = 1, 1e6 do f:write("a line ", i, "\n") end f:close()`},
		{"lines", `local n = 0 for l in io.lines(name) do n = n + #l end`},
		{"read", `local f = assert(io.open(name)) local n = 0 while true do local l = f:read("*l") if not l then break end n = n + #l end f:close()`},
		{"all", `local f = assert(io.open(name)) assert(#f:read("*a") > 1e7) f:close()`},
	} {
		for _, engine := range []struct {
			name string
			open func(*lua.LState)
		}{
			{"iolib", func(L *lua.LState) { iolib.OpenIO(L, &iolib.Host{Fs: afero.NewOsFs()}) }},
			{"gopher-lua", func(L *lua.LState) { lua.OpenIo(L) }},
		} {
			b.Run(c.name+"/"+engine.name, func(b *testing.B) {
				L := lua.NewState(lua.Options{SkipOpenLibs: true})
				vm.Adopt(L)
				defer L.Close()
				lua.OpenBase(L)
				engine.open(L)
				glua.SetNamed(L.G.Global, "name", lua.LString(filepath.Join(b.TempDir(), "lines")))
				if err := L.DoString(`local f = io.open(name, "w") f:setvbuf("full") for i = 1, 1e6 do f:write("a line of some words\n") end f:close()`); err != nil {
					b.Fatal(err)
				}
				for b.Loop() {
					if err := L.DoString(c.source); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
