package multiprocessing

import (
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
		if again, ok := new(plainPacker).value(nil, &v, 0); ok && len(again) > len(b) {
			t.Errorf("%d bytes of %d", len(again), len(b))
		}
	})
}
