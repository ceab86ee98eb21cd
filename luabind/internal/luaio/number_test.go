package luaio

import (
	"math"
	"strings"
	"testing"
)

func TestFormatNumber(t *testing.T) {
	for f, want := range map[float64]string{
		1: "1", -1: "-1", 0.1: "0.1", 1e14: "1e+14", 99999999999999: "99999999999999", 100000000000001: "1e+14",
		1.0 / 3: "0.33333333333333", 1e-5: "1e-05", 123456: "123456", 1e100: "1e+100", math.Inf(-1): "-inf",
	} {
		if got := formatNumber(f); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := formatNumber(math.Copysign(0, -1)); got != "-0" {
		t.Errorf("got %s, want -0", got)
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"1", " -0x1.8p+1 ", "1e", "nan", "-infinity", "infin", "0x", "..", "+-", "1e+5e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, ok := parseNumber(s); ok && !math.IsNaN(n) {
			if again, ok := parseNumber(strings.ToUpper(s)); !ok || again != n {
				t.Errorf("%q is %v, in capitals %v", s, n, again)
			}
		}
	})
}
