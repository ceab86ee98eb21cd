package multiprocessing

import (
	"bytes"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
)

// FuzzUnpack lets anything come out of a connection: it is a value, which goes in
// again as the same bytes unless it is a message, or an error.
func FuzzUnpack(f *testing.F) {
	e, err := luabind.New(luabind.Config{})
	if err != nil {
		f.Fatal(err)
	}
	lib := &sharing{engine: e.Host()}
	for _, v := range []lua.LValue{lua.LNil, lua.LTrue, lua.LNumber(1.5), lua.LString("s"), e.State().NewTable()} {
		b, _, err := lib.pack(nil, nil, "nobody", v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := new(streamDefinitions).cut(b); err != nil {
			return
		}
		v, err := lib.unpack(bytes.Clone(b), nil, nil)
		if err != nil || b[0] == valueMessage {
			return
		}
		again, _, err := lib.pack(nil, nil, "nobody", v)
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("%q: %q, %v", b, again, err)
		}
	})
}
