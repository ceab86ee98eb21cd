package glua

import (
	"maps"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// Methods is an inline cache: it remembers, for instructions that ask a userdata for a
// method, which function they have found. To look it up in the metatable and in __index
// takes longer than the rest of a call.
//
// An entry holds as long as nobody changes those tables. So only guarded metatables
// have entries: those whose tables no script has seen. Whatever gives a script such a
// table calls Invalidate first, after which it is as any other.
type Methods struct {
	lines   [lines]line
	guarded map[*lua.LTable]*lua.LTable // to the first of those that were guarded together
	exposed bool                        // see Expose
	Joined  Joined
}

// lines is how many instructions are remembered, each in a place that follows
// from its address.
const lines = 64

type line struct {
	next      unsafe.Pointer // the instruction behind this one
	metatable *lua.LTable
	method    lua.LValue // nil: it is to be looked up each time
}

func (m *Methods) line(next unsafe.Pointer) *line {
	return &m.lines[uintptr(next)/unsafe.Sizeof(Ins{})%lines]
}

// Cached returns what an instruction has found for userdata of the type of ud; nil: that
// isn't known. The instruction is named by the one that follows it: the loop
// has the address of the next instruction at hand, and would have to keep that of the
// present one for every instruction that runs.
func (m *Methods) Cached(next unsafe.Pointer, ud *lua.LUserData) lua.LValue {
	if l := m.line(next); l.next == next {
		if t, ok := ud.Metatable.(*lua.LTable); ok && l.metatable == t {
			return l.method
		}
	}
	return nil
}

// Find returns what that instruction finds for ud where its __index is a table,
// as Field does, and remembers it; nil: that is something else.
func (m *Methods) Find(next unsafe.Pointer, ud *lua.LUserData, key *Value) lua.LValue {
	t, ok := ud.Metatable.(*lua.LTable)
	if !ok {
		return nil
	}
	index, ok := Named(t, "__index").(*lua.LTable)
	if !ok {
		return nil
	}
	field, ok := InsideTable(index).Field(key)
	if !ok {
		return nil
	}
	v := field.LValue(nil)
	if l := m.line(next); l.next != next || l.metatable != t {
		*l = line{next: next, metatable: t}
		if m.guarded[t] != nil && v != lua.LNil {
			l.method = v
		}
	}
	return v
}

// Guard says that scripts get at metatables of userdata, and at the tables that
// their __index leads to, only by functions that call Invalidate. Nothing is guarded where
// one of these tables is a field of another, as file.__index would be.
func Guard(L *lua.LState, metatables ...*lua.LTable) {
	m := methodsOf(L)
	if m == nil {
		return
	}
	group, fields := map[*lua.LTable]bool{}, map[*lua.LTable]bool{}
	for _, t := range metatables {
		collect(t, group, fields)
	}
	for t := range fields {
		shown := false
		ForEach(t, func(_, v lua.LValue) {
			if v, ok := v.(*lua.LTable); ok && group[v] {
				shown = true
			}
		})
		if shown {
			return
		}
	}
	if m.guarded == nil {
		m.guarded = map[*lua.LTable]*lua.LTable{}
	}
	for t := range group {
		m.guarded[t] = metatables[0]
	}
	clear(m.lines[:])
}

// collect enters a metatable and all tables behind it into group, and those whose
// fields __index shows into fields.
func collect(metatable *lua.LTable, group, fields map[*lua.LTable]bool) {
	group[metatable] = true
	index, ok := Named(metatable, "__index").(*lua.LTable)
	if !ok || fields[index] {
		return
	}
	group[index], fields[index] = true, true
	if next, ok := index.Metatable.(*lua.LTable); ok {
		collect(next, group, fields)
	}
}

// Invalidate is called before a script gets a table that may be guarded.
func Invalidate(L *lua.LState, v lua.LValue) {
	t, ok := v.(*lua.LTable)
	if m := methodsOf(L); ok && m != nil {
		if first := m.guarded[t]; first != nil {
			maps.DeleteFunc(m.guarded, func(_, f *lua.LTable) bool { return f == first })
			clear(m.lines[:])
		}
	}
}

// InvalidateAll is Invalidate of all tables.
func InvalidateAll(L *lua.LState) {
	if m := methodsOf(L); m != nil {
		*m = Methods{exposed: m.exposed}
	}
}

// methodsOf returns those of L and its coroutines, nil where there are none.
func methodsOf(L *lua.LState) *Methods {
	if L == nil {
		return nil
	}
	frames, ok := Inside(L).Stack.(*Frames)
	if !ok {
		return nil
	}
	return frames.methods
}
