package luabind_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
)

// Each benchmark stands beside the same thing in bare gopher-lua.

func benchEngine(b *testing.B, c luabind.Config) *luabind.Engine {
	b.Helper()
	e, err := luabind.New(c)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { e.Close() })
	return e
}

func bareState(b *testing.B) *lua.LState {
	b.Helper()
	L := lua.NewState()
	b.Cleanup(L.Close)
	return L
}

func BenchmarkNew(b *testing.B) {
	b.Run("gopher-lua", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			lua.NewState().Close()
		}
	})
	b.Run("luabind", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			e, err := luabind.New(luabind.Config{})
			if err != nil {
				b.Fatal(err)
			}
			e.Close()
		}
	})
}

func BenchmarkCall(b *testing.B) {
	const source = `function empty() end`
	b.Run("gopher-lua", func(b *testing.B) {
		L := bareState(b)
		if err := L.DoString(source); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if err := L.CallByParam(lua.P{Fn: L.GetGlobal("empty"), Protect: true}); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, c := range []struct {
		name string
		ctx  context.Context
	}{
		{"luabind", context.Background()},
		{"luabind, to be cancelled", b.Context()},
	} {
		b.Run(c.name, func(b *testing.B) {
			e := benchEngine(b, luabind.Config{})
			if _, err := e.Eval(c.ctx, source); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := e.Call(c.ctx, "empty"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A registered Go function, called a thousand times by Lua.
func BenchmarkGoFunction(b *testing.B) {
	const source = `local f = ... for i = 1, 1000 do f(i, 1) end`
	bare := func(L *lua.LState) int {
		L.Push(L.CheckNumber(1) + L.CheckNumber(2))
		return 1
	}
	b.Run("gopher-lua", func(b *testing.B) {
		L := bareState(b)
		f, err := L.LoadString(source)
		if err != nil {
			b.Fatal(err)
		}
		add := L.NewFunction(bare)
		for b.Loop() {
			L.Push(f)
			L.Push(add)
			L.Call(1, 0)
		}
	})
	for _, c := range []struct {
		name     string
		function any
	}{
		{"LGFunction", bare},
		{"func(float64, float64) float64", func(a, b float64) float64 { return a + b }},
		{"func(int, int) int", func(a, b int) int { return a + b }},
	} {
		b.Run(c.name, func(b *testing.B) {
			e := benchEngine(b, luabind.Config{})
			f, err := e.Load("bench", source)
			if err != nil {
				b.Fatal(err)
			}
			if err := e.SetGlobal("add", c.function); err != nil {
				b.Fatal(err)
			}
			add := e.State().GetGlobal("add")
			for b.Loop() {
				if _, err := e.Do(context.Background(), f, 0, add); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A million lines over OsFs. gopher-lua's own io holds nothing back unless
// setvbuf says so.
func BenchmarkMillionLines(b *testing.B) {
	for _, c := range []struct{ name, source string }{
		{"write", `local f = assert(io.open(name, "w")) f:setvbuf("full") for i = 1, 1e6 do f:write("a line of some words\n") end f:close()`},
		{"lines", `local n = 0 for l in io.lines(name) do n = n + #l end assert(n == 20e6)`},
		{"read", `local f, n = assert(io.open(name)), 0 while true do local l = f:read("*l") if not l then break end n = n + #l end f:close() assert(n == 20e6)`},
	} {
		b.Run(c.name+"/gopher-lua", func(b *testing.B) {
			L := bareState(b)
			L.SetGlobal("name", lua.LString(linesFile(b)))
			for b.Loop() {
				if err := L.DoString(c.source); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(c.name+"/luabind", func(b *testing.B) {
			e := benchEngine(b, luabind.Config{Fs: afero.NewOsFs()})
			if err := e.SetGlobal("name", linesFile(b)); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := e.Eval(context.Background(), c.source); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// linesFile makes a file of a million lines.
func linesFile(b *testing.B) string {
	b.Helper()
	name := filepath.Join(b.TempDir(), "lines")
	e := benchEngine(b, luabind.Config{Fs: afero.NewOsFs()})
	f, err := e.Load("lines", `local f = assert(io.open(..., "w")) f:write(("a line of some words\n"):rep(1e6)) f:close()`)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := e.Do(context.Background(), f, 0, lua.LString(name)); err != nil {
		b.Fatal(err)
	}
	return name
}
