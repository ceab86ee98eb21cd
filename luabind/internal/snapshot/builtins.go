package snapshot

import (
	"fmt"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// builtins are the values that both sides have before any script runs. They
// travel by name, and tables among them also with what scripts changed in them
// since. (Pluto and Eris call them permanents.)
//
// Every engine pays for the pictures, whether anything travels or not. Names
// follow when the first one is asked for.
type builtins struct {
	roots  []Root
	held   map[lua.LValue]*picture // of what refers to other values
	tables []*lua.LTable           // in held, as they were found
	basic  [basics]lua.LValue

	list  []builtin
	index map[lua.LValue]int // of a value in list; nil until asked for

	late   int                   // roots from here on came after the engine was new; see Admit
	early  int                   // values in list before this one keep their names, which every engine has
	byName map[string]lua.LValue // modules that came so
	owners map[string]string     // which of them entered a key into the registry, the first one that did
}

// picture is what a value held when the engine was new.
type picture struct {
	metatable lua.LValue                // of a table or a userdata; else nil
	fields    []field                   // of a table, in the order of next
	byKey     map[lua.LValue]lua.LValue // the same; nil until asked for
	upvalues  []lua.LValue              // of a function
}

type field struct{ key, value lua.LValue }

// basicTypes returns a value of each type whose values share one metatable.
func basicTypes() [basics]lua.LValue {
	return [...]lua.LValue{lua.LNil, lua.LFalse, lua.LNumber(0), lua.LString(""), &lua.LFunction{}, &lua.LState{}}
}

const basics = 6

// takeBuiltins looks at everything that is reachable in L: from the globals, the
// registry, the metatables of basic types and the upvalues of Go functions,
// where pairs, ipairs and io hide theirs.
func takeBuiltins(L *lua.LState) *builtins {
	// Room for what an engine with all modules has: 91 pictures of 553 fields.
	const many = 100
	b := &builtins{held: make(map[lua.LValue]*picture, many), tables: make([]*lua.LTable, 0, many)}
	b.roots = []Root{{"_G", L.G.Global}, {"(registry)", L.G.Registry}} // first the names that users know
	for i, v := range basicTypes() {
		b.basic[i] = glua.Metatable(L, v)
		b.roots = append(b.roots, Root{"(metatable of " + v.Type().String() + ")", b.basic[i]})
	}
	b.late = len(b.roots)
	b.look(b.roots, many)
	return b
}

// look takes pictures of what the roots reach and has none yet; many is about how many
// that are.
func (b *builtins) look(roots []Root, many int) {
	pictures := make([]picture, 0, many)
	all := make([]field, 0, 6*many) // of all tables
	todo := make([]lua.LValue, 0, 32)
	reach := func(v lua.LValue) {
		switch v := v.(type) {
		case *lua.LTable, *lua.LUserData:
			todo = append(todo, v)
		case *lua.LFunction: // most have nothing
			if glua.Captures(v) {
				todo = append(todo, v)
			}
		}
	}
	for _, r := range roots {
		reach(r.Value)
	}
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if b.held[v] != nil {
			continue
		}
		if len(pictures) == cap(pictures) {
			pictures = make([]picture, 0, many)
		}
		pictures = append(pictures, picture{})
		p := &pictures[len(pictures)-1]
		b.held[v] = p
		switch v := v.(type) {
		case *lua.LTable:
			b.tables = append(b.tables, v)
			start := len(all)
			for k, value := range glua.Pairs(v) {
				all = append(all, field{k, value})
			}
			p.metatable, p.fields = v.Metatable, all[start:len(all):len(all)]
			for _, f := range p.fields {
				reach(f.value)
			}
		case *lua.LFunction:
			for value := range glua.Captured(v) {
				p.upvalues = append(p.upvalues, value)
				reach(value)
			}
		case *lua.LUserData:
			p.metatable = v.Metatable
		}
		reach(p.metatable)
	}
}

// builtin is a value and its name: the path to it by keys, never by the order of
// fields. That follows a Go map and differs from process to process.
type builtin struct {
	value lua.LValue
	steps int // from the root
	name  string
}

// entitle names all that the pictures show.
func (b *builtins) entitle() {
	if b.index != nil {
		return
	}
	const many = 256
	b.list, b.index, b.early = make([]builtin, 0, many), make(map[lua.LValue]int, many), 0
	for i, r := range b.roots {
		next := len(b.list)
		if i == b.late {
			b.early = next
		}
		b.found(builtin{r.Value, 0, r.Name})
		for ; next < len(b.list); next++ { // the nearest come first
			from := b.list[next]
			held := b.held[from.value]
			if held == nil {
				continue
			}
			for _, f := range held.fields {
				if named(f.value) {
					b.found(builtin{f.value, from.steps + 1, from.name + "." + keyName(f.key)})
				}
			}
			b.found(builtin{held.metatable, from.steps + 1, "(metatable of " + from.name + ")"})
			for i, v := range held.upvalues {
				b.found(builtin{v, from.steps + 1, fmt.Sprintf("(upvalue %d of %s)", i, from.name)})
			}
		}
	}
}

// found enters a value, unless it has a name that is shorter in steps or, with as
// many, comes first.
func (b *builtins) found(one builtin) {
	if !named(one.value) {
		return
	}
	i, known := b.index[one.value]
	switch {
	case !known:
		b.index[one.value] = len(b.list)
		b.list = append(b.list, one)
	case i >= b.early && one.steps == b.list[i].steps && one.name < b.list[i].name:
		b.list[i] = one
	}
}

func (b *builtins) holds(v lua.LValue) bool {
	b.entitle()
	_, ok := b.index[v]
	return ok
}

// name returns that of v, a builtin.
func (b *builtins) name(v lua.LValue) string {
	b.entitle()
	return b.list[b.index[v]].name
}

// find returns the builtin of that name. It follows the path that the name describes,
// so that who only unpacks needs no other names.
func (b *builtins) find(name string) (v lua.LValue, ok bool) {
	const long = 1000 // of an honest name; each step of one that goes in circles takes stack
	if len(name) < long {
		w := walk{builtins: b, steps: 10_000}
		w.follow(name, func(end lua.LValue, rest string) {
			if rest == "" && named(end) && end != v {
				w.ends++
				v = end
			}
		})
		if w.ends == 1 && w.steps > 0 {
			return v, true
		}
	}
	b.entitle() // of several, the nearest is meant
	for i := range b.list {
		if b.list[i].name == name {
			return b.list[i].value, true
		}
	}
	return nil, false
}

// A walk follows the paths that a name may mean: where keys have dots there may be several,
// and where they overlap as well, and lead in a circle, more than it can take.
type walk struct {
	*builtins
	steps int // left
	ends  int // found
}

// follow calls arrived with each value to which the beginning of name is a path, and
// with what is left of name.
func (w *walk) follow(name string, arrived func(v lua.LValue, rest string)) {
	for _, r := range w.roots {
		if rest, ok := strings.CutPrefix(name, r.Name); ok {
			w.followFields(r.Value, rest, arrived)
		}
	}
	if rest, ok := strings.CutPrefix(name, "(metatable of "); ok {
		w.follow(rest, func(v lua.LValue, rest string) {
			rest, ok := strings.CutPrefix(rest, ")")
			if held := w.held[v]; ok && held != nil {
				w.followFields(held.metatable, rest, arrived)
			}
		})
	}
	if rest, ok := strings.CutPrefix(name, "(upvalue "); ok {
		number, rest, _ := strings.Cut(rest, " of ")
		i, err := strconv.Atoi(number)
		if err != nil || i < 0 {
			return
		}
		w.follow(rest, func(v lua.LValue, rest string) {
			rest, ok := strings.CutPrefix(rest, ")")
			if held := w.held[v]; ok && held != nil && i < len(held.upvalues) {
				w.followFields(held.upvalues[i], rest, arrived)
			}
		})
	}
}

// followFields is follow from a value on, by its fields.
func (w *walk) followFields(from lua.LValue, name string, arrived func(v lua.LValue, rest string)) {
	if w.steps--; w.steps <= 0 {
		return
	}
	arrived(from, name)
	if held := w.held[from]; held != nil && name != "" && name[0] == '.' {
		for _, f := range held.fields {
			if rest, ok := strings.CutPrefix(name[1:], keyName(f.key)); ok {
				w.followFields(f.value, rest, arrived)
			}
		}
	}
}

// named says whether a value has an identity, which a name can stand for.
func named(v lua.LValue) bool {
	switch v.(type) {
	case *lua.LTable, *lua.LFunction, *lua.LUserData:
		return true
	}
	return false
}

func keyName(k lua.LValue) string {
	if s, ok := k.(lua.LString); ok {
		return string(s)
	}
	return "(" + k.Type().String() + " " + k.String() + ")"
}

// changed reports whether t differs from its picture.
func (b *builtins) changed(t *lua.LTable) bool {
	was, same := b.held[t].fields, 0
	for k, v := range glua.Pairs(t) {
		if same == len(was) || was[same] != (field{k, v}) {
			return true
		}
		same++
	}
	return same < len(was)
}

// changes lists what differs in t from its picture; a field that was removed
// stands there with nil.
func (b *builtins) changes(t *lua.LTable) []field {
	was := b.held[t]
	var list []field
	for k, v := range glua.Pairs(t) {
		if b.original(t, k) != v {
			list = append(list, field{k, v})
		}
	}
	for _, f := range was.fields {
		if glua.Get(t, f.key) == lua.LNil {
			list = append(list, field{f.key, lua.LNil})
		}
	}
	return list
}

// original returns what a builtin table held under key when the engine was new.
func (b *builtins) original(t *lua.LTable, key lua.LValue) lua.LValue {
	p := b.held[t]
	if p.byKey == nil {
		p.byKey = make(map[lua.LValue]lua.LValue, len(p.fields))
		for _, f := range p.fields {
			p.byKey[f.key] = f.value
		}
	}
	if v, ok := p.byKey[key]; ok {
		return v
	}
	return lua.LNil
}
