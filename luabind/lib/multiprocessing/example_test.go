//go:build linux

package multiprocessing_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/afero"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/multiprocessing"
	"luaspawn/luabind/lib/socket"
)

// The output of children comes to the writers of their engine, and is there
// when join returns.
func Example() {
	// First in main, with the Config of the engine: multiprocessing.Init(cfg)
	var out bytes.Buffer
	cfg := config()
	cfg.Stdout = &out
	e, err := luabind.New(cfg)
	if err != nil {
		panic(err)
	}
	defer e.Close()
	err = e.Run(context.Background(), "capture.lua", strings.NewReader(`
		local n = 20
		local p = Process{target = function(a) print("child", n + a) end, args = {1}}
		p:start()
		p:join()
		print("parent", p.exitcode)`))
	fmt.Print(out.String())
	fmt.Println(err)
	// Output:
	// child	21
	// parent	0
	// <nil>
}

// What a program's main looks like.
func ExampleInit() {
	main := func() {
		cfg := luabind.Config{Stdout: os.Stdout, Stderr: os.Stderr, Modules: []luabind.Module{multiprocessing.Module}}
		multiprocessing.Init(cfg) // in a child it doesn't return
		e, err := luabind.New(cfg)
		if err != nil {
			panic(err)
		}
		defer e.Close()
		fmt.Println(e.Eval(context.Background(), `Process{name = "p"}.name`))
	}
	main()
	// Output:
	// [p] <nil>
}

// A program with scripts of two kinds. What a guest starts may do what a guest may, although
// children are the same program.
func ExampleInit_guests() {
	root, err := luabind.RootFs("/srv/guests")
	if err != nil {
		panic(err)
	}
	trusted := luabind.Config{
		Fs:      afero.NewOsFs(),
		Stdout:  os.Stdout,
		Environ: os.Environ(),
		Shell:   true,
		Network: luabind.Network{TCP: true},
		Modules: []luabind.Module{multiprocessing.Module, socket.Module},
	}
	guest := luabind.Config{Fs: root, Stdout: os.Stdout, Modules: []luabind.Module{multiprocessing.Module}}
	multiprocessing.Init(trusted, guest)

	e, err := luabind.New(guest)
	if err != nil {
		panic(err)
	}
	defer e.Close()
	fmt.Println(e.RunFile(context.Background(), "guest.lua"))
}

// What scripts do among processes can be logged, or made spans of.
func Example_observe() {
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{} // which differs from run to run
			}
			return a
		},
	}))
	cfg := config()
	cfg.Observe = func(e luabind.Event) {
		switch e.Kind {
		case luabind.EventPut, luabind.EventGet, luabind.EventAcquire, luabind.EventRelease:
			log.Info(string(e.Kind), "process", e.Process, "of", e.Of, "number", e.Number, "at", fmt.Sprintf("%s:%d", e.File, e.Line))
		}
	}
	e, err := luabind.New(cfg)
	if err != nil {
		panic(err)
	}
	defer e.Close()
	err = e.Run(context.Background(), "observed.lua", strings.NewReader(`
		local mp = require "multiprocessing"
		local q, lock = mp.Queue(), mp.Lock()
		q:put("one")
		q:put("two")
		lock:hold(function()
			q:get()
		end)`))
	fmt.Println(err)
	// Output:
	// level=INFO msg=put process=MainProcess of=Queue number=1 at=observed.lua:4
	// level=INFO msg=put process=MainProcess of=Queue number=2 at=observed.lua:5
	// level=INFO msg=acquire process=MainProcess of=Lock number=0 at=observed.lua:6
	// level=INFO msg=get process=MainProcess of=Queue number=1 at=observed.lua:7
	// level=INFO msg=release process=MainProcess of=Lock number=0 at=observed.lua:6
	// <nil>
}
