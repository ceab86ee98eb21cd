package pickle

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// Encode appends the pickle of v to b. name is what v is called in errors.
func Encode(b []byte, name string, v lua.LValue) ([]byte, error) {
	e := encoder{b: append(b, opProto, protocol), name: name, memo: map[*lua.LTable]uint32{}}
	if err := e.value(v); err != nil {
		return b, err
	}
	for len(e.open) > 0 {
		if err := e.step(); err != nil {
			return b, err
		}
	}
	return append(e.b, opStop), nil
}

type encoder struct {
	b    []byte
	name string
	memo map[*lua.LTable]uint32
	open []table // those that are being written, the outermost first
}

// A table is one that is being written.
type table struct {
	in  *lua.LTable
	n   int        // items of a list; -1: a dict
	at  int        // of the list
	key lua.LValue // of the last item that was written
}

// step goes on with the innermost table.
func (e *encoder) step() error {
	t := &e.open[len(e.open)-1]
	if t.n >= 0 {
		if t.at == t.n {
			e.end(opAppends)
			return nil
		}
		t.at++
		t.key = lua.LNumber(t.at)
		return e.value(glua.Item(t.in, t.at))
	}
	k, v := glua.Next(t.in, t.key)
	if k == lua.LNil {
		e.end(opSetItems)
		return nil
	}
	t.key = k
	switch k := k.(type) {
	case lua.LNumber, lua.LString:
	case lua.LBool:
		// For Python they are equal, and one would take the other's place.
		if i := map[lua.LBool]int{true: 1}[k]; glua.Item(t.in, i) != lua.LNil {
			return errorf("cannot send to Python: %s has the keys %d and %v, which are one there", e.path(len(e.open)-1), i, k)
		}
	default:
		return errorf("cannot send to Python: %s has a %s as a key, which a dict can't have", e.path(len(e.open)-1), kindOf(k))
	}
	if err := e.value(k); err != nil {
		return err
	}
	return e.value(v)
}

func (e *encoder) end(op byte) {
	e.b = append(e.b, op)
	e.open = e.open[:len(e.open)-1]
}

// value writes v, but for what is in a table: that is opened.
func (e *encoder) value(v lua.LValue) error {
	switch v := v.(type) {
	case *lua.LNilType:
		e.b = append(e.b, opNone)
	case lua.LBool:
		if v {
			e.b = append(e.b, opTrue)
		} else {
			e.b = append(e.b, opFalse)
		}
	case lua.LNumber:
		e.number(float64(v))
	case lua.LString:
		e.str(string(v))
	case *lua.LTable:
		return e.table(v)
	default:
		return e.refuse(v)
	}
	return nil
}

func (e *encoder) refuse(v lua.LValue) error {
	return errorf("cannot send to Python: %s is a %s (nil, booleans, numbers, strings, and tables of these without a metatable are read there)",
		e.path(len(e.open)), kindOf(v))
}

func kindOf(v lua.LValue) string {
	if t, ok := v.(*lua.LTable); ok && t.Metatable != lua.LNil {
		return "table with a metatable"
	}
	return v.Type().String()
}

// path names what the keys of the n outermost tables lead to.
func (e *encoder) path(n int) string {
	var b strings.Builder
	b.WriteString(e.name)
	for i, t := range e.open[:n] {
		if i == 8 && n > 16 {
			b.WriteString("...")
		}
		if i >= 8 && i < n-8 {
			continue
		}
		switch k := t.key.(type) {
		case lua.LString:
			if len(k) > 40 {
				k = k[:40] + "..."
			}
			if name(string(k)) {
				b.WriteString("." + string(k))
			} else {
				fmt.Fprintf(&b, "[%q]", string(k))
			}
		default:
			fmt.Fprintf(&b, "[%v]", k)
		}
	}
	return b.String()
}

// name says whether a script would write s as a field after a point.
func name(s string) bool {
	for i, c := range []byte(s) {
		if c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

func (e *encoder) number(v float64) {
	i := int64(v)
	switch {
	case v != math.Trunc(v) || math.Abs(v) > maxInt || v == 0 && math.Signbit(v):
		e.b = binary.BigEndian.AppendUint64(append(e.b, opBinFloat), math.Float64bits(v))
	case i >= 0 && i < 1<<8:
		e.b = append(e.b, opBinInt1, byte(i))
	case i >= 0 && i < 1<<16:
		e.b = binary.LittleEndian.AppendUint16(append(e.b, opBinInt2), uint16(i))
	case int64(int32(i)) == i:
		e.b = binary.LittleEndian.AppendUint32(append(e.b, opBinInt), uint32(i))
	default:
		e.b = binary.LittleEndian.AppendUint64(append(e.b, opLong1, 8), uint64(i))
	}
}

func (e *encoder) str(s string) {
	short, long, longer := byte(opShortBinBytes), byte(opBinBytes), byte(opBinBytes8)
	if utf8.ValidString(s) {
		short, long, longer = opShortBinUnicode, opBinUnicode, opBinUnicode8
	}
	switch n := uint64(len(s)); {
	case n < 1<<8:
		e.b = append(e.b, short, byte(n))
	case n < 1<<32:
		e.b = binary.LittleEndian.AppendUint32(append(e.b, long), uint32(n))
	default:
		e.b = binary.LittleEndian.AppendUint64(append(e.b, longer), n)
	}
	e.b = append(e.b, s...)
}

// table opens a table, or refers to it.
func (e *encoder) table(t *lua.LTable) error {
	if i, ok := e.memo[t]; ok {
		if i < 1<<8 {
			e.b = append(e.b, opBinGet, byte(i))
		} else {
			e.b = binary.LittleEndian.AppendUint32(append(e.b, opLongBinGet), i)
		}
		return nil
	}
	if t.Metatable != lua.LNil {
		return e.refuse(t)
	}
	if len(e.memo) == math.MaxUint32 {
		return errorf("cannot send to Python: %s has too many tables", e.name)
	}
	e.memo[t] = uint32(len(e.memo))
	n := length(t)
	op := byte(opEmptyList)
	if n < 0 {
		op = opEmptyDict
	}
	e.b = append(e.b, op, opMemoize)
	if n == 0 {
		return nil
	}
	e.b = append(e.b, opMark)
	e.open = append(e.open, table{in: t, n: n, key: lua.LNil})
	return nil
}

// maxHoles is how many items of a list may be nil.
const maxHoles = 1 << 20

// length returns how many items t has as a list, or -1 if it is none.
func length(t *lua.LTable) int {
	count, most, n := 0, 0, -1
	whole := func(v *glua.Value, least float64) (int, bool) {
		f := v.Float()
		return int(f), f >= least && f <= maxInt && f == float64(int(f))
	}
	for k, v := range glua.InsideTable(t).All() {
		if i, ok := whole(&k, 1); ok {
			count++
			most = max(most, i)
			continue
		}
		i, ok := whole(&v, 0)
		if !ok || !k.IsString() || k.String() != "n" {
			return -1
		}
		n = i
	}
	switch {
	case n < 0 && count == most: // an empty one too
		return count
	case count > 0 && n >= most && n-count <= maxHoles:
		return n
	}
	return -1
}
