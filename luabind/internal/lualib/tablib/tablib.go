// Package tablib is Lua 5.1's table library for gopher-lua, after PUC Lua
// 5.1.5: what it does, in which order it compares and moves, and its messages.
//
// gopher-lua's own moves values over the stack of the state, which a few thousand
// of them overflow, and words its errors otherwise.
//
// What differs on purpose: table.concat refuses to build more than 1 GiB, and
// what takes long looks at the context of the state.
package tablib

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/vm"
)

// Open opens the library in L as the global "table" and returns it.
func Open(L *lua.LState) *lua.LTable {
	t := glua.NewLibrary(L, lua.TabLibName, map[string]lua.LGFunction{
		"concat":   concat,
		"foreach":  foreach,
		"foreachi": foreachi,
		"getn":     getn,
		"insert":   insert,
		"maxn":     maxn,
		"remove":   remove,
		"setn":     setn,
		"sort":     sort,
	}, 0)
	glua.SetNatives(t, natives)
	return t
}

// list is a table whose fields 1 to n are meant.
type list struct {
	L *lua.LState
	t *lua.LTable
	*glua.Table
	steps int
}

// listOf returns the list that is the first argument.
func listOf(L *lua.LState) *list {
	t := arg.Table(L, 1)
	return &list{L: L, t: t, Table: glua.InsideTable(t)}
}

// step is called for each step of what may take long.
func (l *list) step() {
	const between = 1 << 12
	if l.steps++; l.steps%between == 0 {
		arg.Look(l.L)
	}
}

// own returns those items that stand in one piece and may be changed there.
func (l *list) own() []glua.Value {
	if l.IsOwn() {
		return l.Items()
	}
	return nil
}

// getn is table.getn(t).
func getn(L *lua.LState) int {
	L.Push(lua.LNumber(glua.Len(arg.Table(L, 1))))
	return 1
}

// setn is table.setn(t, n), which Lua 5.1 has only to say that it is no more.
func setn(L *lua.LState) int {
	arg.Table(L, 1)
	arg.Raise(L, "'setn' is obsolete")
	return 0
}

// maxn is table.maxn(t).
func maxn(L *lua.LState) int {
	L.Push(lua.LNumber(glua.MaxN(arg.Table(L, 1))))
	return 1
}

// insert is table.insert(t, [pos,] v).
func insert(L *lua.LState) int {
	l := listOf(L)
	end := glua.Len(l.t) + 1
	var pos int
	switch L.GetTop() {
	case 2:
		v := glua.ValueOf(L.Get(2))
		l.SetItem(end, &v)
		return 0
	case 3:
		pos = arg.Int32(L, 2)
	default:
		arg.Raise(L, "wrong number of arguments to 'insert'")
	}
	v := glua.ValueOf(L.Get(3))
	end = max(end, pos)
	if 0 < pos && pos < end {
		last := l.Item(end - 1)
		l.SetItem(end, &last) // makes room
		end--
		if items := l.own(); end <= len(items) {
			copy(items[pos:end], items[pos-1:])
			items[pos-1] = v
			return 0
		}
	}
	for i := end; i > pos; i-- {
		l.step()
		before := l.Item(i - 1)
		l.SetItem(i, &before)
	}
	l.SetItem(pos, &v)
	return 0
}

// remove is table.remove(t [, pos]).
func remove(L *lua.LState) int {
	l := listOf(L)
	end := glua.Len(l.t)
	pos := int(int32(arg.OptInt(L, 2, int64(end))))
	if pos < 1 || pos > end {
		return 0
	}
	v := l.Item(pos)
	L.Push(v.LValue(nil))
	if items := l.own(); end <= len(items) {
		copy(items[pos-1:end], items[pos:end])
		pos = end
	}
	for ; pos < end; pos++ {
		l.step()
		next := l.Item(pos + 1)
		l.SetItem(pos, &next)
	}
	l.SetItem(end, &glua.Nil)
	return 1
}

// foreach is table.foreach(t, f).
func foreach(L *lua.LState) int {
	l := listOf(L)
	f := arg.Function(L, 2)
	for key := glua.Nil; ; {
		k, v, ok := l.Next(&key)
		if !ok {
			arg.Raise(L, "invalid key to 'next'")
		}
		if k.IsNil() {
			return 0
		}
		if result := vm.First(L, f, k, v); !result.IsNil() {
			L.Push(result.LValue(nil))
			return 1
		}
		key = k
	}
}

// foreachi is table.foreachi(t, f).
func foreachi(L *lua.LState) int {
	l := listOf(L)
	f := arg.Function(L, 2)
	n := glua.Len(l.t)
	for i := 1; i <= n; i++ {
		if result := vm.First(L, f, glua.NumberValue(float64(i)), l.Item(i)); !result.IsNil() {
			L.Push(result.LValue(nil))
			return 1
		}
	}
	return 0
}
