package vm

import (
	"reflect"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
)

// Another gopher-lua is refused, with what is different in it.
func TestKnown(t *testing.T) {
	if err := Known(); err != nil {
		t.Error(err)
	}
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
