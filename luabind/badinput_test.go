package luabind_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
)

// New says which field it can't work with.
func TestBadConfig(t *testing.T) {
	ok := func(*luabind.Host) (lua.LValue, error) { return nil, nil }
	for _, test := range []struct {
		config luabind.Config
		field  string
		want   string
	}{
		{luabind.Config{Stdout: (*bytes.Buffer)(nil)}, "Stdout", "luabind: Config.Stdout is a nil *bytes.Buffer"},
		{luabind.Config{Stderr: (*os.File)(nil)}, "Stderr", "luabind: Config.Stderr is a nil *os.File"},
		{luabind.Config{Stdin: (*strings.Reader)(nil)}, "Stdin", "luabind: Config.Stdin is a nil *strings.Reader"},
		{luabind.Config{Modules: []luabind.Module{{Name: "m", Open: ok}, {Name: "n"}}}, "Modules[1]", "luabind: Config.Modules[1] (n) has no Open"},
		{luabind.Config{Modules: []luabind.Module{{Open: ok}}}, "Modules[0]", "luabind: Config.Modules[0] has no Name"},
	} {
		_, err := luabind.New(test.config)
		var bad *luabind.ConfigError
		if !errors.As(err, &bad) || bad.Field != test.field || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
	e := newEngine(t, luabind.Config{Modules: []luabind.Module{{Name: "nothing", Open: ok}}})
	if got, err := e.Eval(context.Background(), `require "nothing"`); err != nil || got[0] != true {
		t.Errorf("a module that returns nothing: got %v, %v", got, err)
	}
}

// What a program may give to an engine, and the error that it can look for.
func TestBadInput(t *testing.T) {
	e := newEngine(t, luabind.Config{})
	ctx := context.Background()
	boom := errors.New("boom")
	if err := e.SetGlobal("boom", func() error { return boom }); err != nil {
		t.Fatal(err)
	}
	got, err := e.Eval(ctx, "function(...) return ... end")
	if err != nil {
		t.Fatal(err)
	}
	echo := got[0].(luabind.Func)
	as := func(target any) func(error) bool { return func(err error) bool { return errors.As(err, target) } }
	says := func(text string) func(error) bool {
		return func(err error) bool { return err != nil && err.Error() == text }
	}
	is := func(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }
	for _, test := range []struct {
		name string
		do   func() error
		want func(error) bool
	}{
		{"a file that is not there", func() error { return e.RunFile(ctx, "none.lua") }, is(fs.ErrNotExist)},
		{"a name that is none", func() error { return e.RunFile(ctx, "") }, is(fs.ErrNotExist)},
		{"a directory", func() error { return e.RunFile(ctx, "/") }, is(syscall.EISDIR)},
		{"a reader that fails", func() error { return e.Run(ctx, "x", failing{boom}) }, is(boom)},
		{"a syntax error", func() error { return e.Run(ctx, "x", strings.NewReader("x = = 1")) }, as(new(*luabind.Error))},
		{"an error", func() error { return e.Run(ctx, "x", strings.NewReader("error()")) }, as(new(*luabind.Error))},
		{"a Go function's error", func() error { _, err := e.Call(ctx, "boom"); return err }, is(boom)},
		{"os.exit", func() error { return e.Run(ctx, "x", strings.NewReader("os.exit(3)")) }, as(new(*luabind.ExitError))},
		{"a function that is not there", func() error { _, err := e.Call(ctx, "a.b.c"); return err }, as(new(*luabind.Error))},
		{"an argument that can't cross", func() error { _, err := e.Call(ctx, "print", make(chan int)); return err }, as(new(*luabind.ConvertError))},
		{"a result that can't cross", func() error { _, err := e.Eval(ctx, "coroutine.create(print)"); return err }, as(new(*luabind.ConvertError))},
		{"a global that can't cross", func() error { return e.SetGlobal("x", []any{1, []any{make(chan int)}}) }, as(new(*luabind.ConvertError))},
		{"a value that can't cross", func() error { _, err := e.Host().Value(struct{ C chan int }{make(chan int)}); return err }, as(new(*luabind.ConvertError))},
		{"no function at all", func() error { _, err := e.Do(ctx, lua.LNil, 0); return err }, as(new(*luabind.Error))},
		{"a directory that is not there", func() error { _, err := luabind.RootFs("/none"); return err }, is(fs.ErrNotExist)},
		{"what can't travel", func() error {
			_, err := e.Host().Pack("a child", luabind.Root{Name: "x", Value: &lua.LUserData{Value: 1, Metatable: lua.LNil}})
			return err
		}, as(new(*luabind.SendError))},
		{"a Go function of this engine only", func() error {
			_, err := e.Host().Pack("a child", luabind.Root{Name: "f", Value: e.State().GetGlobal("boom")})
			return err
		}, says("cannot send to a child: f is a function bound from Go in this engine only (use a Module, or get it in the child)")},
		{"a snapshot that is none", func() error { _, err := e.Host().Unpack(&luabind.Snapshot{Data: []byte("x")}); return err }, func(err error) bool { return err != nil }},
		{"closed", e.Close, func(err error) bool { return err == nil }},
		{"closed twice", e.Close, func(err error) bool { return err == nil }},
		{"Run when closed", func() error { return e.Run(ctx, "x", strings.NewReader("")) }, is(luabind.ErrClosed)},
		{"Eval when closed", func() error { _, err := e.Eval(ctx, "1"); return err }, is(luabind.ErrClosed)},
		{"Call when closed", func() error { _, err := e.Call(ctx, "print"); return err }, is(luabind.ErrClosed)},
		{"Do when closed", func() error { _, err := e.Do(ctx, lua.LNil, 0); return err }, is(luabind.ErrClosed)},
		{"SetGlobal when closed", func() error { return e.SetGlobal("x", 1) }, is(luabind.ErrClosed)},
		{"a function of an engine that is closed", func() error { _, err := echo(ctx, 1); return err }, is(luabind.ErrClosed)},
	} {
		if err := test.do(); !test.want(err) {
			t.Errorf("%s: got %v", test.name, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
