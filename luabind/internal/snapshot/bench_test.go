package snapshot

import (
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/vm"
)

// benchmark packs what source returns and unpacks it, b.N times.
func benchmark(b *testing.B, source string) {
	from := newSide(b)
	v := from.eval(source)
	whole, err := from.Pack("the other side", Root{"v", v})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("pack", func(b *testing.B) {
		b.SetBytes(int64(len(whole.Data)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := from.Pack("the other side", Root{"v", v}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("unpack", func(b *testing.B) {
		to := newSide(b)
		b.SetBytes(int64(len(whole.Data)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := to.Unpack(whole); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkTables(b *testing.B) {
	benchmark(b, `
		local t = {}
		for i = 1, 100000 do t[i] = {id = i, name = "item " .. i, ok = true} end
		return t`)
}

// BenchmarkTablesAlone builds the tables of BenchmarkTables with nothing to
// decode: what gopher-lua itself takes of the time of unpacking them.
func BenchmarkTablesAlone(b *testing.B) {
	L := lua.NewState()
	vm.Adopt(L)
	defer L.Close()
	b.ReportAllocs()
	for b.Loop() {
		all := glua.NewTable(100000, 0)
		for i := range 100000 {
			t := glua.NewTable(0, 3)
			glua.SetNamed(t, "id", lua.LNumber(i))
			glua.SetNamed(t, "name", lua.LString("item"))
			glua.SetNamed(t, "ok", lua.LTrue)
			glua.SetItem(all, i+1, t)
		}
	}
}

func BenchmarkLists(b *testing.B) {
	benchmark(b, `
		local t = {}
		for i = 1, 100000 do t[i] = {i, i + 1, i + 2} end
		return t`)
}

func BenchmarkString(b *testing.B) {
	benchmark(b, `return ("0123456789abcdef"):rep(4 * 1024 * 1024)`)
}

func BenchmarkClosures(b *testing.B) {
	benchmark(b, `
		local t = {}
		for i = 1, 1000 do
			local n = i
			t[i] = function() n = n + 1; return n end
		end
		return t`)
}
