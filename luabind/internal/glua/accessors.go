package glua

import (
	"maps"

	lua "github.com/yuin/gopher-lua"
)

// What other packages see of the fields that gopher-lua has. All of it is inlined.

// Frame returns the call under way; nil: there is none.
func (s *State) Frame() *Frame { return s.currentFrame }

// SetFrame says which call is under way.
func (s *State) SetFrame(f *Frame) { s.currentFrame = f }

// Values returns what is in the registry: nil, not lua.LNil, from Top on.
func (r *Registry) Values() []lua.LValue { return r.array }

// PushNumber pushes a number.
func (r *Registry) PushNumber(n lua.LNumber) {
	r.Need(r.Top + 1)
	r.array[r.Top] = r.Numbers.Value(n)
	r.Top++
}

// List returns items 1, 2, ... of t as far as they are kept in one piece; lua.LNil where
// there is none. Items may be replaced in it.
func (t *Table) List() []lua.LValue { return t.array }

// TakeList lets values be List.
func (t *Table) TakeList(values []lua.LValue) { t.array = values }

// Append adds an item behind List.
func (t *Table) Append(v lua.LValue) { t.array = append(t.array, v) }

// Truncate cuts List off behind item n.
func (t *Table) Truncate(n int) { t.array = t.array[:n] }

// Keys returns the keys beside List in the order of their first entry, those that were
// cleared too.
func (t *Table) Keys() []lua.LValue { return t.keys }

// Named returns the field of that name; false, and nil, where there is none.
func (t *Table) Named(name string) (v lua.LValue, ok bool) {
	v, ok = t.strDict[name]
	return v, ok
}

// SetNamed replaces the value of a field that is there.
func (t *Table) SetNamed(name string, v lua.LValue) { t.strDict[name] = v }

// NamedFields returns how many fields have strings as keys.
func (t *Table) NamedFields() int { return len(t.strDict) }

// Others returns the fields whose keys are neither strings nor indexes of List.
func (t *Table) Others() map[lua.LValue]lua.LValue { return t.dict }

// Clear takes out all that t holds.
func (t *Table) Clear() { t.array, t.dict, t.strDict, t.keys, t.k2i = nil, nil, nil, nil, nil }

// A Shape is the keys of a table, all of them strings.
type Shape struct {
	keys    []lua.LValue
	strDict map[string]lua.LValue
	k2i     map[lua.LValue]int
}

// NewShape returns the shape of names and keys, which are the same; false: one is there
// twice.
func NewShape(names []string, keys []lua.LValue) (*Shape, bool) {
	s := &Shape{keys, make(map[string]lua.LValue, len(names)), make(map[lua.LValue]int, len(names))}
	for i, name := range names {
		s.strDict[name] = lua.LNil
		s.k2i[keys[i]] = i
	}
	return s, len(s.strDict) == len(names)
}

// SetShape gives t, which has no fields, those of s; their values are for SetNamed.
func (t *Table) SetShape(s *Shape) {
	t.keys, t.strDict, t.k2i = s.keys, maps.Clone(s.strDict), maps.Clone(s.k2i)
}
