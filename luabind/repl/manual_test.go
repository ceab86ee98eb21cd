package repl

import (
	"maps"
	"slices"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/multiprocessing"
	"luaspawn/luabind/lib/progress"
	"luaspawn/luabind/lib/socket"
	luatime "luaspawn/luabind/lib/time"
)

func TestParseManual(t *testing.T) {
	m := parseManual([]string{"", "# one\nf(a)\ng(b [, c])\n    both\n    of them\no = mod.C{x = 1}\n    makes one\no:m()\no.field\n    text\n", "# two\n_\n    the last\n"})
	var got []string
	for _, s := range m.sections {
		for _, e := range s.entries {
			got = append(got, s.title+"|"+m.of(e)+"|"+e.usage+"|"+strings.ReplaceAll(e.text, "\n", "/"))
		}
	}
	want := []string{
		"one|f|f(a)|both/of them", "one|g|g(b [, c])|both/of them", "one|mod.C|o = mod.C{x = 1}|makes one",
		"one|mod.C:m|o:m()|text", "one|mod.C.field|o.field|text", "two|_|_|the last",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Every function of Lua's own libraries, of time and of Process has an entry, and
// every entry is found by its function.
func TestManualIsWhole(t *testing.T) {
	e, err := luabind.New(luabind.Config{Modules: []luabind.Module{luatime.Module, multiprocessing.Module, progress.Module, socket.Module}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	s := &session{Prompt: &Prompt{Engine: e}, engine: e.Host(), locals: e.Host().NewSession()}
	check := func(way string, v lua.LValue) {
		if _, ok := v.(*lua.LFunction); ok && !slices.ContainsFunc(s.find(v), func(e entry) bool { return s.at(s.theManual().of(e)) == v }) {
			t.Errorf("no help for %s", way)
		}
	}
	aliases := []string{"math.mod", "string.gfind", "package.loadlib", "package.seeall", "newproxy", "table.foreach", "table.foreachi", "table.getn", "table.setn"}
	for _, library := range []string{"_G", "string", "table", "math", "io", "os", "coroutine", "time"} {
		table := s.named(library).(*lua.LTable)
		table.ForEach(func(k, v lua.LValue) {
			way := library + "." + k.String()
			if !slices.Contains(aliases, strings.TrimPrefix(way, "_G.")) {
				check(way, v)
			}
		})
	}
	check("progress", s.named("progress"))
	for _, method := range []string{"start", "run", "join", "terminate", "kill", "interrupt", "is_alive", "close", "subclass", "initialize", "sleep"} {
		check("Process."+method, s.at("Process:"+method))
	}
	for _, section := range s.theManual().sections {
		for _, e := range section.entries {
			path := s.theManual().of(e)
			if e.text == "" {
				t.Errorf("%s has no text", e.usage)
			}
			i := strings.LastIndexAny(path, ".:")
			ofObject := i > 0 && slices.Contains(slices.Collect(maps.Values(s.theManual().classes)), path[:i])
			if section.title != "the prompt" && s.at(path) == nil && !ofObject {
				t.Errorf("%s is nowhere to be found", e.usage)
			}
		}
	}
}

// Of an object of multiprocessing, and of a method of it, the manual knows how it is
// used, and what can stand behind it is known: also where its fields are computed.
func TestObjects(t *testing.T) {
	e, err := luabind.New(luabind.Config{Modules: []luabind.Module{multiprocessing.Module}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	s := &session{Prompt: &Prompt{Engine: e}, engine: e.Host(), locals: e.Host().NewSession()}
	for _, test := range []struct{ make, method string }{
		{"Queue()", "q:put"}, {"JoinableQueue()", "q:task_done"}, {"SimpleQueue()", "q:get"},
		{"Lock()", "lock:acquire"}, {"RLock()", "lock:hold"}, {"Semaphore(2)", "semaphore:get_value"}, {"Event()", "event:is_set"},
		{"Condition()", "condition:notify"}, {"Barrier(2)", "barrier:abort"}, {"Pipe()", "connection:send"},
		{"Value('i')", "v:get_lock"}, {"Array('i', 3)", "v:hold"},
	} {
		f, err := e.Load("test", "return require('multiprocessing')."+test.make)
		if err != nil {
			t.Fatal(err)
		}
		values, err := e.Do(t.Context(), f, 1)
		if err != nil {
			t.Fatal(err)
		}
		e.State().SetGlobal("object", values[0])
		_, method, _ := strings.Cut(test.method, ":")
		known := func(entries []entry) bool {
			return slices.ContainsFunc(entries, func(e entry) bool { return e.path == test.method })
		}
		if !known(s.find(values[0])) {
			t.Errorf("help of a %s doesn't tell of %s", test.make, test.method)
		}
		if _, names := s.suggest("object:"+method[:2], len("object:")+2); !slices.Contains(names, method) {
			t.Errorf("%s can't be completed behind a %s, only %q", method, test.make, names)
		}
	}
}
