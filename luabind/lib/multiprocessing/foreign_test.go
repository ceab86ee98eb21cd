//go:build linux

package multiprocessing_test

import (
	"context"
	"errors"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
)

// A program's function of gopher-lua's kind catches errors of this module as tables that it can read.
func TestForeignErrors(t *testing.T) {
	e, err := luabind.New(config())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var names []string
	e.SetGlobal("protected", lua.LGFunction(func(L *lua.LState) int {
		L.Push(L.CheckFunction(1))
		var failure *lua.ApiError
		if err := L.PCall(0, 0, nil); !errors.As(err, &failure) {
			t.Errorf("got %v", err)
		} else if table, ok := failure.Object.(*lua.LTable); !ok {
			t.Errorf("got a %s", failure.Object.Type())
		} else {
			names = append(names, table.RawGetString("name").String())
		}
		return 0
	}))
	_, err = e.Eval(context.Background(), `
		local mp = require "multiprocessing"
		local q, p = mp.Queue(), mp.Pool(1)
		protected(function() q:get(true, 0) end)
		protected(function() coroutine.wrap(function() q:get(true, 0) end)() end)
		protected(function() mp.Array("i", 1)[2] = 1 end)
		protected(function() p:apply(os.exit, {3}) end)
		p:close()
		p:join()`)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Empty", "Empty", "IndexError", "WorkerLostError"}
	if len(names) != len(want) {
		t.Fatalf("got %q, want %q", names, want)
	}
	for i := range want {
		if names[i] != want[i] {
			t.Errorf("got %q, want %q", names, want)
		}
	}
}
