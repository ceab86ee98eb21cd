package repl

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
)

// This file looks at values as a script would, but without running any of it: by
// raw access alone, through the tables that are __index, or that a builtin function
// which is it looks into (they are its upvalues), and through classes of the shape that middleclass and Process have:
//
//	class    { name, super, static = {...}, __instanceDict = dict }
//	object   metatable: dict, with dict.class = class

// maxIndex is how many tables a member is looked for in: __index may go in a circle.
const maxIndex = 100

// sources returns the tables that the members of v are in, the nearest first.
func (s *session) sources(v lua.LValue) []*lua.LTable {
	var list []*lua.LTable
	seen := map[*lua.LTable]bool{}
	add := func(v lua.LValue) *lua.LTable {
		t, ok := v.(*lua.LTable)
		if !ok || seen[t] || len(list) >= maxIndex {
			return nil
		}
		seen[t] = true
		list = append(list, t)
		return t
	}
	for v != nil && len(list) < maxIndex {
		metatable := lua.LValue(lua.LNil)
		switch v := v.(type) {
		case *lua.LTable:
			if add(v) == nil {
				return list
			}
			metatable = v.Metatable
			for _, class := range ancestors(v) {
				add(glua.Named(class, "static"))
				add(glua.Named(class, "__instanceDict"))
			}
		case *lua.LUserData:
			metatable = v.Metatable
		case lua.LString:
			add(glua.Named(inside.State(s.engine).G.Global, lua.StringLibName))
		}
		mt, _ := metatable.(*lua.LTable)
		if mt == nil {
			break
		}
		for _, class := range ancestors(glua.Named(mt, "class")) {
			add(glua.Named(class, "__instanceDict"))
		}
		index := indexOf(mt)
		if index == nil {
			break
		}
		v = index
	}
	return list
}

// indexOf returns the table in which a metatable has members looked up; nil: there
// is none that can be found.
func indexOf(mt *lua.LTable) *lua.LTable {
	switch index := glua.Named(mt, "__index").(type) {
	case *lua.LTable:
		return index
	case *lua.LFunction:
		if !index.IsG {
			return nil
		}
		for _, upvalue := range index.Upvalues {
			if t, ok := upvalue.Value().(*lua.LTable); ok {
				return t
			}
		}
	}
	return nil
}

// ancestors returns v and the classes that it inherits from, if v is a class.
func ancestors(v lua.LValue) []*lua.LTable {
	var list []*lua.LTable
	for len(list) < maxIndex {
		class, ok := v.(*lua.LTable)
		if !ok || glua.Named(class, "__instanceDict") == lua.LNil {
			break
		}
		list = append(list, class)
		v = glua.Named(class, "super")
	}
	return list
}

// classNames returns the names of the classes that v is, or is an object of.
func classNames(v lua.LValue) []string {
	t, ok := v.(*lua.LTable)
	if !ok {
		return nil
	}
	classes := ancestors(t)
	if mt, ok := t.Metatable.(*lua.LTable); ok && len(classes) == 0 {
		classes = ancestors(glua.Named(mt, "class"))
	}
	var names []string
	for _, class := range classes {
		if name, ok := glua.Named(class, "name").(lua.LString); ok {
			names = append(names, string(name))
		}
	}
	return names
}

// member returns the member of v of that name; nil: there is none that can be found
// without running code.
func (s *session) member(v lua.LValue, name string) lua.LValue {
	for _, t := range s.sources(v) {
		if m := glua.Named(t, name); m != lua.LNil {
			return m
		}
	}
	return nil
}

// memberNames returns the names of what s.member finds, and which of them are
// functions.
func (s *session) memberNames(v lua.LValue) map[string]bool {
	names := map[string]bool{}
	for _, t := range s.sources(v) {
		for k, m := glua.Next(t, lua.LNil); k != lua.LNil; k, m = glua.Next(t, k) {
			if name, ok := k.(lua.LString); ok {
				if _, there := names[string(name)]; !there {
					names[string(name)] = callable(m)
				}
			}
		}
	}
	return names
}

func callable(v lua.LValue) bool {
	if t, ok := v.(*lua.LTable); ok {
		mt, _ := t.Metatable.(*lua.LTable)
		return mt != nil && glua.Named(mt, "__call") != lua.LNil
	}
	return v.Type() == lua.LTFunction
}

// named returns what a name stands for: a local variable of the session, a
// global one, a module that is loaded; nil: nothing.
func (s *session) named(name string) lua.LValue {
	if v, ok := s.locals.Local(name); ok {
		return v
	}
	L := inside.State(s.engine)
	if v := glua.Named(L.G.Global, name); v != lua.LNil {
		return v
	}
	return s.loaded(name)
}

// loaded returns the module of that name, if it is loaded; nil: it isn't.
func (s *session) loaded(name string) lua.LValue {
	if loaded, ok := glua.Named(inside.State(s.engine).G.Registry, "_LOADED").(*lua.LTable); ok {
		if v := glua.Named(loaded, name); v != lua.LNil {
			return v
		}
	}
	return nil
}

// at follows a path such as "string.format" or "p:start"; nil: it leads nowhere.
func (s *session) at(path string) lua.LValue {
	names := splitPath(path)
	if len(names) == 0 {
		return nil
	}
	if v, rest := s.dotted(names); v != nil {
		return s.follow(v, rest)
	}
	return s.follow(s.named(names[0]), names[1:])
}

// dotted returns the module that a path begins with, if it is one such as socket.url and
// loaded, and what comes behind it.
func (s *session) dotted(names []string) (v lua.LValue, rest []string) {
	for n := len(names); n > 1; n-- {
		if v := s.loaded(strings.Join(names[:n], ".")); v != nil {
			return v, names[n:]
		}
	}
	return nil, nil
}

func splitPath(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == ':' })
}

func (s *session) follow(v lua.LValue, names []string) lua.LValue {
	for _, name := range names {
		if v == nil {
			return nil
		}
		v = s.member(v, name)
	}
	return v
}
