package baselib

import (
	"runtime"
	"slices"
	"strings"
	"weak"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// Weak tables. gopher-lua knows none: what __mode calls weak holds what it holds.
// But a collection that a script asks for can let it go:
//
//	fields of weak tables --taken out--> weak pointers --runtime.GC--> those that are left --put back--> tables
//
// Whatever refers to a value counts so, Go code as well. Between the steps no
// script runs. What a collection does that Go starts by itself, no table sees.

// weakTables are those that were given a metatable with __mode.
type weakTables []weak.Pointer[lua.LTable]

// modeOf returns which sides of t are weak.
func modeOf(metatable lua.LValue) (keys, values bool) {
	mt, ok := metatable.(*lua.LTable)
	if !ok {
		return false, false
	}
	mode, ok := glua.Named(mt, "__mode").(lua.LString)
	return ok && strings.Contains(string(mode), "k"), ok && strings.Contains(string(mode), "v")
}

// add remembers t if its metatable makes it weak.
func (w *weakTables) add(t *lua.LTable) {
	if keys, values := modeOf(t.Metatable); keys || values {
		p := weak.Make(t)
		if !slices.Contains(*w, p) {
			*w = append(*w, p)
		}
	}
}

// collect collects garbage, and clears the fields of weak tables that nothing
// else refers to. It is false where there are none.
func (w *weakTables) collect(L *lua.LState) bool {
	taken := w.take()
	if len(taken) == 0 {
		return false
	}
	glua.Inside(L).ClearUnused()
	runtime.GC()
	for _, t := range taken {
		t.restore()
	}
	return true
}

// take takes the fields out of all weak tables that are still there.
//
//go:noinline
func (w *weakTables) take() []*takenTable {
	var taken []*takenTable
	*w = slices.DeleteFunc(*w, func(p weak.Pointer[lua.LTable]) bool {
		t := p.Value()
		if t == nil {
			return true
		}
		if keys, values := modeOf(t.Metatable); keys || values {
			taken = append(taken, takeFields(t, keys, values))
		}
		return false
	})
	return taken
}

// takenTable is a table whose fields were taken out. It refers to the table
// weakly too: one that only another weak table refers to shall go.
type takenTable struct {
	table  weak.Pointer[lua.LTable]
	fields []takenField
}

type takenField struct{ key, value func() lua.LValue } // which return nil for what is gone

func takeFields(t *lua.LTable, keys, values bool) *takenTable {
	taken := &takenTable{table: weak.Make(t)}
	for k, v := range glua.Pairs(t) {
		taken.fields = append(taken.fields, takenField{reference(k, keys), reference(v, values)})
	}
	glua.InsideTable(t).Clear()
	return taken
}

func (taken *takenTable) restore() {
	t := taken.table.Value()
	if t == nil {
		return
	}
	for _, f := range taken.fields {
		if k, v := f.key(), f.value(); k != nil && v != nil {
			glua.Set(t, k, v)
		}
	}
}

// reference returns what gives v back, as long as it is there.
func reference(v lua.LValue, isWeak bool) func() lua.LValue {
	if isWeak {
		switch v := v.(type) {
		case *lua.LTable:
			return weakly(v)
		case *lua.LFunction:
			return weakly(v)
		case *lua.LUserData:
			return weakly(v)
		case *lua.LState:
			return weakly(v)
		}
	}
	return func() lua.LValue { return v }
}

func weakly[T any, P interface {
	*T
	lua.LValue
}](v P) func() lua.LValue {
	p := weak.Make((*T)(v))
	return func() lua.LValue {
		if v := p.Value(); v != nil {
			return P(v)
		}
		return nil
	}
}
