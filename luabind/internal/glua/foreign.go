package glua

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// foreign has the layout of lua.LTable, see Table.
type foreign struct {
	Metatable lua.LValue
	array     []lua.LValue // items 1, 2, ...; lua.LNil where there is none
	dict      map[lua.LValue]lua.LValue
	strDict   map[string]lua.LValue
	keys      []lua.LValue // of Dict and StrDict in the order of their first entry, those that were cleared too
	k2i       map[lua.LValue]int
}

func (t *foreign) outside() *lua.LTable { return (*lua.LTable)(unsafe.Pointer(t)) }

// next is Lua 5.1's next, and false for a key that is not in the table.
//
// A list that has become shorter during the walk has keys that are not there any
// more; they are known by the room that they had.
func (t *foreign) next(key lua.LValue) (k, v lua.LValue, ok bool) {
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

func (t *foreign) nextKey(from int) (k, v lua.LValue, ok bool) {
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

// sweep forgets keys that were cleared, where they are most of all. It is called
// when a key has been added, as Lua 5.1 sweeps then: while a table is walked
// through, its fields may be cleared but none added.
func (t *foreign) sweep() {
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
