package repl

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/stub"
	"luaspawn/luabind/lib/http"
	"luaspawn/luabind/lib/json"
	"luaspawn/luabind/lib/lfs"
	"luaspawn/luabind/lib/mime"
	"luaspawn/luabind/lib/multiprocessing"
	"luaspawn/luabind/lib/progress"
	"luaspawn/luabind/lib/socket"
	"luaspawn/luabind/lib/system"
	luatime "luaspawn/luabind/lib/time"
)

// newManualSession makes a session with all modules, whose stubs are sound.
func newManualSession(t *testing.T) *session {
	t.Helper()
	e, err := luabind.New(luabind.Config{
		Modules: slices.Concat([]luabind.Module{
			luatime.Module, multiprocessing.Module, progress.Module, socket.Module,
			lfs.Module, json.Module, json.CJSON, json.Safe, socket.Core, socket.TLS, socket.HTTPS, system.Core, system.Term,
		}, mime.Modules, http.Modules),
		Path:    ";",
		Network: luabind.Network{TCP: true, UDP: true, Unix: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	s := &session{Prompt: &Prompt{Engine: e}, engine: e.Host(), locals: e.Host().NewSession(), errors: t.Output()}
	s.setGlobals()
	for _, name := range e.Host().OnDemand() {
		s.eval(t, "require '"+name+"'")
	}
	if n, texts := len(s.theManual().stubs), len(s.engine.Manuals())+1; n != texts {
		t.Fatalf("%d of %d stubs are malformed", texts-n, texts)
	}
	return s
}

// eval returns the value of an expression.
func (s *session) eval(t *testing.T, expression string) lua.LValue {
	t.Helper()
	f, err := s.Engine.Load("test", "local mp, socket = require 'multiprocessing', require 'socket' return "+expression)
	if err != nil {
		t.Fatal(err)
	}
	values, err := s.Engine.Do(t.Context(), f, 1)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return values[0]
}

// Every name in the tables of Lua's own libraries and of the modules, and every
// method of their objects, is in a stub.
func TestStubsAreWhole(t *testing.T) {
	s := newManualSession(t)
	m := s.theManual()
	has := func(container, name string) bool {
		return slices.ContainsFunc(m.items, func(it *stub.Item) bool {
			c, n := it.Container()
			return n == name && slices.Contains(append(m.lineage(container), container), c) ||
				it.Kind == stub.Class && strings.TrimPrefix(it.Path, container+".") == name
		})
	}
	seen := 0
	// members checks what is in t; of a metatable, or of a part of a class, that is what its objects have.
	members := func(path string, table *lua.LTable) {
		table.ForEach(func(k, _ lua.LValue) {
			name := k.String()
			if seen++; !strings.HasPrefix(name, "__") && !has(path, name) {
				t.Errorf("no stub has %s of %s", name, path)
			}
		})
	}
	s.engine.State().G.Global.ForEach(func(k, _ lua.LValue) {
		if seen++; !has("", k.String()) && !slices.ContainsFunc(m.stubs, func(s *stub.Stub) bool { return s.Name == k.String() }) {
			t.Errorf("no stub has the global %s", k)
		}
	})
	loaded := s.engine.State().G.Registry.RawGetString("_LOADED").(*lua.LTable)
	loaded.ForEach(func(k, v lua.LValue) {
		if table, ok := v.(*lua.LTable); ok && k.String() != "_G" && k.String() != "mime.core" { // which is the table of mime
			members(k.String(), table)
		}
	})
	members("socket.dns", s.place("socket.dns").(*lua.LTable))
	for _, part := range []string{"static", "__instanceDict"} {
		members("Process", s.place("Process").(*lua.LTable).RawGetString(part).(*lua.LTable))
	}
	object := func(class string, metatable lua.LValue) {
		for name := range s.memberNames(&lua.LUserData{Metatable: metatable}) {
			if seen++; !strings.HasPrefix(name, "__") && !has(class, name) {
				t.Errorf("no stub has %s of %s", name, class)
			}
		}
	}
	s.engine.State().G.Registry.ForEach(func(k, v lua.LValue) {
		table, ok := v.(*lua.LTable)
		if !ok || k.String() == "_LOADED" {
			return
		}
		if table.RawGetString("__index") != lua.LNil {
			object(k.String(), table)
			return
		}
		table.ForEach(func(name, v lua.LValue) {
			if metatable, ok := v.(*lua.LTable); ok && metatable.RawGetString("__index") != lua.LNil {
				object(k.String()+"."+name.String(), metatable)
			}
		})
	})
	if seen < 300 {
		t.Errorf("only %d names were looked at", seen)
	}
}

// What a stub names exists, and its types are known.
func TestStubsNameNothingElse(t *testing.T) {
	s := newManualSession(t)
	m := s.theManual()
	objects := map[string]lua.LValue{}
	for class, expression := range map[string]string{
		"Process":                    "mp.current_process()",
		"multiprocessing.Connection": "(mp.Pipe())",
		"multiprocessing.Barrier":    "mp.Barrier(2)",
		"multiprocessing.Value":      "mp.Value('i')",
		"multiprocessing.Listener":   "mp.Listener()",
		"multiprocessing.Error":      "select(2, pcall(function() mp.Queue():get(false) end))",
		"socket.Socket":              "socket.tcp()",
		"socket.AnyUDP":              "socket.udp()", // whose classes are made for the first one
	} {
		objects[class] = s.eval(t, expression)
	}
	// Fields of a class and not of its objects, those of objects that only another process
	// has, and those that are nil for a while.
	elsewhere := []string{
		"Process.super", "Process.static", "Process.sentinel", "Process.exitcode", "Process.stdout", "Process.stderr", "multiprocessing.Listener.last_accepted",
		"multiprocessing.Error.super", "multiprocessing.Parent.name", "multiprocessing.Parent.pid", "multiprocessing.Parent.sentinel",
		"multiprocessing.Array[integer]", "multiprocessing.Pool.name", "multiprocessing.Pool.processes",
		"multiprocessing.TaskError.value", "multiprocessing.TaskError.traceback", "multiprocessing.TaskError.index", "multiprocessing.TaskError.worker",
		"multiprocessing.WorkerLostError.exitcode", "multiprocessing.WorkerLostError.pid", "multiprocessing.WorkerLostError.index", "multiprocessing.Error:isInstanceOf", "socket.http.PROXY", "_",
	}
	records := map[string]bool{} // see TestKeywords
	classes := map[string]bool{}
	for _, it := range m.items {
		records[it.Path] = records[it.Path] || it.Record
		classes[it.Path] = classes[it.Path] || it.Kind == stub.Class
	}
	for _, it := range m.items {
		container, name := it.Container()
		object := objects[container]
		switch {
		case slices.Contains(elsewhere, it.Path), it.Kind == stub.Class, records[container]:
		case it.Kind == stub.Field && object != nil:
			if s.engine.State().GetField(object, name) == lua.LNil {
				t.Errorf("%s is nil", it.Path)
			}
		default:
			values := s.values(it)
			if len(values) == 0 {
				t.Errorf("%s is nowhere to be found", it.Path)
			}
			for _, v := range values {
				if it.Kind == stub.Function && !callable(v) {
					t.Errorf("%s is no function", it.Path)
				}
			}
		}
		if it.Kind == stub.Function && it.Text == "" {
			t.Errorf("%s has no text", it.Path)
		}
		types := []string{it.Type, it.Super}
		for _, v := range slices.Concat(it.Params, it.Returns) {
			types = append(types, v.Type)
		}
		for _, name := range typeName.FindAllString(literal.ReplaceAllString(strings.Join(types, " "), ""), -1) {
			if !slices.Contains(basicTypes, name) && !classes[name] && !strings.HasSuffix(name, ":") {
				t.Errorf("%s is of the unknown type %s", it.Path, name)
			}
		}
	}
}

var (
	typeName   = regexp.MustCompile(`[A-Za-z_][\w.]*[*:]?`)
	literal    = regexp.MustCompile(`"[^"]*"`)
	basicTypes = []string{"any", "boolean", "false", "fun", "function", "integer", "nil", "number", "string", "table", "thread", "true", "userdata"}
)

// The keywords of a stub are those that a function takes.
func TestKeywords(t *testing.T) {
	s := newManualSession(t)
	functions := map[string]string{
		"multiprocessing.ProcessKeywords":  "mp.Process",
		"multiprocessing.ListenerKeywords": "mp.Listener",
		"multiprocessing.ClientKeywords":   "mp.Client",
		"multiprocessing.PoolKeywords":     "mp.Pool",
	}
	refuses := func(function, keyword string) bool {
		return s.eval(t, "tostring(select(2, pcall("+function+", {"+keyword+" = io.stdout}))):find('unexpected keyword argument', 1, true)") != lua.LNil
	}
	for _, it := range s.theManual().items {
		function := functions[it.Path]
		if !it.Record || strings.HasPrefix(it.Path, "progress.") || strings.HasPrefix(it.Path, "json.") || strings.HasPrefix(it.Path, "socket.http.") {
			continue
		}
		if function == "" || !refuses(function, "no_such_keyword") {
			t.Errorf("no function takes the keywords %s, and refuses others", it.Path)
			continue
		}
		for _, f := range s.theManual().inside(it.Path) {
			if _, name := f.Container(); refuses(function, name) {
				t.Errorf("%s takes no %s", function, name)
			}
		}
	}
}

// Of an object, and of a method of it, help tells how it is used, and what can stand
// behind it is known: also where its fields are computed.
func TestObjects(t *testing.T) {
	s := newManualSession(t)
	for _, test := range []struct{ make, class, member string }{
		{"mp.Queue()", "multiprocessing.Queue", "multiprocessing.Queue:put"},
		{"mp.JoinableQueue()", "multiprocessing.JoinableQueue", "multiprocessing.Queue:get"},
		{"mp.JoinableQueue()", "multiprocessing.JoinableQueue", "multiprocessing.JoinableQueue:task_done"},
		{"mp.SimpleQueue()", "multiprocessing.SimpleQueue", "multiprocessing.SimpleQueue:get"},
		{"mp.Lock()", "multiprocessing.Lock", "multiprocessing.Holdable:acquire"},
		{"mp.RLock()", "multiprocessing.RLock", "multiprocessing.Holdable:hold"},
		{"mp.Semaphore(2)", "multiprocessing.Semaphore", "multiprocessing.Semaphore:get_value"},
		{"mp.BoundedSemaphore(2)", "multiprocessing.BoundedSemaphore", "multiprocessing.Semaphore:get_value"},
		{"mp.Event()", "multiprocessing.Event", "multiprocessing.Event:is_set"},
		{"mp.Condition()", "multiprocessing.Condition", "multiprocessing.Condition:notify"},
		{"mp.Barrier(2)", "multiprocessing.Barrier", "multiprocessing.Barrier:abort"},
		{"mp.Barrier(2)", "multiprocessing.Barrier", "multiprocessing.Barrier.n_waiting"},
		{"mp.Pipe()", "multiprocessing.Connection", "multiprocessing.Connection:send"},
		{"mp.Listener()", "multiprocessing.Listener", "multiprocessing.Listener.address"},
		{"mp.Value('i')", "multiprocessing.Value", "multiprocessing.Value:get_lock"},
		{"mp.Array('i', 3)", "multiprocessing.Array", "multiprocessing.Holdable:hold"},
		{"mp.Process{}", "Process", "Process:start"},
		{"mp.Process:subclass('Piao')()", "Process", "Process.exitcode"},
		{"select(2, pcall(function() mp.Queue():get(false) end))", "multiprocessing.Empty", "multiprocessing.Error.message"},
		{"socket.tcp()", "socket.Master", "socket.Socket:connect"},
		{"socket.bind('127.0.0.1', 0)", "socket.Server", "socket.Socket:accept"},
		{"io.stdout", "FILE*", "FILE*:write"},
	} {
		object := s.eval(t, test.make)
		s.engine.State().SetGlobal("object", object)
		if classes := s.classes(object); !slices.Equal(classes, []string{test.class}) {
			t.Errorf("%s is of the classes %q, want %s", test.make, classes, test.class)
		}
		known := func(items []*stub.Item) bool {
			return slices.ContainsFunc(items, func(it *stub.Item) bool { return it.Path == test.member })
		}
		if _, inside := s.find(object); !known(inside) {
			t.Errorf("help of %s doesn't tell of %s", test.make, test.member)
		}
		at := strings.LastIndexAny(test.member, ".:")
		separator, name := test.member[at:at+1], test.member[at+1:]
		if _, names := s.suggest("object"+separator+name[:2], len("object:")+2); !slices.Contains(names, name) {
			t.Errorf("%s can't be completed behind %s, only %q", name, test.make, names)
		}
		if separator == ":" {
			if own, _ := s.find(s.eval(t, "object."+name)); !known(own) {
				t.Errorf("help of the method %s of %s doesn't know it", name, test.make)
			}
		}
	}
}

// A name finds what it is the name of, exactly or by its end.
func TestFindPath(t *testing.T) {
	s := newManualSession(t)
	for name, want := range map[string]string{
		"string.format":         "string.format",
		"queue":                 "multiprocessing.Queue multiprocessing.Queue",
		"Queue:get":             "multiprocessing.Queue:get",
		"multiprocessing.Event": "multiprocessing.Event multiprocessing.Event",
		"time":                  "time",
		"p:is_alive":            "Process:is_alive multiprocessing.Parent:is_alive",
		"p:join":                "Process:join multiprocessing.Parent:join multiprocessing.JoinableQueue:join multiprocessing.Pool:join",
		"dns.toip":              "socket.dns.toip",
		"jobs":                  "jobs",
		"__name__":              "__name__",
		"nothing":               "",
		":":                     "",
		"":                      "",
	} {
		own, _ := s.findPath(name)
		var got []string
		for _, it := range own {
			got = append(got, it.Path)
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

// A malformed stub of a program's own is warned of and left out.
func TestMalformedStub(t *testing.T) {
	open := func(*luabind.Host) (lua.LValue, error) { return lua.LTrue, nil }
	e, err := luabind.New(luabind.Config{Modules: []luabind.Module{{Name: "m", Open: open, Manual: "---@meta m\nfunction f(\n"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var warned strings.Builder
	s := &session{Prompt: &Prompt{Engine: e}, engine: e.Host(), locals: e.Host().NewSession(), errors: &warned}
	own, _ := s.findPath("string.rep")
	want := "luaspawn: warning: the manual that begins with \"---@meta m\": line 2: malformed statement \"function f(\"\n"
	if warned.String() != want || len(own) != 1 {
		t.Errorf("got %q and %d items", warned.String(), len(own))
	}
}
