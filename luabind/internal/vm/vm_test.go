package vm

import (
	"os"
	"reflect"
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
	newer, other, replaced := known, known, known
	newer.Version, other.Sum, replaced.Replace = "v1.1.3", "h1:other", &debug.Module{Path: "../mine"}
	for want, deps := range map[bool][][]*debug.Module{
		true:  {{{Path: "example.org/a"}, &known}},
		false: {nil, {{Path: "example.org/a"}}, {&newer}, {&other}, {&replaced}},
	} {
		for _, d := range deps {
			if got := builtFrom(&debug.BuildInfo{Deps: d}); got != want {
				t.Errorf("%v: got %v, want %v", d, got, want)
			}
		}
	}
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
