package lua51

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"

	"luaspawn/luabind/internal/syntax"
)

// source is a chunk of some 1,000 lines.
func source(b *testing.B) string {
	b.Helper()
	files, err := filepath.Glob("../../../scripts/testdata/lua51/*.lua")
	if err != nil || len(files) == 0 {
		b.Fatalf("no programs: %v", err)
	}
	var text strings.Builder
	for strings.Count(text.String(), "\n") < 1000 {
		for _, file := range files {
			program, err := os.ReadFile(file)
			if err != nil {
				b.Fatal(err)
			}
			fmt.Fprintf(&text, "do local function program(...)\n%s\nend end\n", program)
		}
	}
	return text.String()
}

// BenchmarkFix is what the pass costs beside what is there without it.
func BenchmarkFix(b *testing.B) {
	text := source(b)
	for _, bench := range []struct {
		name string
		run  func() error
	}{
		{"gopher-lua's parse", func() error {
			_, err := parse.Parse(strings.NewReader(text), "x")
			return err
		}},
		{"parse", func() error {
			_, err := syntax.Parse("x", text)
			return err
		}},
		{"parse+fix", func() error {
			chunk, err := syntax.Parse("x", text)
			if err == nil {
				_, err = (&fixer{name: "x"}).chunk(chunk)
			}
			return err
		}},
		{"parse+compile", func() error {
			chunk, err := syntax.Parse("x", text)
			if err == nil {
				_, err = lua.Compile(chunk, "x")
			}
			return err
		}},
		{"parse+fix+compile", func() error {
			chunk, err := syntax.Parse("x", text)
			if err == nil {
				_, err = Compile(chunk, "x")
			}
			return err
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			for b.Loop() {
				if err := bench.run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

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
					L.SetGlobal("pcall", L.NewFunction(PCall))
					L.SetGlobal("xpcall", L.NewFunction(XPCall(nil)))
					L.SetFuncs(L.GetGlobal("coroutine").(*lua.LTable), Coroutine)
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
