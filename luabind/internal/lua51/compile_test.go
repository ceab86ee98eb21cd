package lua51_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"luaspawn/luabind/internal/lua51"
)

// What is wrong beyond the grammar, with its line.
func TestCompileErrors(t *testing.T) {
	lines := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format+"\n", i)
		}
		return b.String()
	}
	for _, test := range []struct{ name, source, want string }{
		{"locals", lines(201, "local a%d"), "test:202: main function has more than 200 local variables"},
		{"locals of a function", "function f()\n" + lines(201, "local a%d") + "end", "test:203: function at line 1 has more than 200 local variables"},
		{"upvalues", lines(130, "local a%d") + "local function g()\n" + lines(130, "local b%d") +
			"return function()\n" + lines(130, "a%d()") + lines(130, "b%d()") + "end end", "test:323: function at line 262 has more than 60 upvalues"},
		{"levels of expressions", "\nreturn " + strings.Repeat("{", 100000) + strings.Repeat("}", 100000), "test:2: chunk has too many syntax levels"},
		{"levels of blocks", strings.Repeat("do ", 100000) + strings.Repeat("end ", 100000), "test:1: chunk has too many syntax levels"},
		{"levels of functions", strings.Repeat("return function() ", 100000) + strings.Repeat("end ", 100000), "test:1: chunk has too many syntax levels"},
		{"a chain of operators", "return 1" + strings.Repeat(" + 1", 200000), "test:1: chunk has too many syntax levels"},
		{"a chain of calls", "return f" + strings.Repeat("()", 200000), "test:1: chunk has too many syntax levels"},
		{"a chain of conditions", "if a then" + strings.Repeat(" elseif a then", 100000) + " end", "test:1: chunk has too many syntax levels"},
		{"registers", "\nreturn f(" + strings.Repeat("a, ", 210) + "a)", "test:2: function or expression too complex"},
		{"registers of a function", "local x\nfunction f()\nreturn f(" + strings.Repeat("a, ", 210) + "a) end", "test:2: function or expression too complex"},
		{"number", "\nreturn 5e", "test:2: malformed number near '5e'"},
		{"break", "\nbreak", "test:2: no loop to break near '<eof>'"},
		{"break from a function", "while true do\n(function()\nbreak end)() end", "test:3: no loop to break near 'end'"},
		{"label", "\ngoto nowhere", "test:3: no visible label 'nowhere' for <goto> at line 2"},
		{"label beyond a variable", "do goto on local x ::on:: print(x) end", "test:2: <goto on> at line 1 jumps into the scope of local 'x'"},
		{"vararg", "function f()\nreturn ... end", "test:2: cannot use '...' outside a vararg function near '...'"},
	} {
		t.Run(test.name, func(t *testing.T) {
			L := newState()
			defer L.Close()
			_, err := load(L, test.source)
			var failure *lua51.Error
			if !errors.As(err, &failure) || err.Error() != test.want {
				t.Errorf("got %.200v, want %s", err, test.want)
			}
		})
	}
}

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

// A data file compiles in time that grows with its size, not with its square:
// this one took half a minute.
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
	begun := time.Now()
	if got, want := mended(data(40_000)), "39999.5s39999-39999800000.50"; got != want {
		t.Errorf("got %.80s, want %s", got, want)
	}
	if got, want := mended(data(100_000)), "test:0: constant table overflow"; got != want {
		t.Errorf("got %.80s, want %s", got, want)
	}
	if took := time.Since(begun); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
}
