package syntax

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/yuin/gopher-lua/ast"
)

// What errors say is compared with lua5.1 by luabind/testdata/lua51/syntax.lua.

// goto and labels are of Lua 5.2; what 5.1 takes for names are names.
func TestGoto(t *testing.T) {
	for _, source := range []string{
		"::a:: goto a", "f() ::a:: goto a", ":: a :: do goto a end", "local x = 1 ::a:: x = 2",
		"local goto = 1", "goto = 1", "goto()", "goto.x = 1", "x = goto", "goto 'x'", "t:goto()", "return {goto = 1, goto}",
	} {
		if _, err := Parse("test", source); err != nil {
			t.Errorf("%s: %v", source, err)
		}
	}
	for _, source := range []string{"::a", "::1::", "goto", "goto a b", ": :a::", "f() : :a::"} {
		if _, err := Parse("test", source); err == nil {
			t.Errorf("%s: no error", source)
		}
	}
}

// Numbers reach the compiler in the digits that it reads as C does.
func TestNumbers(t *testing.T) {
	for _, test := range []struct{ source, want string }{
		{"12", "12"}, {"0", "0"}, {"3.25", "3.25"}, {"010", "10"}, {"0x10", "16"}, {"0XfF", "255"},
		{"1e3", "1000"}, {"1E-2", "0.01"}, {".5", ".5"}, {"3.", "3."}, {"1e999", "+Inf"}, {"1e-999", "0"},
		{"12345678901234567890", "1.2345678901234567e+19"}, {"0xffffffffffffffffff", "4.722366482869645e+21"},
		{"1_0", ""}, {"0x", ""}, {"0b1", ""}, {"1e", ""}, {"1e+", ""}, {"1.2.3", ""}, {"1..2", ""}, {"0xg", ""}, {"3x", ""}, {"0o7", ""},
	} {
		tree, err := Parse("test", "return "+test.source)
		got := ""
		if err == nil {
			got = tree.Stmts[0].(*ast.ReturnStmt).Exprs[0].(*ast.NumberExpr).Value
		}
		if got != test.want {
			t.Errorf("%s: got %q (%v), want %q", test.source, got, err, test.want)
		}
	}
}

// An error says whether more of the source may put it right.
func TestAtEnd(t *testing.T) {
	for source, want := range map[string]bool{
		"x = ": true, "if x then": true, "x = [[a\n": true, "--[[": true, "f(": true, "for i = 1, 2 do": true,
		"x = 'a\n": false, "x = = 1": false, "end": false,
	} {
		_, err := Parse("test", source)
		var e *Error
		if !errors.As(err, &e) || e.AtEnd != want {
			t.Errorf("%q: got %v, want AtEnd %v", source, err, want)
		}
	}
}

// What is nested too deep is refused, whatever makes it deep and however deep it is,
// and nothing that is only long. gopher-lua's parser takes seconds and gigabytes for
// each of the former.
func TestNesting(t *testing.T) {
	const deep = "test:1: chunk has too many syntax levels"
	many := func(s string) string { return strings.Repeat(s, 100_000) }
	some := func(s string) string { return strings.Repeat(s, 5_000) }
	for _, test := range []struct{ name, source, want string }{
		{"parentheses", "x = " + many("("), deep},
		{"braces", "x = " + many("{"), deep},
		{"brackets", "x = " + many("a["), deep},
		{"blocks", many("do "), deep},
		{"loops", many("while x do "), deep},
		{"conditions", many("if x then "), deep},
		{"repeats", many("repeat "), deep},
		{"functions", "x = " + many("function() return "), deep},
		{"not", "x = " + many("not "), deep},
		{"minus", "x = " + many("- "), deep},
		{"lengths", "x = " + many("#"), deep},
		{"powers", "x = 2" + many("^2"), deep},
		{"concatenations", "x = a" + many("..a"), deep},
		{"all of them", "\n\nx = " + strings.Repeat("({a[function() do if x then repeat return ", 30), "test:3: chunk has too many syntax levels"},

		{"as deep as may be", "x = " + strings.Repeat("(", 150) + "1" + strings.Repeat(")", 150), ""},
		{"one after the other", some("f(-x) do x = #a .. b end if not x then f{-1} end x = function() return 2^2 end while x do end repeat until -x "), ""},
		{"a long list", "x = {" + some("-1, {a = 'b' .. c}, ") + "}", ""},
		{"in strings and comments", "x = '" + some("(") + "' --" + some("do ") + "\n--[[" + some("{") + "]] x = [[" + some("not ") + "]]", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse("test", test.source)
			if got := fmt.Sprint(err); got != test.want && (err != nil || test.want != "") {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestParseUntil(t *testing.T) {
	looks := 0
	over := func() bool { looks++; return looks == 3 }
	_, err := ParseUntil(over, "test", "x = {"+strings.Repeat("1, ", 1_000_000)+"}")
	if fmt.Sprint(err) != "test:1: interrupted" || looks != 3 {
		t.Errorf("got %v after %d looks", err, looks)
	}
}

func FuzzParse(f *testing.F) {
	for _, source := range []string{
		"x = 1_0 'a\\'' [[ ]] --[=[ ]=] .5e1 ...", "local function f(a, ...) return a.b:c{1; x = 2, [3] = 'y'} end",
		"for i = 1, 2 do while not x do repeat until y break end end", "::a:: if a then goto a elseif b then else end", "x = \"\\065\\\n\\z",
	} {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		_, err := Parse("test", source)
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("got %T", err)
		}
	})
}
