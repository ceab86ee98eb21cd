package glua

import (
	"iter"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// A copy of a table in another process has its fields in the same order if they stand in the
// same nodes there. They can where their keys have the same hashes in all processes.

// Room returns how many nodes a copy of t has to have for that; 0: it can't, or
// most of them would be empty.
func (t *Table) Room() int {
	if !t.IsOwn() || t.nodeRoom() == 0 {
		return 0
	}
	fields, nodes := 0, t.nodeList()
	for i := range nodes {
		if n := &nodes[i]; n.value.IsNil() {
		} else if n.key.n >= tagTable {
			return 0
		} else {
			fields++
		}
	}
	if 8*fields < len(nodes) {
		return 0
	}
	return len(nodes)
}

// HasFields says whether there may be fields beside Items.
func (t *Table) HasFields() bool {
	if !t.IsOwn() {
		return len(t.foreign().keys) > 0
	}
	return t.nodeRoom() > 0
}

// Nodes yields the fields of t beside Items in the order of next, with the numbers of their nodes; of a
// foreign table there are none.
func (t *Table) Nodes() iter.Seq2[int, *Node] {
	return func(yield func(int, *Node) bool) {
		if !t.IsOwn() {
			for i, k := range t.foreign().keys {
				if v := t.foreign().get(k); v != lua.LNil && !yield(i, &Node{node{key: ValueOf(k), value: ValueOf(v)}}) {
					return
				}
			}
			return
		}
		nodes := t.nodeList()
		for i := range nodes {
			if n := &nodes[i]; !n.value.IsNil() && !yield(i, (*Node)(unsafe.Pointer(n))) {
				return
			}
		}
	}
}

// List returns Items; of a foreign table it is a copy.
func (t *Table) List() []Value {
	if t.IsOwn() {
		return t.Items()
	}
	array := t.foreign().array
	list := make([]Value, len(array))
	for i, v := range array {
		list[i] = ValueOf(v)
	}
	return list
}

// Slots returns for how many fields an own table has places, Items before nodes.
func (t *Table) Slots() int { return t.size + t.nodeRoom() }

// Slot returns the places of the key and the value of a field; key is nil for one of Items. The value
// may be replaced, the key by Cleared for a while.
func (t *Table) Slot(i int) (key, value *Value) {
	if i < t.size {
		return nil, &t.Items()[i]
	}
	n := &t.nodeList()[i-t.size]
	return &n.key, &n.value
}

// Cleared is what no script has for a key.
var Cleared = Value{nil, tagCleared}

// SetRoom gives t, which has no fields, so many nodes, a power of two.
func (t *Table) SetRoom(nodes int) { t.setNodes(nodes) }

// Put puts a field into a node by its number, and says whether that can be: it is free. Link is
// called when all are there.
func (t *Table) Put(number int, key, v *Value) bool {
	if uint(number) >= uint(t.nodeRoom()) || key.n >= tagTable || key.n == tagNil {
		return false
	}
	n := &t.nodeList()[number]
	if !n.key.IsNil() {
		return false
	}
	n.key, n.value = *key, *v
	return true
}

// tagCleared is the key of a node that begins a chain and was cleared.
const tagCleared = tag | 15

// Link makes chains of the fields that were put into nodes, and says whether that can be: no key is there
// twice, and those that aren't at their own place have found it taken by another one of that place.
func (t *Table) Link() bool {
	nodes := t.nodeList()
	for i := range nodes {
		n := &nodes[i]
		if n.key.IsNil() || n.key.n == tagCleared {
			continue
		}
		if n.key.n == tagString {
			t.state |= stateMixed
		}
		at := t.place(&n.key)
		switch {
		case at == n:
			continue
		case at.key.IsNil():
			at.key.n = tagCleared
		case at.key.n != tagCleared && t.place(&at.key) != at:
			return false
		}
		if at.next != 0 {
			n.to(at.ahead())
		}
		at.to(n)
	}
	for i := range nodes {
		if n := &nodes[i]; !n.key.IsNil() && n.key.n != tagCleared && t.node(&n.key) != n {
			return false
		}
	}
	return true
}

// A Shape is the keys of a table without items, all of them names, in their nodes. A table with
// these keys is a copy of it.
type Shape struct {
	table   *Table
	numbers []int // of the nodes
}

// NewShape returns the shape of keys that stand in nodes of those numbers, of so many, a power of two. Not ok:
// they can't.
func NewShape(nodes int, keys []string, numbers []int) (s *Shape, ok bool) {
	t := InsideTable(NewTable(0, nodes))
	unique := true
	for i, key := range keys {
		k := KeyOf(key)
		unique = unique && k.unique
		if v := k.Value(); !t.Put(numbers[i], &v, &Nil) {
			return nil, false
		}
	}
	ok = t.Link()
	if unique {
		t.state &^= stateMixed
	}
	return &Shape{t, numbers}, ok
}

// Fields returns how many keys s has.
func (s *Shape) Fields() int { return len(s.numbers) }

// SetShape gives t, which has no fields, those of s. Their values are for SetValue.
func (t *Table) SetShape(s *Shape) {
	nodes := append([]node(nil), s.table.nodeList()...)
	t.nodes, t.free = unsafe.Pointer(unsafe.SliceData(nodes)), s.table.free
	t.state |= s.table.state & (stateMask | stateMixed)
}

// SetValue sets the value of field i of a table that has the shape s alone.
func (t *Table) SetValue(s *Shape, i int, v *Value) {
	(*node)(unsafe.Add(t.nodes, uintptr(s.numbers[i])*nodeSize)).value = *v
}
