package repl

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/internal/stub"
)

// promptStub is the manual of what there is at a prompt alone.
//
//go:embed stub.lua
var promptStub string

// manual is what the modules say of themselves.
type manual struct {
	stubs  []*stub.Stub
	items  []*stub.Item // of all
	supers map[string]string
}

// theManual returns the manual of the engine. A malformed stub is warned of, once.
func (s *session) theManual() *manual {
	if s.manual != nil {
		return s.manual
	}
	m := &manual{supers: map[string]string{}}
	s.manual = m
	for _, text := range append(s.engine.Host().Manuals(), promptStub) {
		parsed, err := stub.Parse(text)
		if err != nil {
			first, _, _ := strings.Cut(text, "\n")
			s.warn(fmt.Errorf("the manual that begins with %q: %w", first, err))
			continue
		}
		m.stubs = append(m.stubs, parsed)
		m.items = append(m.items, parsed.Items...)
		for _, it := range parsed.Items {
			if it.Kind == stub.Class {
				m.supers[it.Path] = it.Super
			}
		}
	}
	return m
}

// lineage returns a class and those that it inherits from, the nearest first.
func (m *manual) lineage(class string) []string {
	var list []string
	for class != "" && !slices.Contains(list, class) {
		list = append(list, class)
		class = m.supers[class]
	}
	return list
}

// belongs says whether the item belongs to a class, and not to a module.
func (m *manual) belongs(it *stub.Item) bool {
	container, _ := it.Container()
	_, ok := m.supers[container]
	return ok && !slices.ContainsFunc(m.stubs, func(s *stub.Stub) bool { return s.Name == container })
}

// root returns what the first name of a path in the manual stands for: a module or
// a global variable, whatever local ones there are; nil: nothing.
func (s *session) root(name string) lua.LValue {
	L := inside.State(s.engine)
	for _, place := range []lua.LValue{glua.Named(L.G.Registry, "_LOADED"), L.G.Global} {
		if t, ok := place.(*lua.LTable); ok && glua.Named(t, name) != lua.LNil {
			return glua.Named(t, name)
		}
	}
	return nil
}

// place returns the value at a path of the manual; nil: there is none.
func (s *session) place(path string) lua.LValue {
	names := splitPath(path)
	if len(names) == 0 {
		return nil
	}
	if v, rest := s.dotted(names); v != nil {
		return s.follow(v, rest)
	}
	return s.follow(s.root(names[0]), names[1:])
}

// classTable returns the metatable of a class's objects that the registry has under
// the name of the class, or, of a.b, under b in its table a; else the class itself, if it
// is a table; else nil.
func (s *session) classTable(class string) *lua.LTable {
	registry := inside.State(s.engine).G.Registry
	t, _ := glua.Named(registry, class).(*lua.LTable)
	if module, name, ok := strings.Cut(class, "."); t == nil && ok {
		if metatables, ok := glua.Named(registry, module).(*lua.LTable); ok {
			t, _ = glua.Named(metatables, name).(*lua.LTable)
		}
	}
	if t == nil {
		t, _ = s.place(class).(*lua.LTable)
	}
	return t
}

// values returns what the item stands for: one value, or, where it is of a class that
// others inherit from, one of each of them that has it.
func (s *session) values(it *stub.Item) []lua.LValue {
	var list []lua.LValue
	add := func(v lua.LValue) {
		if v != nil && v != lua.LNil && !slices.Contains(list, v) {
			list = append(list, v)
		}
	}
	add(s.place(it.Path))
	m := s.theManual()
	container, name := it.Container()
	if !m.belongs(it) {
		return list
	}
	for class := range m.supers {
		if !slices.Contains(m.lineage(class), container) {
			continue
		}
		if t := s.classTable(class); t != nil {
			add(s.member(t, name))
			add(s.member(&lua.LUserData{Metatable: t}, name))
		}
	}
	return list
}

// classes returns the classes of the manual that v is, or is an object of.
func (s *session) classes(v lua.LValue) []string {
	names := classNames(v)
	metatable := lua.LValue(nil)
	switch v := v.(type) {
	case *lua.LTable:
		metatable = v.Metatable
	case *lua.LUserData:
		metatable = v.Metatable
	}
	m := s.theManual()
	var list []string
	for class := range m.supers {
		t := s.classTable(class)
		if slices.Contains(names, class) || t != nil && (t == v || t == metatable) {
			list = append(list, class)
		}
	}
	slices.Sort(list)
	return list
}

// documented returns what the manual says that the classes of v have, and their
// objects: also what is computed when it is asked for. Methods alone, or all.
func (s *session) documented(v lua.LValue, methods bool) []string {
	var names []string
	m := s.theManual()
	for _, class := range s.classes(v) {
		for _, super := range m.lineage(class) {
			for _, it := range m.items {
				if container, name := it.Container(); container == super && it.Kind != stub.Class && (!methods || it.Path[len(container)] == ':') {
					names = append(names, name)
				}
			}
		}
	}
	return names
}

// find returns the items for v: its own, and those of what it holds, or of its class.
func (s *session) find(v lua.LValue) (own, inside []*stub.Item) {
	m := s.theManual()
	classes := s.classes(v)
	for _, it := range m.items {
		if slices.Contains(classes, it.Path) || !(it.Kind == stub.Field && m.belongs(it)) && slices.Contains(s.values(it), v) {
			own = append(own, it)
			inside = append(inside, m.inside(it.Path)...)
		}
	}
	return own, distinct(inside)
}

// inside returns the items of what a module, a table or an object of a class holds.
func (m *manual) inside(path string) []*stub.Item {
	var list []*stub.Item
	for _, holder := range append(m.lineage(path), path) {
		for _, it := range m.items {
			container, _ := it.Container()
			if it.Kind == stub.Class && !it.Record { // one that no function makes objects of
				container, _, _ = strings.Cut(it.Path, ".")
			}
			if container == holder && it.Path != holder {
				list = append(list, it)
			}
		}
	}
	return distinct(list)
}

// findPath returns what find does, by a name: a path of the manual, or the end of
// one in any case of letters, or the name of a method behind any object's.
func (s *session) findPath(path string) (own, inside []*stub.Item) {
	m := s.theManual()
	collect := func(fits func(string) bool) bool {
		for _, it := range m.items {
			if fits(it.Path) {
				own = append(own, it)
				inside = append(inside, m.inside(it.Path)...)
			}
		}
		inside = distinct(inside)
		return len(own) > 0
	}
	if path == "" || collect(func(p string) bool { return p == path }) {
		return own, inside
	}
	if v := s.at(path); v != nil {
		if own, inside = s.find(v); len(own) > 0 {
			return own, inside
		}
	}
	endsIn := func(end string) func(string) bool {
		end = "." + strings.ToLower(strings.ReplaceAll(end, ":", "."))
		return func(p string) bool {
			return strings.HasSuffix("."+strings.ToLower(strings.ReplaceAll(p, ":", ".")), end)
		}
	}
	if collect(endsIn(path)) {
		return own, inside
	}
	if _, method, ok := strings.Cut(path, ":"); ok && method != "" {
		collect(endsIn(method))
	}
	return own, inside
}

func distinct(list []*stub.Item) []*stub.Item {
	var once []*stub.Item
	for _, it := range list {
		if !slices.Contains(once, it) {
			once = append(once, it)
		}
	}
	return once
}
