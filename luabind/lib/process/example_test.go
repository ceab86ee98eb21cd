//go:build linux

package process_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/process"
)

// The output of children comes to the writers of their engine, and is there
// when join returns.
func Example() {
	// First in main, with the Config of the engine: process.Init(cfg)
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
		cfg := luabind.Config{Stdout: os.Stdout, Stderr: os.Stderr, Modules: []luabind.Module{process.Module}}
		process.Init(cfg) // in a child it doesn't return
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
