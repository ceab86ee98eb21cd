package compile

import (
	"fmt"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/syntax"
)

// Wherever very many literals stand, the compiler gets few constants: it compares each with all that it has.
func TestManyLiterals(t *testing.T) {
	const lines = 5000
	for _, line := range []string{
		"x = %[1]d", "local x = %[1]d", "f(%[1]d, '%[1]d')", "t.k%[1]d = y", "x = t.k%[1]d", "t[%[1]d] = -%[1]d", "x = x + %[1]d", "x = %[1]d .. x",
		"if x == %[1]d then end", "if x < '%[1]d' then end", "x = {%[1]d, k%[1]d = 'v%[1]d', [%[1]d.5] = 1}", "x = %[1]d * 3 + x",
		"for i = %[1]d, %[1]d.5, %[1]d.25 do end", "for i in %[1]d do end", "x, y = %[1]d, '%[1]d'",
	} {
		var source strings.Builder
		for i := range lines {
			fmt.Fprintf(&source, "do "+line+" end\n", i+100)
		}
		tree, err := syntax.Parse("test", source.String())
		if err != nil {
			t.Fatal(err)
		}
		f := &fixer{name: "test", tree: tree}
		chunk, err := f.chunk(tree.Stmts)
		if err != nil {
			t.Fatal(err)
		}
		proto, err := lua.Compile(chunk, "test")
		if err != nil {
			t.Fatal(err)
		}
		if n := len(proto.Constants); n > 3*manyLiterals {
			t.Errorf("%s: %d constants", line, n)
		}
		p := patcher{f.literals, f.blocks}
		if err := p.patch(proto, "test"); err != nil {
			t.Fatal(err)
		}
		if n := len(proto.Constants); n < lines {
			t.Errorf("%s: %d constants are left", line, n)
		}
	}
}
