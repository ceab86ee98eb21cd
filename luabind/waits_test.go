//go:build unix

package luabind_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/afero"
	"golang.org/x/sys/unix"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/socket"
	luatime "luaspawn/luabind/lib/time"
)

// Whatever a script waits for, it hears what it is told meanwhile, and goes on to wait. Each source waits for
// what only heard, which runs then, brings about.
func TestHeardWhileWaiting(t *testing.T) {
	const wakes = `if asleep then error("woken", 0) else soon() end` // before that nobody catches it
	for _, c := range []struct{ name, heard, source string }{
		{"time.sleep", wakes, `assert(select(2, pcall(function() asleep = true require("time").sleep(1000) end)) == "woken")`},
		{"socket.sleep", wakes, `assert(select(2, pcall(function() asleep = true socket.sleep(1000) end)) == "woken")`},
		{"io.read of standard input", `stdin:write("a\nbc\n")`, `assert(io.read() == "a") assert(io.read() == "bc")`},
		{"read of half a line", `fifo:write("b\n") fifo:flush()`, `assert(half:read() == "ab")`},
		{"write to a full pipe", `os.execute("head -c 1000000 <fifo >/dev/null 2>&1 &")`, `
			local f = io.open("fifo", "w")
			assert(f:write(("x"):rep(1e6)))`},
		{"open of a named pipe", `late = io.open("other", "r+")`, `assert(io.open("other", "w"))`},
		{"os.execute", `fifo:write("a\n") fifo:flush()`, `assert(os.execute("read x <fifo") == 0)`},
		{"close of a command", `fifo:write("a\n") fifo:flush()`, `assert(io.popen("read x <fifo"):close())`},
		{"accept", `assert(socket.connect(host, port))`, `assert(server:accept())`},
		{"receive", `peer:send("line\n")`, `assert(conn:receive() == "line")`},
		{"select", `peer:send("line\n")`, `assert(socket.select({conn})[1] == conn)`},
		{"send", `peer:settimeout(0) peer:receive(1e9)`, `
			conn:settimeout(nil)
			assert(conn:send(("x"):rep(5e6)))`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range []string{"fifo", "other"} {
				if err := unix.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			t.Chdir(dir)
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			defer w.Close()
			l := &listener{}
			e, err := luabind.New(luabind.Config{
				Fs:      afero.NewOsFs(),
				Stdin:   r,
				Shell:   true,
				Network: luabind.Network{TCP: true},
				Modules: []luabind.Module{luatime.Module, socket.Module, l.module()},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			e.SetGlobal("soon", func() { go l.tell() })
			e.SetGlobal("stdin", map[string]any{"write": func(_ any, s string) { w.WriteString(s) }})
			err = e.Run(t.Context(), "=script", strings.NewReader(`
				socket = require "socket"
				fifo = io.open("fifo", "r+")
				half = io.open("fifo")
				if "`+c.name+`" == "read of half a line" then fifo:write("a") fifo:flush() end
				server = socket.bind("127.0.0.1", 0)
				host, port = server:getsockname()
				if ("accept receive select send"):find("`+c.name+`", 1, true) and "`+c.name+`" ~= "accept" then
					peer = assert(socket.connect(host, port))
					conn = assert(server:accept())
				end
				calls = 0
				function heard()
					calls = calls + 1
					local n = calls -- it may be heard again before this call is over
					if n > 1 then `+c.heard+` end
					if n == 1 or "`+c.name+`" == "send" then soon() end
				end
				soon()
				`+c.source+`
				assert(calls >= 2, "not heard")`))
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// A handler that uses the file for which the script waits is refused, and the wait goes on.
func TestHeardByTheSameFile(t *testing.T) {
	l := &listener{}
	e, err := luabind.New(luabind.Config{Fs: afero.NewOsFs(), Modules: []luabind.Module{l.module()}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	e.SetGlobal("soon", func() { go l.tell() })
	e.SetGlobal("name", fifo)
	got, err := e.Eval(t.Context(), `
		local f, w = io.open(name, "r+"), io.open(name, "w")
		local errors = {}
		function heard()
			local ok, err = pcall(f.seek, f)
			if ok or not err:find("being read") then -- the script is on its way to the read
				return soon()
			end
			for _, what in ipairs{"read", "write", "close", "flush", "seek"} do
				local ok, err = pcall(f[what], f)
				errors[#errors + 1] = tostring(ok) .. " " .. tostring(err)
			end
			w:write("line\n")
			w:flush()
		end
		soon()
		local line = f:read()
		return line, table.concat(errors, "|"), pcall(f.close, f)`)
	if err != nil {
		t.Fatal(err)
	}
	refused := strings.Count(got[1].(string), "false attempt to use a file that is being read or written")
	if got[0] != "line" || refused != 5 || got[2] != true {
		t.Errorf("got %q", got)
	}
}
