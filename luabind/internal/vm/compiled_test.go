package vm_test

import (
	"fmt"
	"strings"
	"testing"
)

// What was rewritten keeps its lines.
func TestLines(t *testing.T) {
	for _, test := range []struct {
		source string
		line   int
	}{
		{"local a, b\na,\nb = 1,\nnil + 1", 4},
		{"local t\nlocal a\na, t.x = 1,\n2", 4},
		{"local t, u = {}\nt.x, u\n.y = 1, 2", 3},
		{"local x\nx = (f() or\nf()) or nil + x", 3},
		{"while true do\ndo local y local f = function() return y end\nbreak end end\nerror('x')", 4},
		{"goto on\n::on::\nerror('x')", 3},
		{"local t = {" + strings.Repeat("1,\n", 600) + "nil + 1}", 601},
		{"local t = {" + strings.Repeat("1,\n", 60) + "x = nil + 1}", 61},
		{"for k in\nnil do\nend", 2},
	} {
		got := mended("function f() end local ok, err = pcall(function(...) " + test.source + "\nend) return err")
		if want := fmt.Sprintf("test:%d:", test.line); !strings.HasPrefix(got, want) {
			t.Errorf("got %s, want %s for\n%.300s", got, want, test.source)
		}
	}
}

// A large data file compiles, or has too many constants. Once the time grew with the square of
// the size, and this took half a minute.
func TestManyConstants(t *testing.T) {
	data := func(n int) string {
		var b strings.Builder
		b.WriteString("local t = {")
		for i := range n {
			fmt.Fprintf(&b, "%d.5, 's%d', k%d = %d,", i, i, i, -i)
		}
		fmt.Fprintf(&b, "} return t[%d] .. t[%d] .. t.k%d .. #t .. t[1] .. t.k0", 2*n-1, 2*n, n-1)
		return b.String()
	}
	if testing.Short() {
		if got, want := mended(data(10_000)), "9999.5s9999-9999200000.50"; got != want {
			t.Errorf("got %.80s, want %s", got, want)
		}
		return
	}
	if got, want := mended(data(40_000)), "39999.5s39999-39999800000.50"; got != want {
		t.Errorf("got %.80s, want %s", got, want)
	}
	if got, want := mended(data(70_000)), "test:0: constant table overflow"; got != want {
		t.Errorf("got %.80s, want %s", got, want)
	}
}
