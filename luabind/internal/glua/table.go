package glua

import (
	"math"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// Table is what lies in the memory of a lua.LTable. It is laid out as the tables of Lua 5.1
// are, so that #t, next and pairs give what they give there:
//
//	items   t[1] .. t[size], nil where there is none
//	nodes   all other fields, each in the chain of its hash
//
// The words of a lua.LTable that gopher-lua's own code looks at first are set so that it
// panics, or ends the process: to it such a table is no table. Code that isn't of this module gets none
// to see, see Expose: before it does, a table is laid out as gopher-lua has it, for
// ever. It is a foreign one then; all functions here take both.
type Table struct {
	Metatable lua.LValue
	trap                     // what lies behind the metatable in a lua.LTable
	items     unsafe.Pointer // *Value
	size      int
	free      uint32         // no node from here on is free
	last      uint32         // the node that next returned last, most likely
	nodes     unsafe.Pointer // *node; noNodes, where there is none
}

// trap lies over array, dict and strDict of a lua.LTable. An access to those maps is one to
// address 0, to that array one to noAddress.
type trap struct {
	array         unsafe.Pointer
	length        int
	state         int64 // negative: no foreign table. See the bits below.
	dict, strDict unsafe.Pointer
}

const (
	// stateMask are the bits of how many nodes there are, less one.
	stateMask = 1<<32 - 1
	// stateMixed: strings are keys that may be no unique Keys, or other ones than a program's.
	stateMixed = 1 << 62
	stateOwn   = -1 << 63
)

// noMap has the layout of a Go map with one entry, in a table that is nil.
var noMap = goMap{used: 1, directory: unsafe.Pointer(&noTable), length: 1}

var noTable unsafe.Pointer

type goMap struct {
	used      uint64
	seed      uintptr
	directory unsafe.Pointer
	length    int
	_         [4]uint64
}

// noItems is where no items stand: a list that is not nil.
var noItems struct{}

// empty is a table without items and nodes.
var empty = Table{
	Metatable: lua.LNil,
	trap: trap{
		array:   *(*unsafe.Pointer)(unsafe.Pointer(&noAddress)),
		length:  1 << 40,
		state:   stateOwn,
		dict:    unsafe.Pointer(&noMap),
		strDict: unsafe.Pointer(&noMap),
	},
	items: unsafe.Pointer(&noItems),
	nodes: unsafe.Pointer(&noNodes),
}

// noAddress is a pointer that is not nil, and to no memory: no system maps the lowest 64 KiB.
// Below 4096 the runtime would take it for a mistake where it stands in a stack.
var noAddress uintptr = 1 << 15

// InsideTable returns what t holds.
func InsideTable(t *lua.LTable) *Table { return (*Table)(unsafe.Pointer(t)) }

// Outside returns t as it is known elsewhere.
func (t *Table) Outside() *lua.LTable { return (*lua.LTable)(unsafe.Pointer(t)) }

// foreign returns t as gopher-lua has it.
func (t *Table) foreign() *foreign { return (*foreign)(unsafe.Pointer(t)) }

// IsOwn says whether t is no foreign table. What is said of items and nodes holds for
// such ones only.
func (t *Table) IsOwn() bool { return t.state < 0 }

// NewTable returns a table with room for so many items and fields.
func NewTable(items, fields int) *lua.LTable {
	t := InsideTable(new(lua.LTable)) // so the collector knows its words in both ways
	*t = empty
	if items > 0 {
		t.setItems(items)
	}
	if fields > 0 {
		t.setNodes(fields)
	}
	return t.Outside()
}

// Room returns for how many items or fields an instruction makes room: its operand has three bits for the number and five
// for how often that is doubled, as in Lua 5.1.
func Room(operand int) int {
	if operand < 8 {
		return operand
	}
	return (operand&7 + 8) << (operand>>3 - 1)
}

// RoomOperand returns the operand that makes room for n, or for some more.
func RoomOperand(n int) (operand int) {
	if n < 8 {
		return n
	}
	double := 1
	for ; n >= 16; double++ {
		n = (n + 1) >> 1
	}
	return double<<3 | (n - 8)
}

// Items returns t[1] and those behind it as far as they are kept in one piece; Nil where
// there is none. Items may be replaced in it.
func (t *Table) Items() []Value { return unsafe.Slice((*Value)(t.items), t.size) }

// setItems makes room for so many items; those that there are stay.
func (t *Table) setItems(size int) {
	items, before := newItems(size), t.Items()
	for i := copy(items, before); i < size; i++ {
		items[i].n = tagNil
	}
	t.items, t.size = First(items), size
	reuse(before)
}

// ItemAt returns the place of item n; nil: it is not among Items.
func (t *Table) ItemAt(n float64) *Value {
	if i := int(n) - 1; uint(i) < uint(t.size) && float64(i+1) == n {
		return (*Value)(unsafe.Add(t.items, uintptr(i)*ValueSize))
	}
	return nil
}

// find returns the place of the value of a key; nil: it has none yet.
func (t *Table) find(key *Value) *Value {
	if key.IsNumber() {
		if v := t.ItemAt(key.Float()); v != nil {
			return v
		}
	}
	if n := t.node(key); n != nil {
		return &n.value
	}
	return nil
}

// Get returns t[key] without metamethods.
func (t *Table) Get(key *Value) Value {
	if t.IsOwn() {
		if v := t.find(key); v != nil {
			return *v
		}
		return Nil
	}
	return ValueOf(t.foreign().get(key.LValue(nil)))
}

// Set is t[key] = v without metamethods, for a key that is neither nil nor NaN.
func (t *Table) Set(key, v *Value) {
	if !t.IsOwn() {
		t.foreign().setTurned(key.LValue(nil), v.LValue(nil))
		return
	}
	place := t.find(key)
	if place == nil {
		place = t.newPlace(key)
	}
	*place = *v
}

// newPlace is newKey for keys of all kinds.
func (t *Table) newPlace(key *Value) *Value {
	if key.n == tagString {
		t.state |= stateMixed
	}
	return t.newKey(key)
}

// Item is Get of key n.
func (t *Table) Item(n int) Value {
	if t.IsOwn() && uint(n-1) < uint(t.size) {
		return *(*Value)(unsafe.Add(t.items, uintptr(n-1)*ValueSize))
	}
	key := Value{nil, NumberValue(float64(n)).n}
	return t.Get(&key)
}

// SetItem is Set of key n.
func (t *Table) SetItem(n int, v *Value) {
	if t.IsOwn() && uint(n-1) < uint(t.size) {
		(*Value)(unsafe.Add(t.items, uintptr(n-1)*ValueSize)).Set(v)
		return
	}
	key := NumberValue(float64(n))
	t.Set(&key, v)
}

// GrowList makes room among Items for n of them, and for some more: they may come in any order.
func (t *Table) GrowList(n int) {
	if n > t.size && t.IsOwn() {
		t.resize(max(n, 2*t.size), t.nodeRoom())
	}
}

// SetList sets the items from key first on, which are new ones in a constructor.
func (t *Table) SetList(first int, values []Value) {
	last := first - 1 + len(values)
	if !t.IsOwn() {
		for i := range values {
			t.SetItem(first+i, &values[i])
		}
		return
	}
	if last > t.size {
		t.resize(last, t.nodeRoom())
	}
	copy(t.Items()[first-1:], values)
}

// Len returns a border of t: an n with t[n] ~= nil, or 0, and t[n+1] == nil.
func (t *Table) Len() int {
	var n int
	if t.IsOwn() {
		n = t.size
		if items := t.Items(); n > 0 && items[n-1].IsNil() {
			present, missing := 0, n // t[present] is there, or 0; t[missing] isn't
			for missing-present > 1 {
				if middle := (present + missing) / 2; items[middle-1].IsNil() {
					missing = middle
				} else {
					present = middle
				}
			}
			return present
		}
		if t.nodes == unsafe.Pointer(&noNodes) {
			return n
		}
	} else if array := t.foreign().array; len(array) > 0 && array[len(array)-1] == lua.LNil {
		return t.between(0, len(array))
	} else {
		n = len(array)
	}
	present, missing := n, n+1
	for !t.isNil(missing) {
		present = missing
		missing *= 2
		if missing > math.MaxInt32-2 { // it was made to have no end
			n = 1
			for !t.isNil(n) {
				n++
			}
			return n - 1
		}
	}
	return t.between(present, missing)
}

// between returns a border from present, which is there or 0, on; t[missing] isn't there.
func (t *Table) between(present, missing int) int {
	for missing-present > 1 {
		if middle := (present + missing) / 2; t.isNil(middle) {
			missing = middle
		} else {
			present = middle
		}
	}
	return present
}

func (t *Table) isNil(n int) bool {
	v := t.Item(n)
	return v.IsNil()
}

// Clear takes out all that t holds.
func (t *Table) Clear() {
	if !t.IsOwn() {
		t.foreign().clear()
		return
	}
	metatable := t.Metatable
	*t = empty
	t.Metatable = metatable
}
