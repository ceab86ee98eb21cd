package syntax

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/yuin/gopher-lua/ast"
)

// walk calls visit for all nodes of v.
func walk(v reflect.Value, visit func(any)) {
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), visit)
		}
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return
		}
		if v.Kind() == reflect.Pointer {
			visit(v.Interface())
		}
		walk(v.Elem(), visit)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				walk(v.Field(i), visit)
			}
		}
	}
}

// The tree says of each name which variable of the function around it that is, of breaks whether they leave
// something that a closure has, and of "local f = function" whether f in it is another one.
func TestNames(t *testing.T) {
	for _, test := range []struct{ source, want string }{
		{"local a, b = a; a = b", "a0 a1 b2"},
		{"local a; do local a; f(a) end; f(a)", "f0 a2 f0 a1"},
		{"local a; function f(b) return a, b end", "f0 a0 b2"},
		{"local function f(a, ...) return f, a, arg end", "f0 a2 arg3"},
		{"function t:m(x) return self, x end", "t0 self1 x2"},
		{"for i = i, 2 do f(i) end f(i)", "i0 f0 i4 f0 i0"},
		{"for k, v in pairs(k) do f(k, v) end", "pairs0 k0 f0 k4 v5"},
		{"repeat local a until a f(a)", "a1 f0 a0"},

		{"local a, b; function f() a = 1; b() end", "f0 a0 b0 assigned 1"},
		{"local a; function a() end", "a1"},
		{"local a; function f() function a() end end", "f0 a0 assigned 1"},
		{"local a; function f() a.b, c = 1 end", "f0 a0 c0"},

		{"while x do break end", "x0 break"},
		{"while x do local a; f = function() return a end break end", "x0 f0 a0 break"},
		{"while x do if y then local a; f = function() return a end break end end", "x0 y0 f0 a0 break leaves"},
		{"while x do do break end local a; do f = function() return a end end end", "x0 break f0 a0"},
		{"for i = 1, 2 do do if i then break end local a; f = function() return a, i end end end", "i4 break leaves f0 a0 i0"},
		{"repeat do local a; while x do break end f = function() return a end end break until x", "x0 x0 break f0 a0 break"},

		{"local f = function() return f end", "another f0"},
		{"local f = (function() return function() f() end end)", "another f0"},
		{"local f = function() f = 1 end", "another f0"},
		{"local f = function(f) return f end", "f1"},
		{"local f = function() local f; return f end", "f1"},
		{"local f = function() return g end, f", "g0 f0"},
		{"local f, g = function() return f end", "f0"},
		{"local f = {function() return f end}", "f0"},
		{"local function f() return f end", "f0"},
	} {
		tree, err := Parse("test", test.source)
		if err != nil {
			t.Errorf("%s: %v", test.source, err)
			continue
		}
		var got []string
		walk(reflect.ValueOf(tree.Stmts), func(node any) {
			switch n := node.(type) {
			case *ast.IdentExpr:
				got = append(got, fmt.Sprint(n.Value, Variable(n)))
			case *ast.BreakStmt:
				got = append(got, "break")
				if LeavesCaptured(n) {
					got = append(got, "leaves")
				}
			case *ast.LocalAssignStmt:
				if NamesAnother(n) {
					got = append(got, "another")
				}
			}
		})
		for n := range 10 {
			if tree.AssignedInside(n) {
				got = append(got, fmt.Sprint("assigned ", n))
			}
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s: got %s, want %s", test.source, got, test.want)
		}
	}
}

// A piece of a session sees the variables of those before it, any number of them up to what a prototype can
// count, and they are no variables of its own.
func TestPiece(t *testing.T) {
	var names []string
	for i := range 300 {
		names = append(names, fmt.Sprint("v", i))
	}
	use := func(n int) string { return "return f(" + strings.Join(names[:n], ", ") + ")" }
	for _, test := range []struct{ source, want string }{
		{use(255), ""},
		{use(256), "test:1: main function has more than 255 upvalues"},
		{"\nreturn function() " + use(256) + " end", "test:2: function at line 2 has more than 255 upvalues"},
		{"local " + strings.Join(names[:61], ", ") + "; return function() " + use(61) + " end", "test:1: function at line 1 has more than 60 upvalues"},
	} {
		_, err := ParsePiece(nil, "test", test.source, names)
		if got := fmt.Sprint(err); got != test.want && (err != nil || test.want != "") {
			t.Errorf("%.40s: got %q, want %q", test.source, got, test.want)
		}
	}
}
