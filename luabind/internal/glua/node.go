package glua

import (
	"math"
	"math/bits"
	"unsafe"
)

// A node is a field that stands in no list: a chain of them begins at the place that the hash
// of their keys gives, and goes on wherever there was room. This is the scatter table with
// Brent's variation of Lua 5.1: a key stands elsewhere than at its own place only if that is
// taken by one that has the same.
type node struct {
	key, value Value // key is Nil: it was never used; value is: it was cleared
	next       int32 // how many nodes further the chain goes on; 0: here it ends
}

const (
	nodeSize = unsafe.Sizeof(node{})
	maxBits  = 26 // more nodes than 1<<maxBits there can't be, nor items
)

// noNodes is what a table without nodes points to. Nothing is written to them.
var noNodes = [1]node{{key: Nil, value: Nil}}

// nodeList returns the nodes, of which there are some always.
func (t *Table) nodeList() []node { return unsafe.Slice((*node)(t.nodes), int(t.state&stateMask)+1) }

// nodeRoom returns how many fields there is room for.
func (t *Table) nodeRoom() int {
	if t.nodes == unsafe.Pointer(&noNodes) {
		return 0
	}
	return int(t.state&stateMask) + 1
}

// setNodes takes new nodes, without fields.
func (t *Table) setNodes(room int) {
	t.state &^= stateMask | stateMixed
	if room == 0 {
		t.nodes, t.free = unsafe.Pointer(&noNodes), 0
		return
	}
	log := bits.Len(uint(room - 1))
	if log > maxBits {
		panic("table overflow")
	}
	nodes := make([]node, 1<<log)
	populate(nodes)
	for i := range nodes {
		nodes[i].key.n, nodes[i].value.n = tagNil, tagNil
	}
	t.nodes, t.free = unsafe.Pointer(unsafe.SliceData(nodes)), uint32(len(nodes))
	t.state |= int64(len(nodes) - 1)
}

func (n *node) ahead() *node {
	return (*node)(unsafe.Add(unsafe.Pointer(n), int(n.next)*int(nodeSize)))
}

// to says that the chain goes on at m.
func (n *node) to(m *node) {
	n.next = int32((int(uintptr(unsafe.Pointer(m))) - int(uintptr(unsafe.Pointer(n)))) / int(nodeSize))
}

// index returns which one of the nodes of t n is.
func (n *node) index(t *Table) int {
	return int((uintptr(unsafe.Pointer(n)) - uintptr(t.nodes)) / nodeSize)
}

// placeOf returns the node where the chain of a hash begins.
func (t *Table) placeOf(hash uint32) *node {
	return (*node)(unsafe.Add(t.nodes, uintptr(hash&uint32(t.state))*nodeSize))
}

// place returns the node where the chain of key begins.
func (t *Table) place(key *Value) *node {
	switch {
	case key.n < tag:
		return t.placeOfNumber(key.Float())
	case key.n == tagString:
		return t.placeOf(hashString(key.String()))
	case key.n == tagFalse:
		return t.placeOf(0)
	case key.n == tagTrue:
		return t.placeOf(1)
	}
	return t.placeOfAny(uint32(uintptr(key.p) >> 3))
}

func (t *Table) placeOfNumber(f float64) *node {
	if f == 0 {
		return t.placeOf(0)
	}
	n := math.Float64bits(f)
	return t.placeOfAny(uint32(n) + uint32(n>>32))
}

// placeOfAny is for hashes whose low bits are alike.
func (t *Table) placeOfAny(hash uint32) *node {
	i := hash % (uint32(t.state) | 1)
	return (*node)(unsafe.Add(t.nodes, uintptr(i)*nodeSize))
}

// node returns the node of a key; nil: there is none.
func (t *Table) node(key *Value) *node {
	switch {
	case key.n == tagString:
		s := key.String()
		return t.nodeOfString(s, t.placeOf(hashString(s)))
	case key.n < tag:
		f := key.Float()
		for n := t.placeOfNumber(f); ; n = n.ahead() {
			if n.key.n < tag && n.key.Float() == f {
				return n
			}
			if n.next == 0 {
				return nil
			}
		}
	}
	for n := t.place(key); ; n = n.ahead() {
		if n.key.p == key.p && n.key.n == key.n {
			if key.IsNil() {
				return nil
			}
			return n
		}
		if n.next == 0 {
			return nil
		}
	}
}

func (t *Table) nodeOfString(s string, n *node) *node {
	for ; ; n = n.ahead() {
		if n.key.n == tagString && n.key.String() == s {
			return n
		}
		if n.next == 0 {
			return nil
		}
	}
}

// nodeOfKey returns the node of k, which is a Key.
func (t *Table) nodeOfKey(k *Value) *node {
	key := k.key()
	for n := t.placeOf(key.hash); ; n = n.ahead() {
		if n.key.p == k.p {
			return n
		}
		if n.next == 0 {
			break
		}
	}
	if t.state&stateMixed == 0 && key.unique {
		return nil
	}
	n := t.nodeOfString(key.name, t.placeOf(key.hash))
	if n != nil {
		n.key.p = k.p // the next look is a short one
	}
	return n
}

// newKey returns a place for the value of a key that has none. Unless it is a unique Key, a string is
// said to be mixed before.
func (t *Table) newKey(key *Value) *Value {
	at := t.place(key)
	if !at.value.IsNil() || t.nodes == unsafe.Pointer(&noNodes) {
		free := t.freeNode()
		if free == nil {
			t.rehash(key)
			if v := t.find(key); v != nil {
				return v
			}
			return t.newKey(key)
		}
		if other := t.place(&at.key); other != at {
			// What is there has its own place elsewhere: it makes room.
			for other.ahead() != at {
				other = other.ahead()
			}
			other.to(free)
			free.key, free.value, free.next = at.key, at.value, 0
			if at.next != 0 {
				free.to(at.ahead())
			}
			at.next = 0
			at.value.SetNil()
		} else {
			if at.next != 0 {
				free.to(at.ahead())
			} else {
				free.next = 0
			}
			at.to(free)
			at = free
		}
	}
	at.key = *key
	return &at.value
}

// freeNode returns a node that was never used; nil: there is none left.
func (t *Table) freeNode() *node {
	for t.free > 0 {
		t.free--
		if n := (*node)(unsafe.Add(t.nodes, uintptr(t.free)*nodeSize)); n.key.IsNil() {
			return n
		}
	}
	return nil
}

// itemKey returns n where key may be that of an item n; 0: it may not.
func itemKey(key *Value) int {
	f := key.Float()
	if !(f >= 1 && f <= 1<<maxBits) || f != float64(int(f)) {
		return 0
	}
	return int(f)
}

// rehash gives t the room that its fields and one more, key, are to have: items have as
// many places as the largest power of two of which they fill more than half.
func (t *Table) rehash(key *Value) {
	var upTo [maxBits + 1]int // how many items lie between a power of two and the one before
	items, fields := 0, 1
	for i, list := 0, t.Items(); i < len(list); i++ {
		if !list[i].IsNil() {
			upTo[bits.Len(uint(i))]++
			items++
		}
	}
	fields += items
	for i, nodes := 0, t.nodeList(); i < len(nodes); i++ {
		if n := &nodes[i]; !n.value.IsNil() {
			if k := itemKey(&n.key); k > 0 {
				upTo[bits.Len(uint(k-1))]++
				items++
			}
			fields++
		}
	}
	if k := itemKey(key); k > 0 {
		upTo[bits.Len(uint(k-1))]++
		items++
	}
	size, inside, sum := 0, 0, 0
	for log, power := 0, 1; log <= maxBits && power/2 < items; log, power = log+1, power*2 {
		sum += upTo[log]
		if upTo[log] > 0 && sum > power/2 {
			size, inside = power, sum
		}
		if sum == items {
			break
		}
	}
	t.resize(size, fields-inside)
}

// resize gives t room for so many items and fields, and puts all that it has where it
// belongs then.
func (t *Table) resize(size, room int) {
	items, nodes, mixed := t.Items(), t.nodeList(), t.state&stateMixed
	if size > len(items) {
		t.setItems(size)
	}
	t.setNodes(room)
	t.state |= mixed
	if size < len(items) {
		t.size = size
		for i := size; i < len(items); i++ {
			if !items[i].IsNil() {
				key := NumberValue(float64(i + 1))
				*t.newKey(&key) = items[i]
			}
		}
		shorter := make([]Value, size)
		copy(shorter, items)
		t.items = First(shorter)
	}
	for i := len(nodes) - 1; i >= 0; i-- {
		if n := &nodes[i]; !n.value.IsNil() {
			place := t.find(&n.key)
			if place == nil {
				place = t.newKey(&n.key)
			}
			*place = n.value
		}
	}
}
