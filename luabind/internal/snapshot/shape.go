package snapshot

import (
	"slices"

	lua "github.com/yuin/gopher-lua"

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
	keys  []lua.LValue // nil: none
	again bool         // it has a number
	id    int
}

// shape returns the number of the shape of t. It has none where not all fields
// have names, or none was met lately that has the same ones.
func (p *packer) shape(t *glua.Table) (id int, ok bool) {
	keys := t.Keys()
	if len(keys) == 0 || len(keys) != t.NamedFields() || len(t.Others()) > 0 { // with as many, none was cleared
		return 0, false
	}
	switch len(p.shapes.recent) {
	case 0:
		p.shapes.recent = make([]recentShape, fewShapes)
	case fewShapes:
		if p.tables.used >= manyShapes { // it is a large snapshot
			p.shapes.recent = make([]recentShape, manyShapes)
		}
	}
	first, last := string(keys[0].(lua.LString)), string(keys[len(keys)-1].(lua.LString))
	h := hash(first) + 3*hash(last) + uint64(len(keys))
	r := &p.shapes.recent[h%uint64(len(p.shapes.recent))]
	if !slices.Equal(r.keys, keys) {
		*r = recentShape{keys: keys}
		return 0, false
	}
	if !r.again {
		r.again, r.id = true, p.shapes.count
		b := uvarint(p.shapes.bytes, len(keys))
		for _, k := range keys {
			b = uvarint(b, p.string(string(k.(lua.LString))))
		}
		p.shapes.section = section{p.shapes.count + 1, b}
	}
	return r.id, true
}

// A template is a shape on its way back: a table with these keys is a copy of it. No
// key is hashed again for that.
type template struct {
	names []string
	shape *glua.Shape
}

func newTemplate(names []string, keys []lua.LValue) *template {
	shape, ok := glua.NewShape(names, slices.Clip(keys)) // who adds a key to a table makes a copy
	if !ok {
		damaged("a shape with a key twice")
	}
	return &template{names, shape}
}
