package glua

import (
	"math/bits"
	"slices"

	lua "github.com/yuin/gopher-lua"
)

// Where the items of a table stand, those with the keys 1, 2, 3 and so on:
//
//	Array            1 .. len    items, and lua.LNil where there is none
//	                len .. cap   room: such an item comes to stand here
//	Dict           cap+2 .. ∞    the others: with key cap+1 the array grows
//
// So an item that is added behind the last one needs no look at Dict, and a list
// without holes is in the array as a whole.
//
// gopher-lua itself knows no items in Dict below lua.MaxArrayIndex. It fills the
// array up to any key, which for z[1e7] = 1 takes 160 MB and a second, and its
// RawGet, RawSet and GetTable don't find what stands in Dict. Nothing here uses them
// for what may be an item.
const (
	// entry is how many slots of the array take as much memory as an entry of Dict,
	// Keys and K2i.
	entry = 8

	firstRoom = 32      // of an array
	longArray = 1 << 18 // is looked at for how much of it is in use before it grows
)

// index returns where key stands in the array of a table that is long enough, or
// -1 for a key that never stands there.
func index(key lua.LValue) int {
	n, ok := key.(lua.LNumber)
	if !ok || n < 1 || n >= lua.LNumber(lua.MaxArrayIndex) || n != lua.LNumber(int(n)) {
		return -1
	}
	return int(n) - 1
}

// get is t[key] without metamethods.
func (t *foreign) get(key lua.LValue) lua.LValue {
	switch k := key.(type) {
	case lua.LString:
		if v, ok := t.strDict[string(k)]; ok {
			return v
		}
		return lua.LNil
	case lua.LNumber:
		if i := index(k); uint(i) < uint(len(t.array)) {
			return t.array[i]
		}
	}
	if v, ok := t.dict[key]; ok {
		return v
	}
	return lua.LNil
}

// set is t[key] = value without metamethods, for a key that is neither nil nor
// NaN. Neither of them leads to a table that is not foreign, see setTurned.
func (t *foreign) set(key, value lua.LValue) {
	if s, ok := key.(lua.LString); ok {
		before := len(t.keys)
		t.outside().RawSetString(string(s), value)
		if len(t.keys) != before {
			t.sweep()
		}
		return
	}
	if i := index(key); i >= 0 {
		t.setItem(i, key, value)
	} else if t.setOther(key, value) {
		t.sweep()
	}
}

// clear is Table.Clear.
func (t *foreign) clear() { t.array, t.dict, t.strDict, t.keys, t.k2i = nil, nil, nil, nil, nil }

// setItem sets the item that has its place at index i of an array.
func (t *foreign) setItem(i int, key, value lua.LValue) {
	if i < len(t.array) {
		t.array[i] = value
		return
	}
	room := cap(t.array)
	_, other := t.dict[key]
	switch {
	case other || value == lua.LNil:
		t.setOther(key, value)
		return
	case i < room: // no item in Dict is
	case i == room && room >= longArray && t.sparse():
		t.scatter()
		t.setItem(i, key, value)
		return
	case i >= room+entry || i > room && t.sparse():
		if t.setOther(key, value) && !t.gather() {
			t.sweep()
		}
		return
	default:
		t.grow(i)
	}
	t.extend(i)
	t.array[i] = value
}

// extend makes the array, which has the room, so long that it has index i.
func (t *foreign) extend(i int) {
	for len(t.array) <= i {
		t.array = append(t.array, lua.LNil)
	}
}

// setOther sets what stands in Dict, and says whether that has a key more now.
func (t *foreign) setOther(key, value lua.LValue) (added bool) {
	if value == lua.LNil {
		delete(t.dict, key)
		return false
	}
	if t.dict == nil {
		t.dict = map[lua.LValue]lua.LValue{}
	}
	if t.array == nil {
		t.array = []lua.LValue{} // else gopher-lua's Next begins again after each such key
	}
	t.dict[key] = value
	if _, ok := t.k2i[key]; ok {
		return false
	}
	if t.k2i == nil {
		t.k2i = map[lua.LValue]int{}
	}
	t.k2i[key] = len(t.keys)
	t.keys = append(t.keys, key)
	return true
}

// grow makes room in the array for index i, and takes from Dict what has room now.
func (t *foreign) grow(i int) {
	if cap(t.array) == 0 {
		i = max(i, firstRoom-1)
	}
	for {
		before := cap(t.array)
		t.array = slices.Grow(t.array, i+1-len(t.array))
		if len(t.dict) == 0 {
			return
		}
		last := -1
		move := func(key lua.LValue) {
			at := index(key)
			if at < 0 || at > cap(t.array) {
				return
			}
			last = max(last, at)
			if at < cap(t.array) {
				t.extend(at)
				t.array[at] = t.dict[key]
				t.forget(key)
			}
		}
		if room := cap(t.array); len(t.dict) < room-before {
			for key := range t.dict {
				move(key)
			}
		} else {
			for at := before; at <= room; at++ {
				if key := lua.LNumber(at + 1); t.dict[key] != nil {
					move(key)
				}
			}
		}
		if last < cap(t.array) {
			return
		}
		i = last // it stands right behind the room
	}
}

// forget removes a key from Dict, while the table isn't walked through.
func (t *foreign) forget(key lua.LValue) {
	delete(t.dict, key)
	t.keys[t.k2i[key]] = lua.LNil
	delete(t.k2i, key)
}

// gather lets the array grow up to the highest power of two at which it takes less
// memory than its items take in Dict. (Lua 5.1 does the same; an entry takes less
// there, so that half of the array has to be in use.) It is called when a key was
// added to Dict, looks when there are twice as many as before, and says whether the
// array has grown.
func (t *foreign) gather() bool {
	if n := len(t.keys) - 1; n < 2 || n&(n-1) != 0 {
		return false
	}
	var upTo [bits.UintSize]int // how many keys of Dict lie between two powers of two
	for key := range t.dict {
		if i := index(key); i >= 0 {
			upTo[bits.Len(uint(i))]++
		}
	}
	size, n, inArray := 0, 0, -1
	for log, more := range upTo {
		n += more
		if more == 0 || n+len(t.array) <= 1<<log/entry || 1<<log <= cap(t.array) {
			continue
		}
		if inArray < 0 {
			inArray = t.used()
		}
		if n+inArray > 1<<log/entry {
			size = 1 << log
		}
	}
	if size == 0 {
		return false
	}
	t.grow(size - 1)
	t.compact()
	return true
}

// used returns how many items are in the array.
func (t *foreign) used() int {
	n := 0
	for _, v := range t.array {
		if v != lua.LNil {
			n++
		}
	}
	return n
}

// sparse says whether what is in the array would take less memory in Dict.
func (t *foreign) sparse() bool { return t.used() < len(t.array)/entry }

// scatter moves what is in the array to dict: of a list that is filled at its end and
// emptied at its beginning the array would grow for ever.
func (t *foreign) scatter() {
	array := t.array
	first := 0 // key 1 stands in the array always, and so do those that follow it
	for first < len(array) && array[first] != lua.LNil {
		first++
	}
	t.array = append(make([]lua.LValue, 0, first), array[:first]...)
	for i, v := range array[first:] {
		if v != lua.LNil {
			t.setOther(lua.LNumber(first+i+1), v)
		}
	}
	t.compact()
}

// compact forgets keys that were cleared, and frees their memory.
func (t *foreign) compact() {
	live := len(t.dict) + len(t.strDict)
	keys := make([]lua.LValue, 0, live)
	k2i := make(map[lua.LValue]int, live)
	dict := make(map[lua.LValue]lua.LValue, len(t.dict))
	for _, k := range t.keys {
		if s, ok := k.(lua.LString); ok {
			if _, ok := t.strDict[string(s)]; !ok {
				continue
			}
		} else if v, ok := t.dict[k]; ok {
			dict[k] = v
		} else {
			continue
		}
		k2i[k] = len(keys)
		keys = append(keys, k)
	}
	t.keys, t.k2i, t.dict = keys, k2i, dict
}
