package glua

import (
	"iter"

	lua "github.com/yuin/gopher-lua"
)

// Next is Lua 5.1's next, and not ok for a key that is not in the table. One that was cleared
// stays until another one is added.
func (t *Table) Next(key *Value) (k, v Value, ok bool) {
	if !t.IsOwn() {
		k, v, ok := t.foreign().next(key.LValue(nil))
		return ValueOf(k), ValueOf(v), ok
	}
	from, ok := t.behind(key)
	if !ok {
		return Nil, Nil, false
	}
	if from < t.size {
		items := t.Items()
		for i := from; i < len(items); i++ {
			if !items[i].IsNil() {
				return NumberValue(float64(i + 1)), items[i], true
			}
		}
		from = t.size
	}
	nodes := t.nodeList()
	for i := from - t.size; i < len(nodes); i++ {
		if n := &nodes[i]; !n.value.IsNil() {
			t.last = uint32(i)
			return n.key, n.value, true
		}
	}
	return Nil, Nil, true
}

// behind returns where what follows a key stands, counting items first and nodes then.
func (t *Table) behind(key *Value) (at int, ok bool) {
	if key.IsNil() {
		return 0, true
	}
	if key.IsNumber() {
		f := key.Float()
		if i := int(f); uint(i-1) < uint(t.size) && float64(i) == f {
			return i, true
		}
	}
	nodes := t.nodeList()
	if i := int(t.last); i < len(nodes) && nodes[i].key.Same(key) {
		return t.size + i + 1, true
	}
	n := t.node(key)
	if n == nil {
		return 0, false
	}
	return t.size + n.index(t) + 1, true
}

// All yields the keys and values of t in the order of next. A field may be cleared meanwhile.
func (t *Table) All() iter.Seq2[Value, Value] {
	return func(yield func(k, v Value) bool) {
		key := Nil
		for {
			k, v, ok := t.Next(&key)
			if !ok || k.IsNil() || !yield(k, v) {
				return
			}
			key = k
		}
	}
}

// Pairs is All with values of gopher-lua.
func Pairs(t *lua.LTable) iter.Seq2[lua.LValue, lua.LValue] {
	return func(yield func(k, v lua.LValue) bool) {
		if t == nil {
			return
		}
		for k, v := range InsideTable(t).All() {
			if !yield(k.LValue(nil), v.LValue(nil)) {
				return
			}
		}
	}
}

// Fields returns how many fields there are beside Items.
func (t *Table) Fields() int {
	if !t.IsOwn() {
		return len(t.foreign().dict) + len(t.foreign().strDict)
	}
	fields := 0
	for i, nodes := 0, t.nodeList(); i < len(nodes); i++ {
		if !nodes[i].value.IsNil() {
			fields++
		}
	}
	return fields
}
