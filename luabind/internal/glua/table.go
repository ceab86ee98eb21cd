package glua

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// Table has the layout of lua.LTable.
type Table struct {
	Metatable lua.LValue
	array     []lua.LValue // items 1, 2, ...; lua.LNil where there is none
	dict      map[lua.LValue]lua.LValue
	strDict   map[string]lua.LValue
	keys      []lua.LValue // of Dict and StrDict in the order of their first entry, those that were cleared too
	k2i       map[lua.LValue]int
}

// InsideTable returns what t holds.
func InsideTable(t *lua.LTable) *Table { return (*Table)(unsafe.Pointer(t)) }

// Outside returns t as it is known elsewhere.
func (t *Table) Outside() *lua.LTable { return (*lua.LTable)(unsafe.Pointer(t)) }

// NewFunctions returns a table of functions, with room for more fields. One that grows
// while it is filled leaves several of its maps behind, and of a library each engine
// pays for that, in touched memory above all.
func NewFunctions(L *lua.LState, functions map[string]lua.LGFunction, more int) *lua.LTable {
	return L.SetFuncs(NewTable(0, len(functions)+more), functions)
}

// NewLibrary is NewFunctions for a library: the global of that name, and what require
// returns for it, in the place of any other.
func NewLibrary(L *lua.LState, name string, functions map[string]lua.LGFunction, more int) *lua.LTable {
	t := NewFunctions(L, functions, more)
	L.G.Global.RawSetString(name, t)
	Loaded(L).RawSetString(name, t)
	return t
}

// Loaded returns the table of require in L, which the registry holds.
func Loaded(L *lua.LState) *lua.LTable {
	return L.G.Registry.RawGetString("_LOADED").(*lua.LTable)
}

// Border returns an n with t[n] ~= nil, or 0, and t[n+1] == nil, where n is in
// the array. Unlike gopher-lua's Len it doesn't walk over all that was cleared at
// the end, which makes emptying a list from its end quadratic.
func (t *Table) Border() int {
	n := len(t.array)
	if n == 0 || t.array[n-1] != lua.LNil {
		return n
	}
	present, missing := 0, n // t[present] is there, or 0; t[missing] isn't
	for missing-present > 1 {
		if middle := present + (missing-present)/2; t.array[middle-1] == lua.LNil {
			missing = middle
		} else {
			present = middle
		}
	}
	return present
}

// Next is Lua 5.1's next, and false for a key that is not in the table.
//
// A list that has become shorter during the walk has keys that are not there any
// more; they are known by the room that they had.
func (t *Table) Next(key lua.LValue) (k, v lua.LValue, ok bool) {
	from := 0
	if key != lua.LNil {
		if i := index(key); i >= 0 && i < cap(t.array) {
			from = i + 1
		} else if at, ok := t.k2i[key]; ok {
			return t.nextKey(at + 1)
		} else {
			return lua.LNil, lua.LNil, false
		}
	}
	for i := from; i < len(t.array); i++ {
		if v := t.array[i]; v != lua.LNil {
			return lua.LNumber(i + 1), v, true
		}
	}
	return t.nextKey(0)
}

// NextValue is Next with Values; false also for what it leaves to Next.
func (t *Table) NextValue(key *Value, out []Value) (n int, ok bool) {
	from := 0
	switch {
	case key.IsNumber():
		from = int(key.Float())
		if from < 1 || from > len(t.array) || float64(from) != key.Float() {
			return 0, false
		}
	case !key.IsNil():
		return 0, false
	}
	for i := from; i < len(t.array); i++ {
		if v := t.array[i]; v != lua.LNil {
			out[0].SetNumber(float64(i + 1))
			out[1].Take(v)
			return 2, true
		}
	}
	k, v, _ := t.nextKey(0)
	out[0].Take(k)
	out[1].Take(v)
	if k == lua.LNil {
		return 1, true
	}
	return 2, true
}

func (t *Table) nextKey(from int) (k, v lua.LValue, ok bool) {
	for _, k := range t.keys[min(from, len(t.keys)):] {
		if s, ok := k.(lua.LString); ok {
			v, ok = t.strDict[string(s)]
			if ok {
				return k, v, true
			}
		} else if v, ok = t.dict[k]; ok {
			return k, v, true
		}
	}
	return lua.LNil, lua.LNil, true
}

// Sweep forgets keys that were cleared, where they are most of all. It is called
// when a key has been added, as Lua 5.1 sweeps then: while a table is walked
// through, its fields may be cleared but none added.
func (t *Table) Sweep() {
	live := len(t.dict) + len(t.strDict)
	if n := len(t.keys); n < minSweep || n&(n-1) != 0 || live > n/2 {
		return // only at a power of two, so that it costs each key a constant
	}
	keys := make([]lua.LValue, 0, 2*live)
	k2i := make(map[lua.LValue]int, live)
	for _, k := range t.keys {
		here := false
		if s, ok := k.(lua.LString); ok {
			_, here = t.strDict[string(s)]
		} else {
			_, here = t.dict[k]
		}
		if here {
			k2i[k] = len(keys)
			keys = append(keys, k)
		}
	}
	t.keys, t.k2i = keys, k2i
}

// minSweep is how many keys are worth a look.
const minSweep = 64
