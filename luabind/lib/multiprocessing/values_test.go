package multiprocessing

import (
	"bytes"
	"math"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
)

// Numbers travel as they are, integers of 32 bits in fewer bytes.
func TestNumbers(t *testing.T) {
	lib := &sharing{}
	for _, n := range []float64{0, math.Copysign(0, -1), 1, -1, 0.5, math.MaxInt32, math.MaxInt32 + 1, math.MaxInt32 - 0.5, math.MinInt32, math.MinInt32 - 1,
		math.MaxUint32, 1 << 53, 1e300, math.Inf(1), math.Inf(-1), math.Float64frombits(0x7ff8 << 48)} { // the NaN of registers
		b := appendNumber(nil, n)
		size := 9
		if n == math.Trunc(n) && n >= math.MinInt32 && n <= math.MaxInt32 && (n != 0 || !math.Signbit(n)) {
			size = 5
		}
		if sent, _, err := lib.pack(nil, nil, "nobody", lua.LNumber(n)); err != nil || len(sent) != 9 {
			t.Errorf("%v through a connection: %q, %v", n, sent, err) // an older program knows no more
		}
		v, err := lib.unpack(bytes.Clone(b), nil, nil)
		if got, ok := v.(lua.LNumber); err != nil || !ok || math.Float64bits(float64(got)) != math.Float64bits(n) || len(b) != size {
			t.Errorf("%v: %q, %v, %v", n, b, v, err)
		}
		plain, rest, err := new(plainUnpacker).value(append(b, 'x'), 0)
		if err != nil || !plain.IsNumber() || math.Float64bits(plain.Float()) != math.Float64bits(n) || string(rest) != "x" {
			t.Errorf("%v in a list: %v, %q, %v", n, plain, rest, err)
		}
		for i := range b[1:] {
			if v, err := lib.unpack(b[:1+i:1+i], nil, nil); err != errNoValue {
				t.Errorf("%q: %v, %v", b[:1+i], v, err)
			}
			if v, _, err := new(plainUnpacker).value(b[:1+i], 0); err != errNoValue {
				t.Errorf("%q in a list: %v, %v", b[:1+i], v, err)
			}
		}
	}
}

// FuzzUnpack lets anything come out of a connection: it is a value, which goes in again as the same bytes unless it is a
// message, or an integer of a task, or an error.
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
	f.Add(appendNumber(nil, 7))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := new(streamDefinitions).cut(b); err != nil {
			return
		}
		v, err := lib.unpack(bytes.Clone(b), nil, nil)
		if err != nil || b[0] == valueMessage {
			return
		}
		again, _, err := lib.pack(nil, nil, "nobody", v)
		if n, ok := v.(lua.LNumber); ok && b[0] == valueInteger {
			b = appendFloat(nil, float64(n))
		}
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("%q: %q, %v", b, again, err)
		}
	})
}
