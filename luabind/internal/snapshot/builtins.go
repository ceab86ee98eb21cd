package snapshot

import (
	"cmp"
	"fmt"
	"slices"

	lua "github.com/yuin/gopher-lua"
)

// builtins are the values that both sides have before any script runs. They
// travel by name, and tables among them also with what scripts changed in them
// since. (Pluto and Eris call them permanents.)
type builtins struct {
	names  map[lua.LValue]string
	values map[string]lua.LValue
	tables map[*lua.LTable]*picture
	order  []*lua.LTable // of tables, as they were found
	basic  [len(basicTypes)]lua.LValue
}

// picture is what a table held when the engine was new.
type picture struct {
	metatable lua.LValue
	fields    map[lua.LValue]lua.LValue
}

type field struct{ key, value lua.LValue }

// basicTypes are those whose values share one metatable.
var basicTypes = [...]lua.LValue{lua.LNil, lua.LFalse, lua.LNumber(0), lua.LString(""), &lua.LFunction{}, &lua.LState{}}

// takeBuiltins names everything that is reachable in L: from the globals, the
// registry, the metatables of basic types and the upvalues of Go functions,
// where pairs, ipairs and io hide theirs.
//
// A name is the way to the value by keys, never by the order of fields: that
// order follows a Go map and differs from process to process.
func takeBuiltins(L *lua.LState) *builtins {
	b := &builtins{
		names:  map[lua.LValue]string{},
		values: map[string]lua.LValue{},
		tables: map[*lua.LTable]*picture{},
	}
	b.walk(L.G.Global, "_G") // first, for the names that users know
	b.walk(L.G.Registry, "(registry)")
	for i, v := range basicTypes {
		b.basic[i] = L.GetMetatable(v)
		b.walk(b.basic[i], "(metatable of "+v.Type().String()+")")
	}
	return b
}

// walk names v and what it reaches, the nearest first.
func (b *builtins) walk(v lua.LValue, name string) {
	type item struct {
		value lua.LValue
		name  string
	}
	queue := []item{{v, name}}
	for len(queue) > 0 {
		it := queue[0]
		queue = queue[1:]
		if !named(it.value) || b.names[it.value] != "" {
			continue
		}
		b.names[it.value] = it.name
		b.values[it.name] = it.value
		switch v := it.value.(type) {
		case *lua.LTable:
			held := sortedFields(v)
			b.tables[v] = &picture{v.Metatable, make(map[lua.LValue]lua.LValue, len(held))}
			b.order = append(b.order, v)
			for _, f := range held {
				b.tables[v].fields[f.key] = f.value
				queue = append(queue, item{f.value, it.name + "." + keyName(f.key)})
			}
			queue = append(queue, item{v.Metatable, "(metatable of " + it.name + ")"})
		case *lua.LFunction:
			for i, u := range v.Upvalues {
				if u != nil {
					queue = append(queue, item{u.Value(), fmt.Sprintf("(upvalue %d of %s)", i, it.name)})
				}
			}
		case *lua.LUserData:
			queue = append(queue, item{v.Metatable, "(metatable of " + it.name + ")"})
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

// fields lists a table in the order of next; nil is an empty one.
func fields(t *lua.LTable) []field {
	if t == nil {
		return nil
	}
	var list []field
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		list = append(list, field{k, v})
	}
	return list
}

// sortedFields lists a table by the names of its keys: the libraries of
// gopher-lua fill theirs from Go maps, in a different order every time.
func sortedFields(t *lua.LTable) []field {
	list := fields(t)
	slices.SortFunc(list, func(a, b field) int { return cmp.Compare(keyName(a.key), keyName(b.key)) })
	return list
}

// changes lists what differs in t from its picture; a field that was removed
// stands there with nil.
func (b *builtins) changes(t *lua.LTable) []field {
	old := b.tables[t].fields
	var list []field
	for _, f := range fields(t) {
		if v, ok := old[f.key]; !ok || v != f.value {
			list = append(list, f)
		}
	}
	for k := range old {
		if t.RawGet(k) == lua.LNil {
			list = append(list, field{k, lua.LNil})
		}
	}
	return list
}

// original returns what a builtin table held under key when the engine was new.
func (b *builtins) original(t *lua.LTable, key lua.LValue) lua.LValue {
	if v, ok := b.tables[t].fields[key]; ok {
		return v
	}
	return lua.LNil
}
