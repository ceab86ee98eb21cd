package multiprocessing_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/multiprocessing"
	"luaspawn/luabind/lib/socket"
)

// confined is what the engines of these tests have, all or some of it. TestMain gives it to Init beside config,
// which children have to forget that were kept ready.
var confined = luabind.Config{Fs: memory(), Modules: []luabind.Module{socket.Module, multiprocessing.Module, socket.Unix, counter(1)}}

func memory() afero.Fs {
	files := afero.NewMemMapFs()
	for _, name := range []string{"in.lua", "in.txt"} {
		if err := afero.WriteFile(files, name, []byte("return 1"), 0o600); err != nil {
			panic(err)
		}
	}
	return files
}

// rooted has a file system that is another one if the program opens it elsewhere.
var rooted = luabind.Config{Fs: root("testdata"), Modules: []luabind.Module{multiprocessing.Module}}

func root(dir string) afero.Fs {
	files, err := luabind.RootFs(dir)
	if err != nil {
		return nil // in a child that is elsewhere
	}
	return files
}

// counter makes modules that are told apart by what their functions are closed over.
func counter(n int) luabind.Module {
	return luabind.Module{Name: "counter", Open: func(*luabind.Host) (lua.LValue, error) { return lua.LNumber(n), nil }}
}

// tries prints how many ways to each right lead there, in this process, its child and its grandchild.
const tries = `
	local outside, files, commands, environment, network, unix = "outside", "files", "commands", "environment", "network", "Unix sockets"
	local names, datagrams = "names", "datagrams"
	local order = {outside, files, commands, environment, network, datagrams, names, unix}
	local socket, mp = require "socket", require "multiprocessing"
	local unixsocket = require "socket.unix"

	local function allowed(v, err) -- else that what failed was not forbidden
		return v or not tostring(err):find("permission denied: Config.Network.%w+ is not set$")
	end
	local function tried(f) return allowed(pcall(f)) end
	local function object(fd) return {getfd = function() return fd end} end
	local function userdata(fd)
		local ud = newproxy(true)
		getmetatable(ud).__index = object(fd)
		return ud
	end
	local ways = {
		[outside] = {
			function() return io.open("/etc/passwd") or io.open("../etc/passwd") or io.open("/proc/self/environ") end,
			function() return loadfile("/etc/passwd") end,
			function() return os.rename("/etc/passwd", "/etc/passwd") end,
			function() return os.remove("/proc/self/environ") end,
			function() return os.getenv("PATH") or os.getenv("HOME") end,
			function() return package.loadlib("/lib/x86_64-linux-gnu/libc.so.6", "system") end,
			function() return socket.tcp():setfd(1) end,
			function() return mp.wait({2}, 0) end, -- 1 is the sentinel of a child's parent
			function() return mp.wait({userdata(1)}, 0) end,
			function() return require "machine" end,
		},
		[files] = {
			function() return io.open("in.txt") end,
			function() return io.lines("in.txt") end,
			function() return loadfile("in.lua") end,
			function() return dofile("in.lua") end,
			function() package.path = "?.lua" package.loaded["in"] = nil return require "in" end,
			function() return os.rename("in.txt", "in.txt") end,
		},
		[commands] = {
			function() return os.execute() == 1 end,
			function() return os.execute("exit 0") == 0 end,
			function() return io.popen("echo x"):read() == "x" end,
			function() return socket.select({object(1)}, nil, 0) end,
		},
		[environment] = {function() return os.getenv("RIGHT") == "yes" end},
		[network] = {
			function() return allowed(socket.tcp()) end,
			function() return allowed(socket.tcp4()) end,
			function() return allowed(socket.tcp6()) end,
			function() return allowed(socket.bind("127.0.0.1", 0)) end,
			function() return allowed(socket.bind("*", 0)) end,
			function() return allowed(socket.connect("127.0.0.1", 1)) end,
			function() return allowed(socket.connect4("127.0.0.1", 1, "127.0.0.1")) end,
			function() return allowed(socket.connect6("::1", 1)) end,
			function() return tried(function() mp.Listener():close() end) end,
			function() return tried(function() mp.Listener{address = {"127.0.0.1", 0}}:close() end) end,
			function() return tried(function() mp.Client{address = {"127.0.0.1", 1}} end) end,
		},
		[datagrams] = {
			function() return allowed(socket.udp()) end,
			function() return allowed(socket.udp4()) end,
			function() return allowed(socket.udp6()) end,
		},
		[names] = {
			function() return allowed(socket.dns.toip("localhost")) end,
			function() return allowed(socket.dns.tohostname("localhost")) end,
			function() return allowed(socket.dns.getaddrinfo("127.0.0.1")) end,
			function() return allowed(socket.dns.gethostname()) end,
		},
		[unix] = {
			function() return allowed(unixsocket.stream()) end,
			function() return allowed(unixsocket.dgram()) end,
			function() return allowed(unixsocket()) end,
			function() return tried(function() mp.Listener{family = "AF_UNIX"}:close() end) end,
			function() return tried(function() mp.Listener{address = "/nowhere/x"}:close() end) end,
			function() return tried(function() mp.Client{address = "/nowhere/x"} end) end,
			function() return tried(function() mp.Client{address = "\0nobody"} end) end,
		},
	}
	local function report(who)
		local line = {}
		for _, right in ipairs(order) do
			local n = 0
			for _, way in ipairs(ways[right]) do
				local ok, v = pcall(way)
				if ok and v then n = n + 1 end
			end
			line[#line + 1] = right .. " " .. n .. "/" .. #ways[right]
		end
		print(who .. ": " .. table.concat(line, ", "))
	end
	report("engine")
	local p = mp.Process{target = function()
		report("child")
		local p = mp.Process{target = report, args = {"grandchild"}}
		p:start()
		p:join()
	end}
	p:start()
	p:join()
`

// A script reaches what its engine's Config says, and nothing else, and so do the processes that it starts,
// although the Config that prestarted workers are made of allows more, and others allow other things.
func TestRights(t *testing.T) {
	all := []string{"outside", "files", "commands", "environment", "network", "datagrams", "names", "Unix sockets"}
	ways := map[string]int{"outside": 10, "files": 6, "commands": 4, "environment": 1, "network": 11, "datagrams": 3, "names": 4, "Unix sockets": 7}
	for _, c := range []struct {
		right string
		give  func(*luabind.Config)
	}{
		{"none", func(*luabind.Config) {}},
		{"files", func(c *luabind.Config) { c.Fs = confined.Fs }},
		{"commands", func(c *luabind.Config) { c.Shell = true }},
		{"environment", func(c *luabind.Config) { c.Environ = []string{"RIGHT=yes", "EMPTY="} }},
		{"network", func(c *luabind.Config) { c.Network.TCP = true }},
		{"datagrams", func(c *luabind.Config) { c.Network.UDP = true }},
		{"Unix sockets", func(c *luabind.Config) { c.Network.Unix = true }},
	} {
		if testing.Short() && (c.right == "environment" || c.right == "datagrams" || c.right == "Unix sockets") {
			continue // TestRightsTravel packs and unpacks each
		}
		t.Run(c.right, func(t *testing.T) {
			cfg := luabind.Config{Modules: confined.Modules[:3]}
			c.give(&cfg)
			var line []string
			for _, right := range all {
				n := 0
				if right == c.right || right == "names" && (c.right == "network" || c.right == "datagrams") {
					n = ways[right]
				}
				line = append(line, fmt.Sprintf("%s %d/%d", right, n, ways[right]))
			}
			want := ""
			for _, who := range []string{"engine", "child", "grandchild"} {
				want += who + ": " + strings.Join(line, ", ") + "\n"
			}
			if got := outputOf(t, cfg, tries); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// Processes, too, are what a Config gives, by its module.
func TestRightToProcesses(t *testing.T) {
	const source = `print(Process == nil, pcall(require, "multiprocessing") == false, os.getpid == nil)`
	for _, c := range []struct {
		modules []luabind.Module
		want    string
	}{
		{nil, "true\ttrue\ttrue\n"},
		{[]luabind.Module{socket.Module}, "true\ttrue\ttrue\n"},
		{[]luabind.Module{multiprocessing.Module}, "false\tfalse\tfalse\n"},
	} {
		if got := outputOf(t, luabind.Config{Modules: c.modules}, source); got != c.want {
			t.Errorf("%d modules: got %q, want %q", len(c.modules), got, c.want)
		}
	}
}

// Modules and the depth of calls are those of the engine as well, in children and theirs.
func TestModulesAndDepthOfChildren(t *testing.T) {
	const source = `
		local function depth()
			local n = 0
			local function f() n = n + 1 f() n = n + 1 end
			pcall(f)
			return n
		end
		local function report(...)
			print(pcall(require, "socket"), (select(2, pcall(require, "counter"))) == 1, depth() < 1000, ...)
		end
		report "engine"
		local p = Process{target = function()
			report "child"
			local p = Process{target = report, args = {"grandchild"}}
			p:start()
			p:join()
		end}
		p:start()
		p:join()
	`
	for _, c := range []struct {
		cfg  luabind.Config
		want string
	}{
		{luabind.Config{Modules: confined.Modules[1:2], CallDepth: 300}, "false\tfalse\ttrue"},
		{luabind.Config{Modules: []luabind.Module{confined.Modules[3], multiprocessing.Module}}, "false\ttrue\tfalse"},
		{luabind.Config{Modules: confined.Modules}, "true\ttrue\tfalse"},
	} {
		want := strings.ReplaceAll("W\tengine\nW\tchild\nW\tgrandchild\n", "W", c.want)
		if got := outputOf(t, c.cfg, source); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// What a child couldn't have is refused when it is started.
func TestUnknownRights(t *testing.T) {
	for _, c := range []struct {
		cfg  luabind.Config
		what string
	}{
		{luabind.Config{Fs: afero.NewMemMapFs(), Modules: []luabind.Module{multiprocessing.Module}}, "Fs"},
		{luabind.Config{Fs: afero.NewBasePathFs(confined.Fs, "/"), Modules: []luabind.Module{multiprocessing.Module}}, "Fs"},
		{luabind.Config{Modules: []luabind.Module{multiprocessing.Module, counter(1)}}, "Modules[1] (counter)"},
		{luabind.Config{Modules: []luabind.Module{{Name: "other", Open: counter(2).Open}, multiprocessing.Module}}, "Modules[0] (other)"},
		{luabind.Config{Fs: confined.Fs, Modules: []luabind.Module{multiprocessing.Module, machine}}, "Modules[1] (machine)"},
	} {
		got := outputOf(t, c.cfg, `
			local p = Process{target = print, name = "worker"}
			print(pcall(function() p:start() end))
			print(p.pid, #require("multiprocessing").active_children())`)
		want := "false\tscript:3: cannot start process 'worker': the engine's Config." + c.what + " is not that of any Config given to multiprocessing.Init: " +
			"multiprocessing.Init(cfg, others...) takes all whose scripts start processes\nnil\t0\n"
		if got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

// A directory that has a relative name is not another one in a child, wherever the program has gone.
func TestRootOfChildren(t *testing.T) {
	const source = `
		local p = Process{target = function() print(io.open("here") ~= nil) end}
		p:start()
		p:join()
		print(p.exitcode)`
	elsewhere := t.TempDir()
	if err := os.MkdirAll(filepath.Join(elsewhere, "testdata", "here"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got, want := outputOf(t, rooted, source), "false\n0\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	t.Chdir(elsewhere)
	if got := outputOf(t, rooted, source); !strings.Contains(got, "multiprocessing: Init was given other Configs") || !strings.HasSuffix(got, "\n1\n") {
		t.Errorf("elsewhere: got %q, want an error", got)
	}
	t.Chdir(t.TempDir())
	if got := outputOf(t, rooted, source); !strings.Contains(got, "multiprocessing: Init was given other Configs") || !strings.HasSuffix(got, "\n1\n") {
		t.Errorf("where there is none: got %q, want an error", got)
	}
}

// outputOf runs source in an engine of its own, to its end and that of its children, and returns what is printed.
func outputOf(t *testing.T, cfg luabind.Config, source string) string {
	t.Helper()
	var out output
	cfg.Stdout, cfg.Stderr = &out, &out
	e, err := luabind.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.Run(t.Context(), "script", strings.NewReader(source)); err != nil {
		t.Error(err)
	}
	return out.String()
}
