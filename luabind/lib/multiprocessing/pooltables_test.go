package multiprocessing

import (
	"runtime"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// FuzzUnpackPlain gives the unpacker of plain values any bytes. What it accepts it packs again.
func FuzzUnpackPlain(f *testing.F) {
	inner, t := glua.NewTable(2, 0), glua.NewTable(0, 2)
	glua.Append(inner, lua.LNumber(1))
	glua.Append(inner, lua.LString("two"))
	glua.SetNamed(t, "list", inner)
	glua.SetNamed(t, "yes", lua.LTrue)
	for _, v := range []lua.LValue{lua.LNil, lua.LFalse, lua.LNumber(1.5), lua.LString(""), inner, t} {
		w := glua.ValueOf(v)
		b, ok := new(plainPacker).value(nil, &w, 0)
		if !ok {
			f.Fatalf("%v isn't plain", v)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, rest, err := new(plainUnpacker).value(b, 0)
		if err != nil {
			return
		}
		if len(rest) > len(b) {
			t.Fatalf("%d bytes are left of %d", len(rest), len(b))
		}
		again, ok := new(plainPacker).value(nil, &v, 0)
		if !ok {
			return // it has a hole, say
		}
		if len(again) > len(b) {
			t.Errorf("%d bytes of %d", len(again), len(b))
		}
		back, rest, err := new(plainUnpacker).value(again, 0)
		if err != nil || len(rest) > 0 {
			t.Fatalf("%q is packed as %q: %v, %d bytes are left", b, again, err, len(rest))
		}
		if third, ok := new(plainPacker).value(nil, &back, 0); !ok || len(third) != len(again) { // the order of fields may be another
			t.Errorf("%q is packed as %q, and that as %q", b, again, third)
		}
	})
}

// Tables in tables say that they are large, and are not.
func TestPlainLies(t *testing.T) {
	b := []byte{}
	for range maxDepth + 1 {
		b = append(b, plainTable, 0x80, 0x80, 0x10, 0x80, 0x80, 0x10) // 2^18 items, as many fields
	}
	b = append(b, make([]byte, 3<<18)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := new(plainUnpacker).value(b, 0)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; err != errNoValue || took > 40<<20 {
		t.Errorf("%v, %d bytes of memory for %d", err, took, len(b))
	}
}
