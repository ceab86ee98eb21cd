package glua

import (
	"reflect"
	"runtime"
	"strings"
	"sync"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// Tables of this module are no tables to gopher-lua, and to code that is written for it: to
// functions in Go of an embedder above all. So what such code gets to see is turned into
// foreign tables before, for ever, with all that it leads to:
//
//	arguments of a foreign function      RunGo
//	what a foreign function gets         Give, RunGoFromGo
//	what is common to a state            Expose: globals, registry, metatables of basic types
//	what a foreign table is to hold      setTurned: so a foreign one leads to foreign ones only
//	errors, what is yielded, and environments    Raise, HandOver, setfenv: once a state is exposed

// Expose says that foreign code gets to see the state, and turns what is common to all who have
// it. What they get one by one is turned then.
func (s *State) Expose() {
	shared := s.Frames().methods
	if shared.exposed {
		return
	}
	shared.exposed = true
	Turn(s.G.Registry)
	Turn(s.G.Global)
	for _, metatable := range s.G.BuiltinMts {
		Turn(metatable)
	}
	for _, L := range []*lua.LState{s.G.MainThread, s.G.CurrentThread} {
		if L != nil {
			Turn(L)
		}
	}
}

// Exposed says whether Expose was called.
func (s *State) Exposed() bool { return s.Frames().methods.exposed }

// Raise raises v, as it is. Foreign code may catch it, by a protected call of gopher-lua's
// own: so what may be a table is raised by this and not by L.Error.
func Raise(L *lua.LState, v lua.LValue) { L.Error(Inside(L).Shown(v), 0) }

// Shown returns v for foreign code, where there may be such.
func (s *State) Shown(v lua.LValue) lua.LValue {
	if s.Exposed() {
		Turn(v)
	}
	return v
}

// origin is who has written a function in Go. It stands in a byte of lua.LFunction that
// is there because the next field begins at a full word.
type origin uint8

const (
	unknown origin = iota
	house
	elsewhere
)

func originOf(f *lua.LFunction) *origin {
	const afterIsG = unsafe.Offsetof(f.IsG) + unsafe.Sizeof(f.IsG)
	return (*origin)(unsafe.Add(unsafe.Pointer(f), afterIsG))
}

// A program in which another field begins there isn't even built.
const _ = uint(unsafe.Offsetof(lua.LFunction{}.Env) - unsafe.Offsetof(lua.LFunction{}.IsG) - 2)

// origins says of functions in Go whether they are foreign, by where they begin.
var origins sync.Map

// isForeign says whether f, a function in Go, is foreign code.
func isForeign(f *lua.LFunction) bool { return *originOf(f) != house && judge(f) }

// judge says whether f is foreign, and remembers it.
func judge(f *lua.LFunction) bool {
	if *originOf(f) == unknown {
		*originOf(f) = house
		if foreignAt(**(**uintptr)(unsafe.Pointer(&f.GFunction))) {
			*originOf(f) = elsewhere
		}
	}
	return *originOf(f) == elsewhere
}

// IsForeign says whether f, a function of any type, is foreign code.
func IsForeign(f any) bool { return foreignAt(reflect.ValueOf(f).Pointer()) }

func foreignAt(entry uintptr) bool {
	is, known := origins.Load(entry)
	if !known {
		fn := runtime.FuncForPC(entry)
		file, _ := fn.FileLine(entry)
		is = !strings.HasPrefix(fn.Name(), "luaspawn/") || strings.HasSuffix(file, "_test.go")
		origins.Store(entry, is)
	}
	return is.(bool)
}

// showArguments lets a foreign function that is about to run see its arguments.
func (s *State) showArguments(f *Frame) {
	s.Expose()
	for _, v := range s.Reg.array[f.LocalBase : f.LocalBase+f.NArgs] {
		Turn(v)
	}
}

// showsResults says whether foreign code gets the results of f: a foreign function has called it,
// or Go code from outside, of which nothing is known.
func (s *State) showsResults(f *Frame) bool {
	p := f.Parent
	return p != nil && p.Fn.IsG && *originOf(p.Fn) == elsewhere || p == nil && s.Exposed()
}

// Turn lets v, and all tables that it leads to, be foreign ones.
func Turn(v lua.LValue) {
	var t turner
	t.value(v)
	for len(t.todo) > 0 {
		last := len(t.todo) - 1
		table := t.todo[last]
		t.todo = t.todo[:last]
		t.table(table)
	}
}

// turner has a list of tables whose fields are to be turned.
type turner struct{ todo []*Table }

func (t *turner) value(v lua.LValue) {
	switch v := v.(type) {
	case *lua.LTable:
		if in := InsideTable(v); in.IsOwn() {
			in.turn()
			t.todo = append(t.todo, in)
		}
	case *lua.LFunction:
		t.environment(v.Env)
	case *lua.LUserData:
		t.environment(v.Env)
		t.value(v.Metatable)
	case *lua.LState:
		t.environment(v.Env)
	}
}

func (t *turner) environment(env *lua.LTable) {
	if env != nil {
		t.value(env)
	}
}

func (t *turner) table(in *Table) {
	f := in.foreign()
	t.value(f.Metatable)
	for _, v := range f.array {
		t.value(v)
	}
	for _, v := range f.strDict {
		t.value(v)
	}
	for k, v := range f.dict {
		t.value(k)
		t.value(v)
	}
}

// turn lays t out as gopher-lua does. What it holds stays as it is.
func (t *Table) turn() {
	items, nodes := t.Items(), t.nodeList()
	for len(items) > 0 && items[len(items)-1].IsNil() {
		items = items[:len(items)-1]
	}
	f := t.foreign()
	*f = foreign{Metatable: f.Metatable}
	if len(items) > 0 {
		f.array = make([]lua.LValue, len(items))
		for i := range items {
			f.array[i] = items[i].LValue(nil)
		}
	}
	for i := range nodes {
		n := &nodes[i]
		if n.key.IsNil() || n.key.n == tagCleared {
			continue
		}
		k := n.key.LValue(nil)
		if n.value.IsNil() {
			f.cleared(k) // it may be walked through
		} else {
			f.set(k, n.value.LValue(nil))
		}
	}
}

// cleared remembers a key that has no value any more.
func (t *foreign) cleared(key lua.LValue) {
	if t.k2i == nil {
		t.k2i = map[lua.LValue]int{}
	}
	if _, ok := t.k2i[key]; !ok {
		t.k2i[key] = len(t.keys)
		t.keys = append(t.keys, key)
	}
}

// setTurned is set for keys and values of all kinds.
func (t *foreign) setTurned(key, v lua.LValue) {
	Turn(key)
	Turn(v)
	t.set(key, v)
}

// adopt lays t, which is foreign, out as tables of this module are.
func (t *foreign) adopt() {
	was := *t
	in := (*Table)(unsafe.Pointer(t))
	*in = empty
	in.Metatable = was.Metatable
	for i, v := range was.array {
		SetItem(in.Outside(), i+1, v)
	}
	for _, k := range was.keys {
		if v := was.get(k); v != lua.LNil {
			Set(in.Outside(), k, v)
		}
	}
}
