package snapshot

import (
	"math/bits"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

func (p *packer) table(t *lua.LTable) {
	in := glua.InsideTable(t)
	list := in.List()
	items := len(list)
	for items > 0 && list[items-1].IsNil() {
		items--
	}
	if in.Len() != items { // where #t ends depends also on the places that are empty
		items = len(list)
	}
	b := doubled(p.bodies, 4+3*items) // most values are that short
	b = p.value(b, t.Metatable, step{kind: metatable})
	for i := range list[:items] {
		v := &list[i]
		var ok bool
		if b, ok = p.plain(b, v); !ok {
			b = p.reference(b, v.LValue(nil), step{kind: item, index: i + 1})
		}
	}
	// A field is a key and a value, or a value alone where the keys are a shape.
	field := func(k, v *glua.Value) {
		var ok bool
		if b, ok = p.plain(b, v); !ok {
			b = p.reference(b, v.LValue(nil), step{kind: item, key: k.LValue(nil)})
		}
	}
	fields := 0
	if shape, ok := p.shape(in); ok {
		for _, n := range in.Nodes() {
			field(n.Key(), n.Value())
			fields++
		}
		p.shells = uvarint(uvarint(append(doubled(p.shells, 8), shellRecord), items), shape)
	} else {
		room, next := in.Room(), 0
		for number, n := range in.Nodes() {
			if room > 0 {
				b = uvarint(b, number-next)
				next = number + 1
			}
			if k := n.Key(); k.IsString() {
				b, _ = p.plain(b, k)
			} else {
				v := k.LValue(nil)
				b = p.value(b, v, step{kind: key, key: v})
			}
			field(n.Key(), n.Value())
			fields++
		}
		p.shells = uvarint(uvarint(uvarint(append(doubled(p.shells, 8), shellTable), items), fields), bits.Len(uint(room)))
	}
	p.bodies = b
	p.room += 128 + 16*items + roomOfFields(fields)
}

// doubled returns list with room for n more. What append adds to a long list is a
// quarter of it, so that five times as much memory is touched in the end; this is
// twice as much.
func doubled[T any](list []T, n int) []T {
	if cap(list)-len(list) >= n {
		return list
	}
	longer := make([]T, len(list), 2*len(list)+n)
	copy(longer, list)
	return longer
}

// roomOfFields returns what n fields take in a table: 40 bytes each, and as many that aren't
// used yet.
func roomOfFields(n int) int {
	if n == 0 {
		return 0
	}
	return 40 << bits.Len(uint(n-1))
}

// A tableIndex finds the number of a table, its place in a list that somebody else
// keeps. It is a map that hashes addresses, with four bytes a slot: a list of small
// tables is looked up as often as it has tables. The zero value is empty.
type tableIndex struct {
	slots []uint32 // numbers, each one more, by hash and then in any slot that follows; 0: none
	used  int
}

// golden is 2^64 divided by the golden ratio: a product with it spreads what differs in
// few bits.
const golden = 0x9e3779b97f4a7c15

// slot returns where t is, or where it would be.
func (x *tableIndex) slot(t *lua.LTable, list []any) *uint32 {
	hash := uint64(glua.TableAddress(t)) * golden
	for i := hash >> bits.LeadingZeros64(uint64(len(x.slots)-1)); ; i = (i + 1) & uint64(len(x.slots)-1) {
		if n := x.slots[i]; n == 0 || list[n-1] == any(t) {
			return &x.slots[i]
		}
	}
}

// find returns the number of t.
func (x *tableIndex) find(t *lua.LTable, list []any) (number int, ok bool) {
	if x.used == 0 {
		return 0, false
	}
	n := *x.slot(t, list)
	return int(n) - 1, n > 0
}

// add enters t, which is to be the next of list.
func (x *tableIndex) add(t *lua.LTable, list []any) {
	if 2*x.used >= len(x.slots) {
		old := x.slots
		x.slots = make([]uint32, max(16, 4*len(old)))
		for _, n := range old {
			if n > 0 {
				*x.slot(list[n-1].(*lua.LTable), list) = n
			}
		}
	}
	x.used++
	*x.slot(t, list) = uint32(len(list) + 1)
}
