package iolib

import (
	"math"
	"strings"
	"testing"
)

// scan reads a number as io.read does, and what is left of s behind it.
func scan(s string) (f float64, used int, rest string) {
	at := 0
	f, used = convert(scanNumber(func() (byte, bool) {
		if at == len(s) {
			return 0, false
		}
		return s[at], true
	}, func() { at++ }))
	return f, used, s[at:]
}

func FuzzScanNumber(f *testing.F) {
	for _, s := range []string{"1", "-0x1.8p+1 ", "1e", "nan", "-infinity", "infin", "0x", "..", "+-", "1e+5e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, used, rest := scan(s)
		again, usedAgain, _ := scan(strings.ToUpper(s[:len(s)-len(rest)]))
		if used > 0 && !math.IsNaN(n) && (again != n || usedAgain != used) {
			t.Errorf("%q is %v, in capitals %v", s, n, again)
		}
	})
}
