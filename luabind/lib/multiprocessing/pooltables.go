package multiprocessing

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// A message of PackMessage costs some microseconds, as much as many a task. Small tables
// of plain values need none of what it does:
//
//	plain = ... | 'T' items fields {plain} {length key plain}
//
// A table goes that way if it is met once, has no metatable, is no module, has no holes
// and no keys but strings, none of which begins with "__" as those of classes do.
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
func (p *plainPacker) value(b []byte, v lua.LValue, depth int) (_ []byte, ok bool) {
	switch v := v.(type) {
	case *lua.LNilType:
		return append(b, valueNil), true
	case lua.LBool:
		if v {
			return append(b, valueTrue), true
		}
		return append(b, valueFalse), true
	case lua.LNumber:
		return binary.LittleEndian.AppendUint64(append(b, valueNumber), math.Float64bits(float64(v))), true
	case lua.LString:
		return append(binary.AppendUvarint(append(b, valueString), uint64(len(v))), v...), true
	case *lua.LTable:
		return p.table(b, v, depth)
	}
	return b, false
}

func (p *plainPacker) table(b []byte, t *lua.LTable, depth int) (_ []byte, ok bool) {
	in := glua.InsideTable(t)
	items, keys := in.List(), in.Keys()
	if t.Metatable != lua.LNil || depth == maxDepth || p.tables == maxTables || slices.Contains(p.seen[:p.tables], t) {
		return b, false
	}
	p.seen[p.tables] = t
	p.tables++
	p.entries += len(items) + len(keys)
	if p.entries > maxEntries || len(in.Others()) > 0 || in.NamedFields() > len(keys) || len(keys) > 0 && p.isModule(t) {
		return b, false
	}
	b = binary.AppendUvarint(append(b, plainTable), uint64(len(items)))
	b = binary.AppendUvarint(b, uint64(in.NamedFields()))
	for _, v := range items {
		if v == lua.LNil {
			return b, false
		}
		if b, ok = p.value(b, v, depth+1); !ok {
			return b, false
		}
	}
	fields := 0
	for _, k := range keys {
		name, ok := k.(lua.LString)
		if !ok || strings.HasPrefix(string(name), "__") {
			return b, false
		}
		v, ok := in.Named(string(name))
		if !ok || v == lua.LNil { // it was cleared
			continue
		}
		fields++
		b = append(binary.AppendUvarint(b, uint64(len(name))), name...)
		if b, ok = p.value(b, v, depth+1); !ok {
			return b, false
		}
	}
	return b, fields == in.NamedFields()
}

func (p *plainPacker) isModule(t *lua.LTable) bool {
	if p.modules == nil {
		return false
	}
	for k, v := glua.Next(p.modules, lua.LNil); k != lua.LNil; k, v = glua.Next(p.modules, k) {
		if v == t {
			return true
		}
	}
	return false
}

// plainPacker returns a packer for one list of values.
func (lib *sharing) plainPacker() plainPacker {
	return plainPacker{modules: glua.Loaded(lib.engine.State())}
}

// plainUnpacker unpacks plain values. The names of fields are kept: those of the next
// table are the same, most likely.
type plainUnpacker struct {
	names   map[string]string
	numbers *glua.Numbers
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
func (u *plainUnpacker) value(b []byte, depth int) (v lua.LValue, rest []byte, err error) {
	if len(b) == 0 || depth > maxDepth {
		return nil, nil, errNoValue
	}
	kind := b[0]
	b = b[1:]
	switch kind {
	case valueNil:
		return lua.LNil, b, nil
	case valueTrue:
		return lua.LTrue, b, nil
	case valueFalse:
		return lua.LFalse, b, nil
	case valueNumber:
		if len(b) < 8 {
			return nil, nil, errNoValue
		}
		return u.numbers.Value(lua.LNumber(math.Float64frombits(binary.LittleEndian.Uint64(b)))), b[8:], nil
	case valueString:
		s, rest, err := cutBytes(b)
		return lua.LString(s), rest, err
	case plainTable:
		items, size := binary.Uvarint(b)
		if size <= 0 || items > uint64(len(b)) {
			return nil, nil, errNoValue
		}
		b = b[size:]
		fields, size := binary.Uvarint(b)
		if size <= 0 || fields > uint64(len(b)) {
			return nil, nil, errNoValue
		}
		b = b[size:]
		t := glua.NewTable(int(items), int(fields))
		in := glua.InsideTable(t)
		for range items {
			if v, b, err = u.value(b, depth+1); err != nil {
				return nil, nil, err
			}
			in.Append(v)
		}
		for range fields {
			var key []byte
			if key, b, err = cutBytes(b); err != nil {
				return nil, nil, err
			}
			name := u.name(key)
			if v, b, err = u.value(b, depth+1); err != nil {
				return nil, nil, err
			}
			glua.SetNamed(t, name, v)
		}
		return t, b, nil
	}
	return nil, nil, errNoValue
}

// cutBytes takes bytes with their length before them off the beginning of b.
func cutBytes(b []byte) (s, rest []byte, err error) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return nil, nil, errNoValue
	}
	return b[size : size+int(n)], b[size+int(n):], nil
}
