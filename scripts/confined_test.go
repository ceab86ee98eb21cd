//go:build linux

package scripts

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/afero"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/atexit"
	"luaspawn/luabind/lib/http"
	"luaspawn/luabind/lib/json"
	"luaspawn/luabind/lib/lfs"
	"luaspawn/luabind/lib/mime"
	"luaspawn/luabind/lib/progress"
	"luaspawn/luabind/lib/signal"
	"luaspawn/luabind/lib/socket"
	"luaspawn/luabind/lib/subprocess"
	"luaspawn/luabind/lib/system"
	luatime "luaspawn/luabind/lib/time"
)

// houseModules are the modules of the command but for multiprocessing, whose functions TestRights of its
// package tries in children as well.
var houseModules = slices.Concat([]luabind.Module{
	luatime.Module, progress.Module, socket.Module, signal.Module, atexit.Module, subprocess.Module, lfs.Module,
	json.Module, json.CJSON, json.Safe, socket.Core, socket.Unix, socket.TLS, socket.HTTPS, system.Core, system.Term,
}, mime.Modules, http.Modules)

// rights are those of a Config.
var rights = map[string]func(*luabind.Config){
	"Fs":      func(c *luabind.Config) { c.Fs = afero.NewOsFs() },
	"Shell":   func(c *luabind.Config) { c.Shell = true },
	"Signals": func(c *luabind.Config) { c.Signals = true },
	"TCP":     func(c *luabind.Config) { c.Network.TCP = true },
	"UDP":     func(c *luabind.Config) { c.Network.UDP = true },
	"Unix":    func(c *luabind.Config) { c.Network.Unix = true },
	"Environ": func(c *luabind.Config) { c.Environ = os.Environ() },
}

// refusals are what functions give, or raise, without a right.
var refusals = map[string]string{
	"Fs":      "No such file or directory",
	"Shell":   "not supported",
	"Signals": "not supported",
	"TCP":     "permission denied: Config.Network.TCP is not set",
	"UDP":     "permission denied: Config.Network.UDP is not set",
	"Unix":    "permission denied: Config.Network.Unix is not set",
}

// guarded are the functions of modules that need a right: a call of each, and its right, or one of them. DIR is
// a directory of the machine.
var guarded = []struct{ call, right string }{
	{`socket.tcp()`, "TCP"}, {`socket.tcp4()`, "TCP"}, {`socket.tcp6()`, "TCP"},
	{`socket.bind("127.0.0.1", 0)`, "TCP"},
	{`socket.connect("127.0.0.1", 1)`, "TCP"}, {`socket.connect4("127.0.0.1", 1)`, "TCP"}, {`socket.connect6("::1", 1)`, "TCP"},
	{`socket.udp()`, "UDP"}, {`socket.udp4()`, "UDP"}, {`socket.udp6()`, "UDP"},
	{`socket.dns.toip("127.0.0.1")`, "TCP UDP"}, {`socket.dns.tohostname("127.0.0.1")`, "TCP UDP"},
	{`socket.dns.getaddrinfo("127.0.0.1")`, "TCP UDP"}, {`socket.dns.gethostname()`, "TCP UDP"},
	{`socket.unix.stream()`, "Unix"}, {`socket.unix.dgram()`, "Unix"}, {`socket.unix.tcp()`, "Unix"}, {`socket.unix.udp()`, "Unix"},
	{`socket.unix.__call()`, "Unix"},
	{`socket.tls.start(assert(M["socket"].bind("127.0.0.1", 0)), "x")`, "TCP"},
	{`ssl.https.request("https://127.0.0.1:1/")`, "TCP"},
	{`socket.http.request("http://127.0.0.1:1/")`, "TCP"},

	{`signal.signal("USR2", M.signal.default)`, "Signals"}, {`signal.getsignal("USR2")`, "Signals"}, {`signal.raise("CONT")`, "Signals"},
	{`signal.alarm(0)`, "Signals"}, {`signal.pause(pcall(M.signal.signal, "ALRM", function() end), pcall(M.signal.alarm, 0.001))`, "Signals"},
	{`subprocess.run{"true"}`, "Shell"}, {`subprocess.popen{"true"}`, "Shell"},

	{`lfs.attributes(DIR)`, "Fs"}, {`lfs.symlinkattributes(DIR)`, "Fs"}, {`lfs.dir(DIR)`, "Fs"}, {`lfs.chdir(DIR)`, "Fs"},
	{`lfs.mkdir(DIR .. "/new")`, "Fs"}, {`lfs.rmdir(DIR .. "/empty")`, "Fs"}, {`lfs.touch(DIR .. "/f")`, "Fs"},
	{`lfs.lock(assert(io.open(DIR .. "/f", "r+")), "w")`, "Fs"}, {`lfs.unlock(assert(io.open(DIR .. "/f", "r+")))`, "Fs"},
}

// free are the functions of modules that reach nothing outside the engine, but for its streams and the clock.
var free = regexp.MustCompile(`^(` + strings.Join([]string{
	`time\.(sleep|time|monotonic)`, `progress`, `atexit.*`, `(json|cjson|cjson\.safe|mime|mime\.core|ltn12|socket\.url)\..*`,
	`socket\.(select|gettime|sleep|skip|try|newtry|protect)`, // select: see mayAwait there
	`signal\.default_int_handler`, `subprocess\.(TimeoutExpired|CalledProcessError)\..*`,
	`lfs\.(currentdir|setmode)`,
	`lfs\.(link|lock_dir)`,      // in the memory that stands for files; TestZeroConfig of lfs tries them
	`socket\.core\..*`,          // is socket
	`ssl\.https\.tcp`,           // makes a function that calls socket.tcp
	`socket\.http\.schemes\..*`, // the same
	`socket\.http\.genericform`, // makes a string
	`system\.core\.(gettime|monotime|sleep)`, `term\.core\.isatty`,
}, "|") + `)$`)

// Each function of each module that needs a right fails, in a way that says so, where all rights are there but
// this one, and not where there is this one alone; no function is in neither list.
func TestConfinedModules(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/f", []byte("abc"), 0o666); err != nil {
		t.Fatal(err)
	}
	try := func(cfg luabind.Config, call string) string {
		t.Helper()
		if err := os.Mkdir(dir+"/empty", 0o777); err != nil && !os.IsExist(err) {
			t.Fatal(err)
		}
		os.Remove(dir + "/new")
		cfg.Modules = houseModules
		e, err := luabind.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		if err := e.SetGlobal("DIR", dir); err != nil {
			t.Fatal(err)
		}
		function, arguments := call, ""
		if i := strings.IndexAny(call, "({"); i >= 0 {
			function, arguments = call[:i], call[i:]
		}
		i := strings.LastIndexByte(function, '.')
		module, name := function[:i], function[i+1:]
		if module == "socket.dns" {
			module, name = "socket", "dns."+name
		}
		values, err := e.Eval(t.Context(), `(function()
			M = setmetatable({}, {__index = function(_, name) return require(name) end})
			local all = {pcall(function() return M["`+module+`"].`+name+arguments+` end)}
			for i = 1, 3 do all[i] = tostring(all[i]) end
			return table.concat(all, " ", 1, 3)
		end)()`)
		if err != nil {
			t.Fatal(call, err)
		}
		return values[0].(string)
	}
	seen := map[string]bool{}
	for _, g := range guarded {
		function, _, _ := strings.Cut(g.call, "(")
		function, _, _ = strings.Cut(function, "{")
		seen[function] = true
		list := strings.Fields(g.right)
		refusal := refusals[list[0]]
		others := luabind.Config{}
		for right, give := range rights {
			if !slices.Contains(list, right) {
				give(&others)
			}
		}
		if got := try(others, g.call); !strings.Contains(got, refusal) {
			t.Errorf("%s without %s: got %s, want %s", g.call, g.right, got, refusal)
		}
		if got := try(luabind.Config{}, g.call); !strings.Contains(got, refusal) {
			t.Errorf("%s with nothing: got %s, want %s", g.call, got, refusal)
		}
		for _, right := range list {
			alone := luabind.Config{}
			rights[right](&alone)
			if got := try(alone, g.call); strings.Contains(got, refusal) {
				t.Errorf("%s with %s: got %s", g.call, right, got)
			}
		}
	}
	for _, function := range functionsOf(t, houseModules) {
		if !seen[function] && !free.MatchString(function) {
			t.Errorf("nothing says what right %s needs", function)
		}
		if seen[function] && free.MatchString(function) {
			t.Errorf("%s is in both lists", function)
		}
	}
}

// functionsOf lists the functions that modules hold, also in tables.
func functionsOf(t *testing.T, modules []luabind.Module) []string {
	t.Helper()
	e, err := luabind.New(luabind.Config{Modules: modules})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var names []string
	for _, m := range modules {
		names = append(names, m.Name)
	}
	if err := e.SetGlobal("names", names); err != nil {
		t.Fatal(err)
	}
	values, err := e.Eval(t.Context(), `(function()
		local list = {}
		local function walk(path, v, depth)
			if type(v) == "function" then
				list[#list + 1] = path
			elseif type(v) == "table" and depth < 4 then
				for k, x in pairs(v) do walk(path .. "." .. tostring(k), x, depth + 1) end
			end
		end
		for _, name in ipairs(names) do walk(name, require(name), 0) end
		return table.concat(list, " ")
	end)()`)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(values[0].(string))
}

// The modules here are those of the command.
func TestHouseModules(t *testing.T) {
	out := run(build(t), root, "--stubs", t.TempDir())
	want := []string{"multiprocessing"}
	for _, m := range houseModules {
		if m.Manual != "" {
			want = append(want, m.Name)
		}
	}
	for line := range strings.Lines(out.stdout) {
		if name, ok := strings.CutSuffix(strings.TrimSpace(line), ".lua"); ok {
			name = name[strings.LastIndexByte(name, '/')+1:]
			if i := slices.Index(want, name); i >= 0 {
				want = slices.Delete(want, i, i+1)
			} else {
				t.Errorf("the command has a module %s, which is not tried here", name)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("the command doesn't have %s", want)
	}
}
