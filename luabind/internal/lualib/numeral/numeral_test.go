package numeral

import (
	"math"
	"testing"

	lua "github.com/yuin/gopher-lua"
)

func TestFormat(t *testing.T) {
	for n, want := range map[lua.LNumber]string{
		1: "1", -1: "-1", 0.1: "0.1", 1e14: "1e+14", 99999999999999: "99999999999999", 100000000000001: "1e+14",
		1.0 / 3: "0.33333333333333", 1e-5: "1e-05", 123456: "123456", 1e100: "1e+100", lua.LNumber(math.Inf(-1)): "-inf",
	} {
		if got := Format(n); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := Format(lua.LNumber(math.Copysign(0, -1))); got != "-0" {
		t.Errorf("got %s, want -0", got)
	}
}

// What a number is written as is read back as a number that is written alike.
func FuzzNumber(f *testing.F) {
	for _, seed := range []string{"0x1p4", " -12.5e3 ", "nan(a)", "0x.8P-3", "1e400", "010", "0x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := Parse(s)
		if !ok {
			return
		}
		text := Format(n)
		again, ok := Parse(text)
		if !ok || Format(again) != text {
			t.Errorf("%q is %s, and that is %s, %v", s, text, Format(again), ok)
		}
	})
}
