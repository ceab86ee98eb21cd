package bundle

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"

	"luaspawn/luabind/internal/chunk"
	"luaspawn/luabind/internal/syntax"
)

// A required is a place in a source where a module is required.
type required struct {
	line   int
	module string // "": there is a note instead
	maybe  bool   // the source goes on without it
	note   string
}

// requires returns where a source requires modules, each module once: at the first place that
// needs it, if there is one.
func requires(f File) ([]required, error) {
	source := f.Source
	if strings.HasPrefix(source, "#") { // as the engine reads files: the first line is skipped
		_, rest, _ := strings.Cut(source, "\n")
		source = "\n" + rest
	}
	if chunk.IsDump(strings.TrimPrefix(source, "\n")) {
		return nil, nil // its requires can't be read
	}
	tree, err := syntax.Parse(f.Name, source)
	if err != nil {
		return nil, err
	}
	var list []required
	walk(reflect.ValueOf(tree.Stmts), func(call *ast.FuncCallExpr) {
		add := func(name ast.Expr, maybe bool) {
			r := required{line: call.Line(), module: text(name), maybe: maybe}
			if r.module == "" {
				r.note = "the name that require gets is computed: --include NAME adds what it may be"
			}
			list = append(list, r)
		}
		switch called := ident(call.Func); {
		case len(call.Args) == 0:
		case called == "require":
			add(call.Args[0], false)
		case called == "dofile" || called == "loadfile":
			list = append(list, required{line: call.Line(), note: called + " reads its file where the app runs: a module goes with it"})
		}
		for i, a := range call.Args {
			if ident(a) == "require" && i+1 < len(call.Args) {
				add(call.Args[i+1], true)
			}
		}
	})
	return once(list), nil
}

// once leaves one place for each module.
func once(list []required) []required {
	slices.SortStableFunc(list, func(a, b required) int { return cmp.Compare(a.line, b.line) })
	var kept []required
	for _, r := range list {
		i := slices.IndexFunc(kept, func(k required) bool { return k.module == r.module && r.module != "" })
		switch {
		case i < 0:
			kept = append(kept, r)
		case kept[i].maybe && !r.maybe:
			kept[i] = r
		}
	}
	return kept
}

// ident returns the name of a variable; "" is any other expression.
func ident(e ast.Expr) string {
	if name, ok := e.(*ast.IdentExpr); ok {
		return name.Value
	}
	return ""
}

// text returns a string that stands in the source; "" is any other expression.
func text(e ast.Expr) string {
	if s, ok := e.(*ast.StringExpr); ok {
		return s.Value
	}
	return ""
}

// walk calls f for each call in a tree.
func walk(v reflect.Value, f func(*ast.FuncCallExpr)) {
	switch v.Kind() {
	case reflect.Interface:
		walk(v.Elem(), f)
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		if call, ok := v.Interface().(*ast.FuncCallExpr); ok {
			f(call)
		}
		walk(v.Elem(), f)
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), f)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				walk(v.Field(i), f)
			}
		}
	}
}
