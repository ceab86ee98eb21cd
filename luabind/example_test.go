package luabind_test

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
)

func ExampleEngine_Run() {
	e, err := luabind.New(luabind.Config{Stdout: os.Stdout})
	if err != nil {
		panic(err)
	}
	defer e.Close()
	err = e.Run(context.Background(), "hello.lua", strings.NewReader(`print("hello", ...)`), "world")
	fmt.Println(err)

	err = e.Run(context.Background(), "fail.lua", strings.NewReader("local t\nprint(t.x)"))
	var failure *luabind.Error
	fmt.Println(errors.As(err, &failure), err)
	// Output:
	// hello	world
	// <nil>
	// true fail.lua:2: attempt to index local 't' (a nil value)
}

//go:embed testdata/scripts
var scripts embed.FS

func ExampleEngine_RunFile() {
	e, err := luabind.New(luabind.Config{
		Fs:     afero.FromIOFS{FS: scripts},
		Path:   "testdata/scripts/?.lua",
		Stdout: os.Stdout,
	})
	if err != nil {
		panic(err)
	}
	defer e.Close()
	if err := e.RunFile(context.Background(), "testdata/scripts/main.lua"); err != nil {
		fmt.Println(err)
	}
	// Output:
	// hello from embed.FS
}

func ExampleModule() {
	jobs := luabind.Module{Name: "jobs", Open: func(e *luabind.Host) (lua.LValue, error) {
		return e.Value(map[string]any{
			"limit": 3,
			"run": func(name string) (string, error) {
				if name == "" {
					return "", errors.New("a job needs a name")
				}
				return "ran " + name, nil
			},
		})
	}}
	e, err := luabind.New(luabind.Config{Stdout: os.Stdout, Modules: []luabind.Module{jobs}})
	if err != nil {
		panic(err)
	}
	defer e.Close()
	err = e.Run(context.Background(), "jobs.lua", strings.NewReader(`
		local jobs = require "jobs"
		print(jobs.limit, jobs.run("build"))
		jobs.run("")`))
	fmt.Println(err)
	// Output:
	// 3	ran build
	// jobs.lua:4: a job needs a name
}

func ExampleEngine_Call() {
	e, err := luabind.New(luabind.Config{})
	if err != nil {
		panic(err)
	}
	defer e.Close()
	ctx := context.Background()
	if _, err := e.Eval(ctx, `rules = {price = function(item) return item.cost * 1.5, item.name end}`); err != nil {
		panic(err)
	}
	type item struct {
		Name string  `lua:"name"`
		Cost float64 `lua:"cost"`
	}
	results, err := e.Call(ctx, "rules.price", item{"tea", 4})
	fmt.Println(results, err)
	// Output:
	// [6 tea] <nil>
}

func ExampleEngine_Eval() {
	e, err := luabind.New(luabind.Config{})
	if err != nil {
		panic(err)
	}
	defer e.Close()
	if err := e.SetGlobal("limits", map[string]int{"cpu": 2, "memory": 24}); err != nil {
		panic(err)
	}
	results, err := e.Eval(context.Background(), `limits.cpu * 10, {limits.memory, "GiB"}`)
	fmt.Println(results, err)
	// Output:
	// [20 [24 GiB]] <nil>
}

// A script as a file of settings, read into Go's types.
func ExampleEngine_Get() {
	e, err := luabind.New(luabind.Config{})
	if err != nil {
		panic(err)
	}
	defer e.Close()
	const settings = `server = {hosts = {"a", "b"}, port = 8000 + 80, timeout = 2.5}`
	if err := e.Run(context.Background(), "settings.lua", strings.NewReader(settings)); err != nil {
		panic(err)
	}
	var server struct {
		Hosts   []string      `lua:"hosts"`
		Port    int           `lua:"port"`
		Timeout time.Duration `lua:"timeout"`
	}
	fmt.Println(e.Get("server", &server), server)
	fmt.Println(e.Get("server.hosts", new(int)))
	// Output:
	// <nil> {[a b] 8080 2.5s}
	// luabind: server.hosts: number expected, got table
}

func ExampleEngine_EvalInto() {
	e, err := luabind.New(luabind.Config{})
	if err != nil {
		panic(err)
	}
	defer e.Close()
	var (
		quotient int
		rest     float64
	)
	err = e.EvalInto(context.Background(), `math.floor(7 / 2), 7 % 2`, &quotient, &rest)
	fmt.Println(quotient, rest, err)
	// Output:
	// 3 1 <nil>
}

// A deadline ends a script whatever it does.
func ExampleEngine_Run_cancel() {
	e, err := luabind.New(luabind.Config{})
	if err != nil {
		panic(err)
	}
	defer e.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	err = e.Run(ctx, "loop.lua", strings.NewReader(`while true do pcall(function() while true do end end) end`))
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	// Output:
	// true
}

// A script with one directory: what leads out of it isn't there.
func ExampleRootFs() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	root, err := luabind.RootFs(dir)
	if err != nil {
		panic(err)
	}
	e, err := luabind.New(luabind.Config{Fs: root, Stdout: os.Stdout})
	if err != nil {
		panic(err)
	}
	defer e.Close()
	err = e.Run(context.Background(), "files.lua", strings.NewReader(`
		local f = assert(io.open("notes.txt", "w"))
		f:write("hello\n")
		f:close()
		for line in io.lines("/notes.txt") do print(line) end
		print(io.open("../notes.txt"))
		print(io.open("/etc/passwd"))`))
	fmt.Println(err)
	// Output:
	// hello
	// nil	../notes.txt: Permission denied	13
	// nil	/etc/passwd: No such file or directory	2
	// <nil>
}
