package glua

import (
	"testing"

	lua "github.com/yuin/gopher-lua"
)

// The array of a table that is filled at its end and emptied at its beginning doesn't
// grow for ever, and each item stands in one place, where all ways lead to it.
func TestQueue(t *testing.T) {
	const waiting = 100
	q := &lua.LTable{Metatable: lua.LNil}
	Set(q, lua.LString("name"), lua.LTrue)
	for last := 1; last <= 4*longArray; last++ {
		Set(q, lua.LNumber(last), lua.LNumber(last))
		if first := last - waiting; first > 0 {
			Set(q, lua.LNumber(first), lua.LNil)
		}
		if last%(longArray/2) == 0 {
			items := 0
			for k, v := q.Next(lua.LNil); k != lua.LNil; k, v = q.Next(k) {
				if n, ok := k.(lua.LNumber); ok {
					items++
					if v != n || Get(q, n) != n || Item(q, int(n)) != n {
						t.Fatalf("item %v of %d: got %v, %v", n, last, v, Get(q, n))
					}
				}
			}
			if want := min(last, waiting); items != want {
				t.Fatalf("after %d: got %d items, want %d", last, items, want)
			}
		}
	}
	in := InsideTable(q).foreign()
	if room := cap(in.array) + len(in.keys); room > longArray {
		t.Errorf("%d items take the room of %d", waiting, room)
	}
}

// No key of Dict has its place in the array, nor right behind that, whichever order
// items come in.
func TestPlaces(t *testing.T) {
	for _, keys := range []func(i int) int{
		func(i int) int { return i },
		func(i int) int { return 3000 - i },
		func(i int) int { return i * 7 },
		func(i int) int { return i*i%3001 + 1 },
		func(i int) int { return 1<<(i%20) + i%5 },
		func(i int) int { return i%50*61 + i/50 + 1 },
	} {
		table := &lua.LTable{Metatable: lua.LNil}
		in := InsideTable(table).foreign()
		for i := 1; i < 3000; i++ {
			Set(table, lua.LNumber(keys(i)), lua.LNumber(i))
			for k := range in.dict {
				if at := index(k); at <= cap(in.array) {
					t.Fatalf("after %d of them, item %d is outside an array of %d", i, at+1, cap(in.array))
				}
			}
		}
		if len(in.dict) > 0 && in.used()+len(in.dict) == int(maxKey(in)) {
			t.Errorf("a list without holes has %d items outside the array", len(in.dict))
		}
	}
}

func maxKey(t *foreign) (most lua.LNumber) {
	for i, v := range t.array {
		if v != lua.LNil {
			most = lua.LNumber(i + 1)
		}
	}
	for k := range t.dict {
		most = max(most, k.(lua.LNumber))
	}
	return most
}
