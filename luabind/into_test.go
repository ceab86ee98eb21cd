package luabind_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"luaspawn/luabind"
)

// What Get and EvalInto make of Lua values for a type that is given.
func TestInto(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	ctx := context.Background()
	for _, test := range []struct {
		source string
		into   any // a pointer to what isn't its zero
		want   any
	}{
		{`3`, ptr(7), 3},
		{`"3.5"`, ptr(7.0), 3.5},
		{`"x"`, ptr("y"), "x"},
		{`nil`, ptr(true), false},
		{`{1, 2}`, ptr([]int{7, 8, 9}), []int{1, 2}},
		{`{a = {true}}`, ptr(map[string][]bool{"b": nil}), map[string][]bool{"a": {true}}},
		{`{X = 1, label = "l"}`, ptr(point{Y: 7}), point{X: 1, Label: "l"}},
		{`1.5`, ptr(time.Hour), 1500 * time.Millisecond},
		{`nil`, ptr(&point{}), (*point)(nil)},
		{`{1, x = 2}`, ptr[any](nil), map[any]any{1.0: 1.0, "x": 2.0}},
	} {
		if err := e.EvalInto(ctx, test.source, test.into); err != nil {
			t.Errorf("EvalInto %s: %v", test.source, err)
		}
		if got := reflect.ValueOf(test.into).Elem().Interface(); !reflect.DeepEqual(got, test.want) {
			t.Errorf("EvalInto %s: got %#v, want %#v", test.source, got, test.want)
		}
		reflect.ValueOf(test.into).Elem().SetZero()
		if err := e.Run(ctx, "set", strings.NewReader("t = {v = "+test.source+"}")); err != nil {
			t.Fatal(err)
		}
		if err := e.Get("t.v", test.into); err != nil {
			t.Errorf("Get %s: %v", test.source, err)
		}
		if got := reflect.ValueOf(test.into).Elem().Interface(); !reflect.DeepEqual(got, test.want) {
			t.Errorf("Get %s: got %#v, want %#v", test.source, got, test.want)
		}
	}
}

func ptr[T any](v T) *T { return &v }

// Several values, those that are missing, and functions.
func TestEvalIntoSeveral(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	var (
		n    int
		s    string
		rest = []int{1}
		add  func(int, int) (int, error)
	)
	const source = `n = 5 return n, "s", nil, function(a, b) return a + b + n end, "more than asked for"`
	if err := e.EvalInto(context.Background(), source, &n, &s, &rest, &add); err != nil {
		t.Fatal(err)
	}
	if n != 5 || s != "s" || rest != nil {
		t.Errorf("got %v, %q, %v", n, s, rest)
	}
	if sum, err := add(1, 2); sum != 8 || err != nil {
		t.Errorf("got %v, %v", sum, err)
	}
	if err := e.Get("math.max", &add); err != nil {
		t.Fatal(err)
	}
	if largest, err := add(1, 2); largest != 2 || err != nil {
		t.Errorf("got %v, %v", largest, err)
	}
}

// What doesn't fit is an error with the path, and sets nothing.
func TestIntoErrors(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	ctx := context.Background()
	if err := e.Run(ctx, "set", strings.NewReader(`t = {list = {1, "x"}, f = print}`)); err != nil {
		t.Fatal(err)
	}
	first, list := 7, []int{7}
	var refused *luabind.ConvertError
	if err := e.EvalInto(ctx, `1, t.list`, &first, &list); !errors.As(err, &refused) || refused.Path != "result 2 of eval[2]" {
		t.Errorf("EvalInto: got %v", err)
	}
	if err := e.Get("t.list", &list); !errors.As(err, &refused) || refused.Path != "t.list[2]" {
		t.Errorf("Get: got %v", err)
	}
	if first != 7 || list[0] != 7 {
		t.Errorf("set nevertheless: %v, %v", first, list)
	}
	for name, want := range map[string]string{
		"none":       "luabind: none: number expected, got nil",
		"none.x":     "cannot get none.x: x is not in a table",
		"t.f.x":      "cannot get t.f.x: x is not in a table",
		"t.list.n.m": "cannot get t.list.n.m: m is not in a table",
	} {
		if err := e.Get(name, &first); err == nil || err.Error() != want {
			t.Errorf("Get %s: got %v, want %s", name, err, want)
		}
	}
	for _, into := range []any{nil, 5, (*int)(nil)} {
		if e.Get("t", into) == nil || e.EvalInto(ctx, "1", into) == nil {
			t.Errorf("into %#v: no error", into)
		}
	}
	if err := e.SetGlobal("get", func() error { return e.Get("t", new(any)) }); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Eval(ctx, "get()"); !errors.Is(err, luabind.ErrBusy) {
		t.Errorf("Get in a run: got %v", err)
	}
	if err := e.EvalInto(ctx, "error('x')"); err == nil || !strings.Contains(err.Error(), "eval:1: x") {
		t.Errorf("EvalInto of an error: got %v", err)
	}
	e.Close()
	if err := e.Get("t", new(any)); !errors.Is(err, luabind.ErrClosed) {
		t.Errorf("Get after Close: got %v", err)
	}
}
