package luabind_test

import (
	"context"
	"errors"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
)

// holder is a type that can be compared, with values that can't.
type holder struct{ x any }

func (holder) Write(b []byte) (int, error) { return len(b), nil }
func (holder) Error() string               { return "held" }

// endedContext has ended with an error that can't be compared.
type endedContext struct{ context.Context }

var closed = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

func (endedContext) Done() <-chan struct{} { return closed }
func (endedContext) Err() error            { return holder{[]int{1}} }

// What a program hands in need not be comparable.
func TestNotComparable(t *testing.T) {
	w := holder{[]int{1}}
	e := newEngine(t, luabind.Config{Stdout: w, Stderr: w})
	err := e.Run(endedContext{context.Background()}, "x", failing{errors.New("not read")})
	if err == nil || err.Error() != "luabind: read x: not read" {
		t.Errorf("got %v", err)
	}
	if _, err := e.Eval(endedContext{context.Background()}, "1"); !errors.As(err, new(holder)) {
		t.Errorf("got %v, want the error of the context", err)
	}
	for name, key := range map[string]any{"held": w, "plain": []int{1}, "func": func() {}} {
		if err := e.SetGlobal("key", &lua.LUserData{Value: key, Metatable: lua.LNil}); err != nil {
			t.Fatal(err)
		}
		if got, err := e.Eval(context.Background(), "{[key] = 1}"); !errors.As(err, new(*luabind.ConvertError)) {
			t.Errorf("%s: got %v, %v, want a ConvertError", name, got, err)
		}
		into := func(m map[any]int) int { return len(m) }
		if err := e.SetGlobal("into", into); err != nil {
			t.Fatal(err)
		}
		if got, err := e.Eval(context.Background(), "select(2, pcall(into, {[key] = 1}))"); err != nil || got[0] == 1.0 {
			t.Errorf("%s: got %v, %v, want an error", name, got, err)
		}
	}
}
