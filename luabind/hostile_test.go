package luabind_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
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
		{`pcall(load, function() return "--" .. ("x"):rep(1e6) end)`, "deadline"},
		{`pcall(unpack, {}, 1, 1e7)`, "too many results to unpack"},
		{`pcall(unpack, {}, -2^31, 2^31 - 1)`, "too many results to unpack"},
		{`(function() while true do end end)()`, "deadline"},
		{`pcall(function() while true do end end)`, "deadline"},
	} {
		t.Run(test.try, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
			defer cancel()
			e := newEngine(t, luabind.Config{})
			if err := e.SetGlobal("SECRET", secret); err != nil {
				t.Fatal(err)
			}
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

// Engines that were closed leave nothing behind.
func TestManyEngines(t *testing.T) {
	goroutines := runtime.NumGoroutine()
	var before, after runtime.MemStats
	use := func(n int) {
		for range n {
			e, err := luabind.New(luabind.Config{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.Eval(context.Background(), `
				local f = io.open("x", "w"); f:write("y")
				local co = coroutine.wrap(function() coroutine.yield(1) end); co()
				return string.rep("z", 100000)`); err != nil {
				t.Fatal(err)
			}
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		runtime.GC() // cleanups have run after the second one
	}
	use(100)
	runtime.ReadMemStats(&before)
	use(1000)
	runtime.ReadMemStats(&after)
	if n := runtime.NumGoroutine(); n > goroutines+2 {
		t.Errorf("%d goroutines, there were %d", n, goroutines)
	}
	if after.HeapAlloc > before.HeapAlloc+8<<20 {
		t.Errorf("%d bytes of heap after 1,100 engines, %d after 100", after.HeapAlloc, before.HeapAlloc)
	}
}
