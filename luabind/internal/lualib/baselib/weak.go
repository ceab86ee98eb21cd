package baselib

import (
	"maps"
	"runtime"
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

// weakTables are those that were given a metatable with __mode, or an empty one, which may get it later.
type weakTables struct {
	known map[weak.Pointer[lua.LTable]]bool
	most  int // when there are more, those that are gone are forgotten
}

// modeOf returns which sides of t are weak.
func modeOf(metatable lua.LValue) (keys, values bool) {
	mt, ok := metatable.(*lua.LTable)
	if !ok {
		return false, false
	}
	mode, ok := glua.Named(mt, "__mode").(lua.LString)
	return ok && strings.Contains(string(mode), "k"), ok && strings.Contains(string(mode), "v")
}

// add remembers t if its metatable makes it weak, or may do so.
func (w *weakTables) add(t *lua.LTable) {
	mt, ok := t.Metatable.(*lua.LTable)
	if !ok {
		return
	}
	if keys, values := modeOf(mt); !keys && !values && glua.InsideTable(mt).HasFields() {
		return
	}
	if w.known == nil {
		w.known = map[weak.Pointer[lua.LTable]]bool{}
	}
	w.known[weak.Make(t)] = true
	if len(w.known) > w.most {
		maps.DeleteFunc(w.known, func(p weak.Pointer[lua.LTable], _ bool) bool { return p.Value() == nil })
		w.most = max(1000, 2*len(w.known))
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
	for p := range w.known {
		t := p.Value()
		if t == nil {
			delete(w.known, p)
			continue
		}
		if keys, values := modeOf(t.Metatable); keys || values {
			taken = append(taken, takeFields(t, keys, values))
		}
	}
	return taken
}

// takenTable is a table whose fields were taken out. It refers to the table
// weakly too: one that only another weak table refers to shall go.
type takenTable struct {
	table  weak.Pointer[lua.LTable]
	fields []takenField
}

// takenField has what was taken out of a field, as functions that return nil for what is gone.
// Where the field stands it stays, and the chain through it: a loop over the table may have come
// to it. A foreign table has no such places, its fields are set anew.
type takenField struct {
	slot       int
	key, value func() lua.LValue // nil: it was not taken
}

func takeFields(t *lua.LTable, keys, values bool) *takenTable {
	taken := &takenTable{table: weak.Make(t)}
	in := glua.InsideTable(t)
	if !in.IsOwn() {
		for k, v := range glua.Pairs(t) {
			f := takenField{key: func() lua.LValue { return k }, value: func() lua.LValue { return v }}
			if get := reference(k); keys && get != nil {
				f.key = get
			}
			if get := reference(v); values && get != nil {
				f.value = get
			}
			taken.fields = append(taken.fields, f)
		}
		in.Clear()
		return taken
	}
	for slot := range in.Slots() {
		k, v := in.Slot(slot)
		f := takenField{slot: slot}
		if k != nil && (keys || v.IsNil()) { // the key of a field without a value holds nothing
			if f.key = referenceTo(k); f.key != nil {
				*k = glua.Cleared
			}
		}
		if values {
			if f.value = referenceTo(v); f.value != nil {
				*v = glua.Nil
			}
		}
		if f.key != nil || f.value != nil {
			taken.fields = append(taken.fields, f)
		}
	}
	return taken
}

func (taken *takenTable) restore() {
	t := taken.table.Value()
	if t == nil {
		return
	}
	in := glua.InsideTable(t)
	for _, f := range taken.fields {
		if !in.IsOwn() {
			if k, v := f.key(), f.value(); k != nil && v != nil {
				glua.Set(t, k, v)
			}
			continue
		}
		key, value := in.Slot(f.slot)
		if f.value != nil {
			*value = glua.ValueOf(f.value())
		}
		if f.key == nil {
			continue
		}
		if k := f.key(); k != nil {
			*key = glua.ValueOf(k)
		} else {
			*value = glua.Nil
		}
	}
}

func referenceTo(v *glua.Value) func() lua.LValue {
	if v.IsNumber() || v.IsString() || v.Same(&glua.Cleared) {
		return nil
	}
	return reference(v.LValue(nil))
}

// reference returns what gives an object back, as long as it is there; nil: v is no object.
func reference(v lua.LValue) func() lua.LValue {
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
	return nil
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
