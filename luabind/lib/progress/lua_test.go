package progress_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/progress"
	"luaspawn/luabind/luatest"
)

func config() luabind.Config {
	return luabind.Config{Fs: afero.NewOsFs(), Modules: []luabind.Module{progress.Module}}
}

func TestLua(t *testing.T) {
	luatest.Run(t, config(), "testdata/*.lua")
}

// A module in Go makes a bar, adds to it from any goroutine and lets it end with a loop.
func TestFromGo(t *testing.T) {
	cfg := config()
	var stderr bytes.Buffer
	cfg.Stderr = &stderr
	cfg.Modules = append(cfg.Modules, luabind.Module{Name: "work", Open: func(h *luabind.Host) (lua.LValue, error) {
		return h.State().NewFunction(func(L *lua.LState) int {
			bar, i := progress.New(h, "work", 3), 0
			L.Push(L.NewFunction(func(L *lua.LState) int {
				bar.Follow(L)
				done := make(chan struct{})
				go func() {
					bar.Add(1)
					close(done)
				}()
				<-done
				if i++; i > 3 {
					bar.Close()
					return 0
				}
				L.Push(lua.LNumber(i))
				return 1
			}))
			return 1
		}), nil
	}})
	e, err := luabind.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	err = e.Run(context.Background(), "work.lua", strings.NewReader(`
		local work = require "work"
		for i in work() do end
		for i in work() do break end
		for i in work() do error("x") end`))
	if err == nil || err.Error() != "work.lua:5: x" {
		t.Errorf("got %v", err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if stderr.Len() > 0 {
		t.Errorf("got %q where there is no terminal", stderr.String())
	}
}

// Without the module there is nothing to show, and nothing to fail.
func TestWithoutModule(t *testing.T) {
	e, err := luabind.New(luabind.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	bar := progress.New(e.Host(), "work", 3)
	bar.Add(1)
	bar.Close()
	bar.Close()
}

// Bars that lines stand for are ended by Mute, while the script runs.
func TestMute(t *testing.T) {
	cfg := config()
	var stderr bytes.Buffer
	cfg.Stderr = &stderr
	e, err := luabind.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.SetGlobal("mute", func() {
		done := make(chan struct{})
		go func() {
			e.Host().Mute()
			close(done)
		}()
		<-done
	}); err != nil {
		t.Fatal(err)
	}
	err = e.Run(context.Background(), "mute.lua", strings.NewReader(`
		local progress = require "progress"
		local bar = progress{total = 4, label = "work", lines = true}
		bar:add()
		mute()
		bar:add()
		for i in progress({1, 2}, {lines = true}) do end`))
	if err != nil {
		t.Fatal(err)
	}
	if got := stderr.String(); !strings.HasPrefix(got, "work 25% 1/4 ") || strings.Count(got, "\n") != 1 {
		t.Errorf("got %q", got)
	}
}

// A bar stays what it is over several runs: its line comes at the end of each in which something was done.
func TestRuns(t *testing.T) {
	cfg := config()
	var stderr bytes.Buffer
	cfg.Stderr = &stderr
	e, err := luabind.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, step := range []struct{ source, want string }{
		{`bar = require "progress"{total = 4, lines = true}`, "0% 0/4 "},
		{`bar:add(2)`, "50% 2/4 "},
		{`x = 1`, ""},
		{`bar:add() bar:close()`, "75% 3/4 "},
		{`bar:add() bar:close()`, ""},
	} {
		stderr.Reset()
		if err := e.Run(context.Background(), "step.lua", strings.NewReader(step.source)); err != nil {
			t.Fatal(err)
		}
		if got := stderr.String(); !strings.HasPrefix(got, step.want) || step.want == "" && got != "" {
			t.Errorf("%s: got %q, want %q", step.source, got, step.want)
		}
	}
}
