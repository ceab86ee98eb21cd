package luabind_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"luaspawn/luabind"
)

// What a script can try under the zero Config, and what it gets: a Lua error or
// a nil with a message, and the host alive.
func TestHostile(t *testing.T) {
	t.Setenv("LUABIND_SECRET", "s3cret")
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("s3cret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ try, want string }{
		{`io.open("/etc/passwd")`, "nil\t/etc/passwd: No such file or directory\t2"},
		{`io.open(SECRET)`, "No such file or directory"},
		{`io.open("../" .. SECRET)`, "No such file or directory"},
		{`pcall(io.lines, "/etc/passwd")`, "No such file or directory"},
		{`pcall(dofile, "/etc/passwd")`, "cannot open /etc/passwd: No such file or directory"},
		{`loadfile("/etc/passwd")`, "cannot open /etc/passwd: No such file or directory"},
		{`pcall(require, "/etc/passwd")`, "module '/etc/passwd' not found"},
		{`os.remove(SECRET)`, "No such file or directory"},
		{`os.rename(SECRET, "x")`, "No such file or directory"},
		{`os.getenv("LUABIND_SECRET")`, "nil"},
		{`os.getenv("HOME")`, "nil"},
		{`pcall(os.execute, "touch " .. SECRET .. ".touched")`, "'execute' not supported"},
		{`pcall(io.popen, "cat " .. SECRET)`, "'popen' not supported"},
		{`package.loadlib("/lib/x86_64-linux-gnu/libc.so.6", "system")`, "nil\tdynamic libraries not enabled; check your Lua installation\tabsent"},
		{`io.read()`, "nil"},
		{`pcall(require, "socket")`, "module 'socket' not found"},
		{`pcall(require, "multiprocessing")`, "module 'multiprocessing' not found"},
		{`type(os.exit), pcall(debug.getregistry or error)`, "function"},
		{`pcall(string.rep, "x", 2^40)`, "resulting string too large"},
		{`pcall(function() local function f() return 1 + f() end return f() end)`, "stack overflow"},
		{`pcall(function() local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x end)`, "loop in gettable"},
		{`pcall(loadstring, ("("):rep(1e4))`, "true\tnil"},
		{`pcall(loadstring, "return " .. ("{"):rep(1e4) .. ("}"):rep(1e4))`, "true\tnil"},
		{`pcall(loadstring, ("("):rep(1e7))`, "chunk has too many syntax levels"},
		{`pcall(loadstring, "x = {" .. ("1,"):rep(1e7) .. "}")`, "deadline"},
		{`pcall(load, function() return "x = x + 1 " end)`, "deadline"},
		{`pcall(string.find, ("a"):rep(1e5), ("a*"):rep(1e3) .. "b")`, "deadline"},
		{`table.insert({}, -2^31 + 1, 1)`, "deadline"},
		{`pcall(table.insert, {}, -2^31 + 1, 1)`, "deadline"},
		{`(function() local t = {} for i = 1, 1e5 do t[i] = i end while true do table.sort(t) table.concat(t) end end)()`, "deadline"},
		{`(function() local t = setmetatable({}, {__mode = "k"}) while true do t[{}] = t collectgarbage() end end)()`, "deadline"},
		{`pcall(loadstring, string.dump(function() end):rep(2))`, "unexpected end in precompiled chunk"},
		{`pcall(load, function() return "--" .. ("x"):rep(100) end)`, "deadline"},
		{`pcall(unpack, {}, 1, 1e7)`, "too many results to unpack"},
		{`pcall(unpack, {}, -2^31, 2^31 - 1)`, "too many results to unpack"},
		{`(function() while true do end end)()`, "deadline"},
		{`pcall(function() while true do end end)`, "deadline"},
	} {
		t.Run(test.try, func(t *testing.T) {
			e := newEngine(t, luabind.Config{})
			if err := e.SetGlobal("SECRET", secret); err != nil {
				t.Fatal(err)
			}
			limit := time.Minute
			if test.want == "deadline" {
				limit = 50 * time.Millisecond
			}
			ctx, cancel := context.WithTimeout(context.Background(), limit)
			defer cancel()
			out, err := e.Eval(ctx, `(function(...)
				local t = {}
				for i = 1, select("#", ...) do t[i] = tostring((select(i, ...))) end
				return table.concat(t, "\t")
			end)(`+test.try+`)`)
			got := ""
			switch {
			case errors.Is(err, context.DeadlineExceeded):
				got = "deadline"
			case err != nil:
				got = err.Error()
			default:
				got = out[0].(string)
			}
			if !strings.Contains(got, test.want) || strings.Contains(got, "s3cret") {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Errorf("files %v, %v, want the secret alone", files, err)
	}
}

// Engines that were closed leave nothing behind: no goroutine, descriptor or
// child, and no memory.
func TestManyEngines(t *testing.T) {
	dir := t.TempDir()
	var before, after runtime.MemStats
	use := func(n int) {
		for i := range n {
			root, err := luabind.RootFs(dir)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			e, err := luabind.New(luabind.Config{Fs: root, Shell: true})
			if err != nil {
				t.Fatal(err)
			}
			if err := e.SetGlobal("command", i%50 == 0); err != nil { // they take a millisecond each
				t.Fatal(err)
			}
			if _, err := e.Eval(ctx, `
				local f = io.open("x", "w"); f:write("y")
				local g = io.open("x")
				local h = io.tmpfile()
				if command then local p = io.popen("echo x"); local q = io.popen("cat", "w"); os.execute("true") end
				local co = coroutine.wrap(function() coroutine.yield(1) end); co()
				return string.rep("z", 100000)`); err != nil {
				t.Fatal(err)
			}
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			root.(io.Closer).Close()
			cancel()
		}
		runtime.GC()
		runtime.GC() // what has a cleanup is free after the second one
	}
	use(50)
	goroutines, descriptors := runtime.NumGoroutine(), openDescriptors(t) // the first engines open the runtime's poller
	runtime.ReadMemStats(&before)
	use(250)
	left := func() (what []string) {
		runtime.GC()
		runtime.ReadMemStats(&after)
		if n := runtime.NumGoroutine(); n > goroutines+2 {
			what = append(what, fmt.Sprintf("%d goroutines, there were %d", n, goroutines))
		}
		if n := openDescriptors(t); n > descriptors {
			what = append(what, fmt.Sprintf("%d descriptors, there were %d", n, descriptors))
		}
		if after.HeapAlloc > before.HeapAlloc+4<<20 {
			what = append(what, fmt.Sprintf("%d bytes of heap after 300 engines, %d after 50", after.HeapAlloc, before.HeapAlloc))
		}
		threads, err := filepath.Glob("/proc/self/task/*/children")
		if err != nil {
			t.Fatal(err)
		}
		for _, thread := range threads {
			if children, err := os.ReadFile(thread); err == nil && len(children) > 0 {
				what = append(what, fmt.Sprintf("children %s", children))
			}
		}
		return what
	}
	// Cleanups run on goroutines of the runtime, whenever these come to it.
	over := time.After(time.Minute)
	for what := left(); len(what) > 0; what = left() {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-over:
			t.Fatal(strings.Join(what, ", "))
		}
	}
}

// openDescriptors is 0 where the system doesn't say.
func openDescriptors(t *testing.T) int {
	t.Helper()
	if runtime.GOOS != "linux" { // under Wine the directory is there, with Wine's own
		return 0
	}
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// Engines on goroutines of their own don't disturb one another. The race detector
// looks at it.
func TestEnginesSideBySide(t *testing.T) {
	shared := files(t, map[string]string{"m.lua": "return {n = ...}"}) // a file system may be shared
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			var out strings.Builder
			e, err := luabind.New(luabind.Config{Fs: shared, Path: "?.lua", Stdout: &out})
			if err != nil {
				t.Error(err)
				return
			}
			defer e.Close()
			if err := e.SetGlobal("id", i); err != nil {
				t.Error(err)
			}
			if err := e.SetGlobal("double", func(n int) int { return 2 * n }); err != nil {
				t.Error(err)
			}
			for range 20 {
				ctx, cancel := context.WithCancel(context.Background())
				err := e.Run(ctx, "x", strings.NewReader(`
					local m = require "m"
					math.randomseed(id)
					local t = {}
					for i = 1, 100 do t[i] = math.random(1000) end
					table.sort(t, function(a, b) return a > b end)
					local s = table.concat(t, ","):gsub("%d+", function(d) return double(tonumber(d)) end)
					last = last or s
					assert(s == last and #loadstring("return ...")(s) == #s and m.n == "m")
					setmetatable(_G, {__index = function() return id end})
					local f = io.open("file" .. id, "w"); f:write(s); f:close()
					assert(io.open("file" .. id):read("*a") == s)
					coroutine.wrap(function() pcall(error, "x") end)()
					print(id, nothing)`))
				cancel()
				if err != nil {
					t.Error(err)
				}
			}
			if want := strings.Repeat(fmt.Sprintf("%d\t%d\n", i, i), 20); out.String() != want {
				t.Errorf("got %q, want %q", out.String(), want)
			}
		})
	}
	group.Wait()
}
