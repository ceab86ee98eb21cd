// Package baselib is the part of Lua 5.1's basic functions that needs nothing
// but the state, after PUC Lua 5.1.5: all but those that print, load and call.
package baselib

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/vm"
)

// Open sets the globals of L that are here.
func Open(L *lua.LState) {
	globals := L.G.Global
	glua.SetNamed(globals, "_G", globals)
	glua.SetNamed(globals, "_VERSION", lua.LString("Lua 5.1"))
	nextOfPairs, nextOfIpairs := L.NewFunction(next), L.NewFunction(ipairsStep)
	glua.SetNative(nextOfPairs, &nativeNext)
	glua.SetNative(nextOfIpairs, &nativeIpairsStep)
	glua.SetNamed(globals, "pairs", L.NewClosure(over(lua.LNil), nextOfPairs))
	glua.SetNamed(globals, "ipairs", L.NewClosure(over(lua.LNumber(0)), nextOfIpairs))
	c := &collector{pause: 200, stepmul: 200}
	glua.SetFuncs(L, globals, map[string]lua.LGFunction{
		"assert":         assert,
		"collectgarbage": c.collectgarbage,
		"error":          raise,
		"gcinfo":         gcinfo,
		"getfenv":        getfenv,
		"getmetatable":   getmetatable,
		"newproxy":       newproxy,
		"next":           next,
		"rawequal":       rawequal,
		"rawget":         rawget,
		"rawset":         rawset,
		"select":         selectValues,
		"setfenv":        setfenv,
		"setmetatable":   c.setmetatable,
		"type":           typeOf,
		"unpack":         unpack,
	})
	glua.SetNatives(globals, natives)
	glua.SetNamed(glua.Loaded(L), "_G", globals)
}

// next is next(t [, key]).
func next(L *lua.LState) int {
	s := glua.Inside(L)
	f := s.Frame()
	if f.NArgs == 0 {
		arg.TypeError(L, 1, "table")
	}
	t, ok := s.Reg.Values()[f.LocalBase].(*lua.LTable)
	if !ok {
		arg.TypeError(L, 1, "table")
	}
	key := lua.LValue(lua.LNil)
	if f.NArgs > 1 {
		key = s.Reg.Values()[f.LocalBase+1]
	}
	from := glua.ValueOf(key)
	k, v, ok := glua.InsideTable(t).Next(&from)
	if !ok {
		L.Error(lua.LString("invalid key to 'next'"), 0)
	}
	L.Push(k.LValue(s.Reg.Numbers))
	if k.IsNil() {
		return 1
	}
	L.Push(v.LValue(s.Reg.Numbers))
	return 2
}

// over makes pairs and ipairs: the function in the upvalue, the table and first.
func over(first lua.LValue) lua.LGFunction {
	return func(L *lua.LState) int {
		t := arg.Table(L, 1)
		L.Push(L.Get(lua.UpvalueIndex(1)))
		L.Push(t)
		L.Push(first)
		return 3
	}
}

func ipairsStep(L *lua.LState) int {
	s := glua.Inside(L)
	f := s.Frame()
	if f.NArgs >= 2 {
		t, isTable := s.Reg.Values()[f.LocalBase].(*lua.LTable)
		n, isNumber := s.Reg.Values()[f.LocalBase+1].(lua.LNumber)
		if isTable && isNumber {
			return item(L, t, int(n)+1)
		}
	}
	i := arg.Int32(L, 2)
	return item(L, arg.Table(L, 1), i+1)
}

func item(L *lua.LState, t *lua.LTable, i int) int {
	v := glua.InsideTable(t).Item(i)
	if v.IsNil() {
		return 0
	}
	s := glua.Inside(L)
	s.Reg.PushNumber(lua.LNumber(i))
	L.Push(v.LValue(s.Reg.Numbers))
	return 2
}

// assert is assert(v [, message]).
func assert(L *lua.LState) int {
	if lua.LVAsBool(arg.Any(L, 1)) {
		return L.GetTop()
	}
	message := "assertion failed!"
	if L.Get(2) != lua.LNil {
		message = arg.String(L, 2)
	}
	L.Error(lua.LString(arg.Where(L)+message), 0)
	return 0
}

// raise is error([value [, level]]).
func raise(L *lua.LState) int {
	level := arg.OptInt(L, 2, 1)
	v := L.Get(1)
	if level > 0 && lua.LVCanConvToString(v) {
		v = lua.LString(arg.WhereAt(L, int(int32(level))) + arg.String(L, 1))
	}
	glua.Raise(L, v)
	return 0
}

// selectValues is select(n, ...) and select('#', ...).
func selectValues(L *lua.LState) int {
	n := L.GetTop()
	if s, ok := L.Get(1).(lua.LString); ok && s != "" && s[0] == '#' {
		L.Push(lua.LNumber(n - 1))
		return 1
	}
	i := arg.Int32(L, 1)
	if i < 0 {
		i += n
	}
	i = min(i, n)
	if i < 1 {
		arg.Error(L, 1, "index out of range")
	}
	return n - i
}

// maxValues is how many values a C function of PUC Lua may have on its stack.
const maxValues = 8000

// unpack is unpack(t [, i [, j]]).
func unpack(L *lua.LState) int {
	t := arg.Table(L, 1)
	i, j := int(int32(arg.OptInt(L, 2, 1))), 0
	if L.Get(3) != lua.LNil {
		j = arg.Int32(L, 3)
	} else {
		j = glua.Len(t)
	}
	if i > j {
		return 0
	}
	n := j - i + 1
	if L.GetTop()+n > maxValues {
		arg.Raise(L, "too many results to unpack")
	}
	in, numbers := glua.InsideTable(t), glua.Inside(L).Reg.Numbers
	for k := i; k <= j; k++ {
		v := in.Item(k)
		L.Push(v.LValue(numbers))
	}
	return n
}

// typeNames spares making a value of each name that type returns.
var typeNames = func() (names [lua.LTChannel + 1]lua.LValue) {
	for i := range names {
		names[i] = lua.LString(lua.LValueType(i).String())
	}
	return names
}()

func typeOf(L *lua.LState) int {
	L.Push(typeNames[arg.Any(L, 1).Type()])
	return 1
}

func rawequal(L *lua.LState) int {
	a, b := arg.Any(L, 1), arg.Any(L, 2)
	L.Push(lua.LBool(a == b))
	return 1
}

func rawget(L *lua.LState) int {
	t := arg.Table(L, 1)
	L.Push(glua.Get(t, arg.Any(L, 2)))
	return 1
}

// rawset is rawset(t, key, value).
func rawset(L *lua.LState) int {
	t, k, v := arg.Table(L, 1), arg.Any(L, 2), arg.Any(L, 3)
	vm.RawSet(L, t, k, v)
	L.Push(t)
	return 1
}

func getmetatable(L *lua.LState) int {
	v := arg.Any(L, 1)
	metatable := glua.Metatable(L, v)
	if t, ok := metatable.(*lua.LTable); ok {
		if v := glua.Named(t, "__metatable"); v != lua.LNil {
			metatable = v
		}
	}
	if v.Type() == lua.LTUserData {
		glua.Invalidate(L, metatable)
	}
	L.Push(metatable)
	return 1
}

// setmetatable is setmetatable(t, metatable), for tables only.
func (c *collector) setmetatable(L *lua.LState) int {
	t := arg.Table(L, 1)
	if _, ok := L.Get(2).(*lua.LTable); !ok && (L.Get(2) != lua.LNil || L.GetTop() < 2) {
		arg.Error(L, 2, "nil or table expected")
	}
	if mt, ok := t.Metatable.(*lua.LTable); ok && glua.Named(mt, "__metatable") != lua.LNil {
		arg.Raise(L, "cannot change a protected metatable")
	}
	glua.SetMetatable(L, t, L.Get(2))
	c.weak.add(t)
	L.Push(t)
	return 1
}
