package vm

import (
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// BenchmarkProtected compares protected calls and coroutines with bare ones.
func BenchmarkProtected(b *testing.B) {
	for _, bench := range []struct{ name, source string }{
		{"pcall", "local f = function(a) return a end return function() for i = 1, 1000 do pcall(f, i) end end"},
		{"pcall-error", "local t = {} return function() for i = 1, 1000 do pcall(error, t) end end"},
		{"xpcall", "local f, h = function() return 1 end, function(m) return m end return function() for i = 1, 1000 do xpcall(f, h) end end"},
		{"xpcall-error", "local t = {} local f, h = function() error(t) end, function(m) return m end return function() for i = 1, 1000 do xpcall(f, h) end end"},
		{"yield", "local co = coroutine.wrap(function() while true do coroutine.yield(1) end end) return function() for i = 1, 1000 do co(i) end end"},
		{"create", "local f = function() return 1 end return function() for i = 1, 100 do coroutine.wrap(f)() end end"},
	} {
		for _, kind := range []string{"bare", "ours"} {
			b.Run(bench.name+"/"+kind, func(b *testing.B) {
				L := lua.NewState(lua.Options{MinimizeStackMemory: true, CallStackSize: 20000, RegistrySize: 256, RegistryGrowStep: 4096, RegistryMaxSize: 1 << 20})
				defer L.Close()
				if kind == "ours" {
					glua.SetNamed(L.G.Global, "pcall", L.NewFunction(PCall))
					glua.SetNamed(L.G.Global, "xpcall", L.NewFunction(XPCall(nil)))
					glua.SetFuncs(L, glua.Named(L.G.Global, "coroutine").(*lua.LTable), Coroutine)
				}
				if err := L.DoString(bench.source); err != nil {
					b.Fatal(err)
				}
				f := L.Get(-1)
				for b.Loop() {
					L.Push(f)
					L.Call(0, 0)
				}
			})
		}
	}
}
