package glua

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
)

// The gopher-lua of this module is the one that programs are known to be built
// from, and its layout is the one that stands here.
func TestKnown(t *testing.T) {
	if err := sameLayout(); err != nil {
		t.Error(err)
	}
	sums, err := os.ReadFile("../../../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	if line := module + " " + version + " " + sum + "\n"; !strings.Contains(string(sums), line) {
		t.Errorf("go.sum lacks %s", line)
	}
	known := debug.Module{Path: module, Version: version, Sum: sum}
	with := func(change func(*debug.Module)) *debug.BuildInfo {
		m := known
		change(&m)
		return &debug.BuildInfo{Deps: []*debug.Module{{Path: "example.org/a"}, &m}}
	}
	replaced := func(by debug.Module) *debug.BuildInfo { return with(func(m *debug.Module) { m.Replace = &by }) }
	for _, test := range []struct {
		name string
		info *debug.BuildInfo
		want string
	}{
		{"known", with(func(m *debug.Module) {}), "sure"},
		{"replaced by itself", replaced(known), "sure"},
		{"none", nil, "not sure"},
		{"no modules", &debug.BuildInfo{}, "not sure"},
		{"others", &debug.BuildInfo{Deps: []*debug.Module{{Path: "example.org/a"}}}, "not sure"},
		{"vendor", with(func(m *debug.Module) { m.Sum = "" }), "not sure"},
		{"directory", replaced(debug.Module{Path: "../mine", Version: "(devel)"}), "not sure"},
		{"newer", with(func(m *debug.Module) { m.Version = "v1.1.3" }), "refused"},
		{"older, vendor", with(func(m *debug.Module) { m.Version, m.Sum = "v1.1.1", "" }), "refused"},
		{"other sum", with(func(m *debug.Module) { m.Sum = "h1:other" }), "refused"},
		{"replaced by an older one", replaced(debug.Module{Path: module, Version: "v1.1.1", Sum: "h1:older"}), "refused"},
		{"replaced by a fork", replaced(debug.Module{Path: "example.org/fork", Version: version, Sum: sum}), "refused"},
	} {
		got := "not sure"
		if sure, err := builtFrom(test.info); err != nil {
			got = "refused"
		} else if sure {
			got = "sure"
		}
		if got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

// Another source is refused, as that of v1.1.1 is, where lua.Compile begins a line earlier.
func TestSource(t *testing.T) {
	if err := sameSource(places); err != nil {
		t.Error(err)
	}
	for _, p := range []place{{lua.Compile, "compile.go", 1848}, {lua.Compile, "state.go", 1849}} {
		if err := sameSource([]place{p}); err == nil || !strings.Contains(err.Error(), "compile.go:1849") {
			t.Errorf("%s:%d: got %v", p.file, p.line, err)
		}
	}
}

// A function that is linked has the signature here that it has in gopher-lua.
func TestLinked(t *testing.T) {
	file, _ := runtime.FuncForPC(reflect.ValueOf(lua.NewState).Pointer()).FileLine(reflect.ValueOf(lua.NewState).Pointer())
	theirs := declarations(t, filepath.Join(filepath.Dir(file), "*.go"))
	ours := declarations(t, "*.go")
	linked := 0
	for name, d := range ours {
		if d.link == "" || strings.HasPrefix(d.link, "runtime/") { // TestReadMetrics is for that
			continue
		}
		linked++
		if their := theirs[d.link]; their.text == "" || !strings.EqualFold(their.text, d.text) {
			t.Errorf("%s is %s, %s is %q", name, d.text, d.link, their.text)
		}
	}
	if linked != 2 {
		t.Errorf("got %d linked names, want 2", linked)
	}
}

// A declaration is a function or variable of a package: its type, of functions with
// the receiver as the first parameter, by names without a package; and to which name
// it is linked.
type declaration struct{ text, link string }

func declarations(t *testing.T, files string) map[string]declaration {
	t.Helper()
	names, err := filepath.Glob(files)
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %v", files, err)
	}
	found := map[string]declaration{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(filepath.Base(name), "_") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				name, params := d.Name.Name, fieldTypes(d.Type.Params)
				if d.Recv != nil {
					receiver := typeText(d.Recv.List[0].Type)
					name = "(" + receiver + ")." + name
					params = append([]string{receiver}, params...)
				}
				found[name] = declaration{fmt.Sprint(params, fieldTypes(d.Type.Results)), linkOf(d.Doc)}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if v, ok := s.(*ast.ValueSpec); ok && d.Tok == token.VAR && v.Type != nil {
						found[v.Names[0].Name] = declaration{typeText(v.Type), linkOf(d.Doc)}
					}
				}
			}
		}
	}
	return found
}

func linkOf(doc *ast.CommentGroup) string {
	if doc != nil {
		for _, c := range doc.List {
			if words := strings.Fields(c.Text); words[0] == "//go:linkname" {
				return strings.TrimPrefix(words[2], module+".")
			}
		}
	}
	return ""
}

func fieldTypes(list *ast.FieldList) (types []string) {
	if list != nil {
		for _, f := range list.List {
			for range max(1, len(f.Names)) {
				types = append(types, typeText(f.Type))
			}
		}
	}
	return types
}

// typeText writes a type with our names for theirs.
func typeText(e ast.Expr) string {
	text := types.ExprString(e)
	for _, name := range [][2]string{{"lua.", ""}, {"callFrame", "Frame"}, {"instFunc", "Op"}, {"opCodeMax + 1", "OP_NOP + 1"}, {"int(preloadLimit)", "128"}} {
		text = strings.ReplaceAll(text, name[0], name[1])
	}
	return text
}

// Another layout is refused, with what is different in it.
func TestLayout(t *testing.T) {
	type same struct {
		Idx int
		Fn  *lua.LFunction
	}
	for _, test := range []struct {
		name   string
		theirs reflect.Type
		want   string
	}{
		{"fewer fields", reflect.TypeFor[struct{ Idx int }](), "has 1 fields"},
		{"another name", reflect.TypeFor[struct {
			Index int
			Fn    *lua.LFunction
		}](), "Index"},
		{"another type", reflect.TypeFor[struct {
			Idx int
			Fn  uintptr
		}](), "Fn"},
		{"another order", reflect.TypeFor[struct {
			Fn  *lua.LFunction
			Idx int
		}](), "Fn"},
		{"the same", reflect.TypeFor[same](), ""},
	} {
		err := sameFields(test.theirs, reflect.TypeFor[same]())
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q in it", test.name, err, test.want)
		}
	}
	type methods interface {
		At(int) *Frame
		Sp() int
	}
	for _, test := range []struct {
		name   string
		theirs reflect.Type
		want   string
	}{
		{"no interface", reflect.TypeFor[Frame](), "not an interface"},
		{"more methods", reflect.TypeFor[CallStack](), "not an interface of 2"},
		{"another name", reflect.TypeFor[interface {
			Get(int) *Frame
			Sp() int
		}](), "Get"},
		{"another result", reflect.TypeFor[interface {
			At(int) *Frame
			Sp() string
		}](), "Sp"},
		{"the same", reflect.TypeFor[methods](), ""},
	} {
		err := sameMethods(test.theirs, reflect.TypeFor[methods]())
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q in it", test.name, err, test.want)
		}
	}
}
