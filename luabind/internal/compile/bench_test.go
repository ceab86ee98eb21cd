package compile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"

	"luaspawn/luabind/internal/syntax"
)

// source is a chunk of some 1,000 lines.
func source(b *testing.B) string {
	b.Helper()
	files, err := filepath.Glob("../../testdata/lua51/*.lua")
	if err != nil || len(files) == 0 {
		b.Fatalf("no programs: %v", err)
	}
	var text strings.Builder
	for strings.Count(text.String(), "\n") < 1000 {
		for _, file := range files {
			program, err := os.ReadFile(file)
			if err != nil {
				b.Fatal(err)
			}
			fmt.Fprintf(&text, "do local function program(...)\n%s\nend end\n", program)
		}
	}
	return text.String()
}

// BenchmarkFix is what the pass costs beside what is there without it.
func BenchmarkFix(b *testing.B) {
	text := source(b)
	for _, bench := range []struct {
		name string
		run  func() error
	}{
		{"gopher-lua's parse", func() error {
			_, err := parse.Parse(strings.NewReader(text), "x")
			return err
		}},
		{"parse", func() error {
			_, err := syntax.Parse("x", text)
			return err
		}},
		{"parse+fix", func() error {
			tree, err := syntax.Parse("x", text)
			if err == nil {
				_, err = (&fixer{name: "x", tree: tree}).chunk(tree.Stmts)
			}
			return err
		}},
		{"parse+compile", func() error {
			tree, err := syntax.Parse("x", text)
			if err == nil {
				_, err = lua.Compile(tree.Stmts, "x")
			}
			return err
		}},
		{"parse+fix+compile", func() error {
			tree, err := syntax.Parse("x", text)
			if err == nil {
				_, err = Compile(tree, "x")
			}
			return err
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			for b.Loop() {
				if err := bench.run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
