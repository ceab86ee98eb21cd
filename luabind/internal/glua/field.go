package glua

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// maxChain is how many metatables are looked into for one key.
const maxChain = 100

// A Node is where a field stands.
type Node struct{ node }

// Quick returns the place of the value of a Key, where it stands at its own place, as most do, and isn't
// nil; else nil. Together with QuickItem it is what the loop does by itself.
func (t *Table) Quick(k *Value) *Value {
	if !t.IsOwn() {
		return nil
	}
	n := (*node)(unsafe.Add(t.nodes, uintptr(k.key().hash&uint32(t.state))*nodeSize))
	if n.key.p != k.p || n.value.n == tagNil {
		return nil
	}
	return &n.value
}

// QuickItem is Quick for items: nil for keys that are no numbers.
func (t *Table) QuickItem(key *Value) *Value {
	if !t.IsOwn() {
		return nil
	}
	f := key.Float()
	i := int(f) - 1
	if uint(i) >= uint(t.size) || float64(i+1) != f {
		return nil
	}
	v := (*Value)(unsafe.Add(t.items, uintptr(i)*ValueSize))
	if v.n == tagNil {
		return nil
	}
	return v
}

// Key returns the key of a field.
func (n *Node) Key() *Value { return &n.key }

// Value returns the place of the value.
func (n *Node) Value() *Value { return &n.value }

// Field returns t[k], k being a Key, also by way of tables that __index names. It is not ok
// where __index is something else, or the way too long.
func (t *Table) Field(k *Value) (v Value, ok bool) {
	for range maxChain {
		if v := t.Named(k); v != nil && !v.IsNil() {
			return *v, true
		}
		index := t.handler(&valueIndex)
		if index == nil {
			return Nil, true
		}
		if !index.IsTable() {
			break
		}
		t = index.Table()
	}
	return Nil, false
}

// Index is Field for keys of all kinds.
func (t *Table) Index(key *Value) (v Value, ok bool) {
	for range maxChain {
		if v := t.Get(key); !v.IsNil() {
			return v, true
		}
		index := t.handler(&valueIndex)
		if index == nil {
			return Nil, true
		}
		if !index.IsTable() {
			break
		}
		t = index.Table()
	}
	return Nil, false
}

// handler returns what the metatable of t has for a Key, or nil.
func (t *Table) handler(k *Value) *Value { return handlerOf(t.Metatable, k) }

// Named returns the value of a Key, or nil.
func (t *Table) Named(k *Value) *Value {
	if t.IsOwn() {
		if n := t.nodeOfKey(k); n != nil {
			return &n.value
		}
		return nil
	}
	if v, ok := t.foreign().strDict[k.key().name]; ok {
		w := ValueOf(v)
		return &w
	}
	return nil
}

// SetField does t[k] = v, k being a Key, and says so, unless __newindex may have to.
func (t *Table) SetField(k, v *Value) bool {
	place := t.Named(k)
	if (place == nil || place.IsNil()) && t.handler(&valueNewIndex) != nil {
		return false
	}
	t.setNamed(k, place, v)
	return true
}

// setNamed sets the value of a Key, which stands at place; nil: it has none.
func (t *Table) setNamed(k, place, v *Value) {
	switch {
	case !t.IsOwn():
		t.foreign().setTurned(lua.LString(k.key().name), v.LValue(nil))
	case place != nil:
		*place = *v
	default:
		if !k.key().unique {
			t.state |= stateMixed
		}
		*t.newKey(k) = *v
	}
}

// SetIndex does t[key] = v for keys of all kinds but nil and NaN, and says so, unless __newindex may have to.
func (t *Table) SetIndex(key, v *Value) bool {
	if !t.IsOwn() {
		if t.handler(&valueNewIndex) != nil && t.foreign().get(key.LValue(nil)) == lua.LNil {
			return false
		}
		t.Set(key, v)
		return true
	}
	place := t.find(key)
	if (place == nil || place.IsNil()) && t.handler(&valueNewIndex) != nil {
		return false
	}
	if place == nil {
		place = t.newPlace(key)
	}
	*place = *v
	return true
}
