package snapshot

import (
	"math/bits"

	"luaspawn/luabind/internal/glua"
)

// shapes are the keys that tables have in common: most tables of a list are
// records of one kind. The second table with the same keys makes a shape of them.
type shapes struct {
	section
	recent []recentShape // by hash
}

// How many shapes are remembered.
const fewShapes, manyShapes = 4, 64

type recentShape struct {
	room  int          // see glua.Table.Room
	keys  []glua.Value // in all nodes; nil: none
	again bool         // it has a number
	id    int
}

// has says whether t has these keys in the same nodes.
func (r *recentShape) has(room int, t *glua.Table) bool {
	if r.room != room || r.keys == nil {
		return false
	}
	next := 0
	for number, n := range t.Nodes() {
		for ; next < number; next++ {
			if next >= len(r.keys) || !r.keys[next].IsNil() {
				return false
			}
		}
		if next >= len(r.keys) {
			return false
		}
		if k := n.Key(); !k.Same(&r.keys[next]) && (!r.keys[next].IsString() || k.String() != r.keys[next].String()) {
			return false
		}
		next++
	}
	for ; next < len(r.keys); next++ {
		if !r.keys[next].IsNil() {
			return false
		}
	}
	return true
}

// shape returns the number of the shape of t. It has none where not all fields
// have names, or none was met lately that has the same ones.
func (p *packer) shape(t *glua.Table) (id int, ok bool) {
	room, h := t.Room(), uintptr(0)
	if room == 0 {
		return 0, false
	}
	for _, n := range t.Nodes() {
		if !n.Key().IsString() {
			return 0, false
		}
		h = 31*h + n.Key().Place()
	}
	switch len(p.shapes.recent) {
	case 0:
		p.shapes.recent = make([]recentShape, fewShapes)
	case fewShapes:
		if p.tables.used >= manyShapes { // it is a large snapshot
			p.shapes.recent = make([]recentShape, manyShapes)
		}
	}
	h ^= h >> 16
	r := &p.shapes.recent[h%uintptr(len(p.shapes.recent))]
	if !r.has(room, t) {
		keys := make([]glua.Value, room)
		glua.SetNil(keys)
		for number, n := range t.Nodes() {
			keys[number] = *n.Key()
		}
		*r = recentShape{room: room, keys: keys}
		return 0, false
	}
	if !r.again {
		r.again, r.id = true, p.shapes.count
		fields := 0
		for i := range r.keys {
			if !r.keys[i].IsNil() {
				fields++
			}
		}
		b, next := uvarint(uvarint(p.shapes.bytes, fields), bits.Len(uint(room))), 0
		for i := range r.keys {
			if k := &r.keys[i]; !k.IsNil() {
				b = uvarint(uvarint(b, i-next), p.string(k.String()))
				next = i + 1
			}
		}
		p.shapes.section = section{p.shapes.count + 1, b}
	}
	return r.id, true
}

// readShape reads a shape. No key is hashed again for a table that has it.
func (u *unpacker) readShape() *glua.Shape {
	n := u.count()
	room := u.room(n)
	names, numbers := make([]string, n), make([]int, n)
	next := 0
	for i := range names {
		numbers[i] = next + u.uvarint()
		next = numbers[i] + 1
		names[i] = string(u.strings[u.index(len(u.strings))])
	}
	shape, ok := glua.NewShape(room, names, numbers)
	if !ok {
		damaged("a shape whose keys don't fit")
	}
	return shape
}

// room reads how many nodes a table with so many fields has; 0: as many as it needs.
func (u *unpacker) room(fields int) int {
	log := u.uvarint()
	if log == 0 {
		return 0
	}
	if log > bits.Len(uint(fields))+4 || 1<<(log-1) < fields {
		damaged("%d fields in 2^%d nodes", fields, log-1)
	}
	return 1 << (log - 1)
}
