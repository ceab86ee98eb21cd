package compile_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/compile"
	"luaspawn/luabind/internal/syntax"
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
		{"registers of closures", "\nreturn f(" + strings.Repeat("function() end, ", 255) + "a)", "test:2: function or expression too complex"},
		{"registers of assigned closures", "t.a" + strings.Repeat(", t.b", 150) + " = 1" + strings.Repeat(", function() end", 150), "test:1: function or expression too complex"},
		{"number", "\nreturn 5e", "test:2: malformed number near '5e'"},
		{"break", "\nbreak", "test:2: no loop to break near '<eof>'"},
		{"break from a function", "while true do\n(function()\nbreak end)() end", "test:3: no loop to break near 'end'"},
		{"label", "\ngoto nowhere", "test:3: no visible label 'nowhere' for <goto> at line 2"},
		{"label beyond a variable", "do goto on local x ::on:: print(x) end", "test:2: <goto on> at line 1 jumps into the scope of local 'x'"},
		{"a long loop", "local x = 0\nfor i = 1, 2 do " + strings.Repeat("x = x + 1 ", 140000) + "end", "test:2: control structure too long"},
		{"a long while", "local x = 0\nwhile true do " + strings.Repeat("x = x + 1 ", 140000) + "end", "test:2: control structure too long"},
		{"a long repeat", "local x = 0\nrepeat " + strings.Repeat("x = x + 1 ", 140000) + "until x", "test:2: control structure too long"},
		{"a long repeat with a closure", "repeat local x = 0 f = function() return x end " + strings.Repeat("x = x + 1 ", 140000) + "\nuntil x", "test:2: control structure too long"},
		{"a long branch", "\nfunction f(x) if x then " + strings.Repeat("x = x + 1 ", 140000) + "end end", "test:2: control structure too long"},
		{"branches", "local x\n" + strings.Repeat("if x then x = 1 end ", 43700), "test:2: function or expression too complex"},
		{"logical operators", "local x, y\n" + strings.Repeat("x = x or y ", 32800), "test:2: function or expression too complex"},
		{"comparisons", "local x, y\n" + strings.Repeat("x = x == y ", 131100), "test:2: function or expression too complex"},
		{"vararg", "function f()\nreturn ... end", "test:2: cannot use '...' outside a vararg function near '...'"},
	} {
		t.Run(test.name, func(t *testing.T) {
			chunk, err := syntax.Parse("test", test.source)
			if err == nil {
				_, err = compile.Compile(chunk, "test")
			}
			var failure *compile.Error
			if !errors.As(err, &failure) || err.Error() != test.want {
				t.Errorf("got %.200v, want %s", err, test.want)
			}
		})
	}
}

// The compiler compares a constant with all that it has. Of a function with very many it gets few.
func TestManyConstants(t *testing.T) {
	var b strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&b, "x%d = 'a%d' f('b%d', {'c%d'}) t.k%d = 'd%d'\n", i, i, i, i, i, i)
	}
	tree, err := syntax.Parse("test", b.String())
	if err != nil {
		t.Fatal(err)
	}
	proto, err := compile.Compile(tree, "test")
	if err != nil {
		t.Fatal(err)
	}
	// Behind the compiler's own come those that were set aside.
	at := slices.Index(proto.Constants, lua.LValue(lua.LString("(global)")))
	if at < 0 || at > 2000 {
		t.Errorf("constant %d of %d is the last one of the compiler's", at, len(proto.Constants))
	}
	if n := len(proto.Constants); n < 6*5000 || n > 6*5000+2000 {
		t.Errorf("%d constants, want 30,000 and few more", n)
	}
}

// The compiler makes room for a thousand instructions in each function. That goes.
func TestRoom(t *testing.T) {
	tree, err := syntax.Parse("test", "local function f(a) return a.x + 1 end return f(1)")
	if err != nil {
		t.Fatal(err)
	}
	proto, err := compile.Compile(tree, "test")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []*lua.FunctionProto{proto, proto.FunctionPrototypes[0]} {
		for name, room := range map[string]int{"code": cap(p.Code), "lines": cap(p.DbgSourcePositions), "calls": cap(p.DbgCalls)} {
			if room > len(p.Code)+20 {
				t.Errorf("%s: room for %d, beside %d instructions", name, room, len(p.Code))
			}
		}
	}
}
