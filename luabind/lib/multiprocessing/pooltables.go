package multiprocessing

import (
	"encoding/binary"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
)

// PackMessage takes some microseconds, as long as many tasks do. Small tables
// of plain values don't need what it does:
//
//	plain = ... | 'T' items fields {plain} {length key plain}
//
// A table is packed in this form if it is met only once, has no metatable, is no module, has no holes, and has no other keys than
// strings, none of which begins with "__", as keys of classes do.
const plainTable = 'T'

const (
	maxTables  = 32  // in a list of values
	maxEntries = 256 // in all of them
	maxDepth   = 8
)

// plainPacker packs plain values.
type plainPacker struct {
	modules *lua.LTable // those that are loaded
	seen    [maxTables]*lua.LTable
	tables  int
	entries int
}

// value appends v; ok is false if it isn't plain.
func (p *plainPacker) value(b []byte, v *glua.Value, depth int) (_ []byte, ok bool) {
	switch {
	case v.IsString():
		s := v.String()
		return append(binary.AppendUvarint(append(b, valueString), uint64(len(s))), s...), true
	case v.IsTable():
		return p.table(b, v.LTable(), depth)
	}
	return packScalar(b, v)
}

func (p *plainPacker) table(b []byte, t *lua.LTable, depth int) (_ []byte, ok bool) {
	in := glua.InsideTable(t)
	items, fields := in.List(), in.Fields()
	for len(items) > 0 && items[len(items)-1].IsNil() { // there is more room than items
		items = items[:len(items)-1]
	}
	if t.Metatable != lua.LNil || depth == maxDepth || p.tables == maxTables || slices.Contains(p.seen[:p.tables], t) {
		return b, false
	}
	p.seen[p.tables] = t
	p.tables++
	p.entries += len(items) + fields
	if p.entries > maxEntries || fields > 0 && p.isModule(t) {
		return b, false
	}
	b = binary.AppendUvarint(append(b, plainTable), uint64(len(items)))
	b = binary.AppendUvarint(b, uint64(fields))
	for i := range items {
		v := &items[i]
		if v.IsNil() {
			return b, false
		}
		if b, ok = p.value(b, v, depth+1); !ok {
			return b, false
		}
	}
	for _, n := range in.Nodes() {
		k := n.Key()
		if !k.IsString() || strings.HasPrefix(k.String(), "__") {
			return b, false
		}
		b = append(binary.AppendUvarint(b, uint64(len(k.String()))), k.String()...)
		if b, ok = p.value(b, n.Value(), depth+1); !ok {
			return b, false
		}
	}
	return b, true
}

func (p *plainPacker) isModule(t *lua.LTable) bool {
	if p.modules == nil {
		return false
	}
	for _, n := range glua.InsideTable(p.modules).Nodes() {
		if n.Value().IsTable() && n.Value().LTable() == t {
			return true
		}
	}
	return false
}

// plainPacker returns a packer for one list of values.
func (lib *sharing) plainPacker() plainPacker {
	return plainPacker{modules: glua.Loaded(inside.State(lib.engine))}
}

// plainUnpacker unpacks plain values. It keeps the names of fields, since the next table most likely has the
// same.
type plainUnpacker struct {
	names map[string]string
	room  int // bytes of the value that the tables so far leave for others, if they are as large as they say
}

const maxNames = 1000

// name returns b as a string.
func (u *plainUnpacker) name(b []byte) string {
	if s, ok := u.names[string(b)]; ok {
		return s
	}
	s := string(b)
	if u.names == nil || len(u.names) >= maxNames {
		u.names = map[string]string{}
	}
	u.names[s] = s
	return s
}

// value takes a value off the beginning of b.
func (u *plainUnpacker) value(b []byte, depth int) (v glua.Value, rest []byte, err error) {
	if len(b) == 0 || depth > maxDepth {
		return glua.Nil, nil, errNoValue
	}
	if depth == 0 {
		u.room = len(b)
	}
	kind := b[0]
	b = b[1:]
	switch kind {
	case valueNil:
		return glua.Nil, b, nil
	case valueTrue:
		return glua.True, b, nil
	case valueFalse:
		return glua.False, b, nil
	case valueNumber, valueInteger:
		if n, rest, ok := cutNumber(kind, b); ok {
			return glua.NumberValue(n), rest, nil
		}
		return glua.Nil, nil, errNoValue
	case valueString:
		s, rest, err := cutBytes(b)
		return glua.TextValue(string(s)), rest, err
	case plainTable:
		return u.table(b, depth)
	}
	return glua.Nil, nil, errNoValue
}

func (u *plainUnpacker) table(b []byte, depth int) (v glua.Value, rest []byte, err error) {
	items, size := binary.Uvarint(b)
	if size <= 0 || items > uint64(len(b)) {
		return glua.Nil, nil, errNoValue
	}
	b = b[size:]
	fields, size := binary.Uvarint(b)
	if size <= 0 || fields > uint64(len(b)) {
		return glua.Nil, nil, errNoValue
	}
	b = b[size:]
	// A table takes memory for what it says that it has, so all of them together may say no more than there is.
	if u.room -= int(items) + 2*int(fields); u.room < 0 {
		return glua.Nil, nil, errNoValue
	}
	t := glua.NewTable(int(items), int(fields))
	in := glua.InsideTable(t)
	list := in.Items()
	for i := range list {
		if list[i], b, err = u.value(b, depth+1); err != nil {
			return glua.Nil, nil, err
		}
	}
	for range fields {
		var key []byte
		if key, b, err = cutBytes(b); err != nil {
			return glua.Nil, nil, err
		}
		k := glua.TextValue(u.name(key))
		if v, b, err = u.value(b, depth+1); err != nil {
			return glua.Nil, nil, err
		}
		in.Set(&k, &v)
	}
	return glua.TableValue(t), b, nil
}

// cutBytes takes bytes with their length before them off the beginning of b.
func cutBytes(b []byte) (s, rest []byte, err error) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return nil, nil, errNoValue
	}
	return b[size : size+int(n)], b[size+int(n):], nil
}
