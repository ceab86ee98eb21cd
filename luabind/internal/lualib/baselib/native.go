package baselib

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

var (
	keyMetatable = glua.KeyOf("__metatable").Value()
	keyMode      = glua.KeyOf("__mode").Value()
)

// natives has the Natives of functions that scripts call often.
var natives = []glua.NamedNative{
	{Name: "getmetatable", Do: func(_ *glua.State, args, out []glua.Value) int {
		if len(args) == 0 || !args[0].IsTable() {
			return -1
		}
		mt, ok := args[0].LTable().Metatable.(*lua.LTable)
		if !ok {
			out[0].SetNil()
			return 1
		}
		if glua.InsideTable(mt).Named(&keyMetatable) != nil {
			return -1
		}
		out[0] = glua.TableValue(mt)
		return 1
	}},
	{Name: "next", Do: nativeNext},
	{Name: "rawequal", Do: func(_ *glua.State, args, out []glua.Value) int {
		if len(args) < 2 || args[0].IsNumber() || args[0].IsString() {
			return -1
		}
		out[0].SetBool(args[0].Same(&args[1]))
		return 1
	}},
	{Name: "rawget", Do: func(_ *glua.State, args, out []glua.Value) int {
		if len(args) < 2 || !args[0].IsTable() {
			return -1
		}
		out[0] = args[0].Table().Get(&args[1])
		return 1
	}},
	{Name: "select", Do: func(_ *glua.State, args, out []glua.Value) int {
		if len(args) == 0 {
			return -1
		}
		if args[0].IsString() && args[0].String() == "#" {
			out[0].SetNumber(float64(len(args) - 1))
			return 1
		}
		f := args[0].Float()
		i := int(f)
		if float64(i) != f || i < 1 {
			return -1
		}
		return copy(out, args[min(i, len(args)):])
	}},
	{Name: "setmetatable", Do: func(_ *glua.State, args, out []glua.Value) int {
		if len(args) != 2 || !args[0].IsTable() || !args[0].Table().IsOwn() || !args[1].IsTable() {
			return -1
		}
		t, mt := args[0].LTable(), args[1].Table()
		if t.Metatable != lua.LNil || !mt.HasFields() || mt.Named(&keyMode) != nil {
			return -1 // it may be protected, or t be weak
		}
		t.Metatable = mt.Outside()
		out[0] = args[0]
		return 1
	}},
	{Name: "type", Do: func(_ *glua.State, args, out []glua.Value) int {
		if len(args) == 0 {
			return -1
		}
		out[0].Take(typeNames[args[0].Type()])
		return 1
	}},
	{Name: "unpack", Do: func(_ *glua.State, args, out []glua.Value) int {
		if len(args) != 1 || !args[0].IsTable() || !args[0].Table().IsOwn() {
			return -1
		}
		t := args[0].Table()
		n := t.Len()
		if n > len(out) || n > len(t.Items()) {
			return -1
		}
		return copy(out, t.Items()[:n])
	}},
}

var nativeNext glua.Native = func(_ *glua.State, args, out []glua.Value) int {
	if len(args) == 0 || !args[0].IsTable() {
		return -1
	}
	t, key := args[0].Table(), glua.Nil
	if len(args) > 1 {
		key = args[1]
	}
	k, v, ok := t.Next(&key)
	if !ok {
		return -1
	}
	out[0], out[1] = k, v
	if k.IsNil() {
		return 1
	}
	return 2
}

var nativeIpairsStep glua.Native = func(_ *glua.State, args, out []glua.Value) int {
	if len(args) < 2 || !args[0].IsTable() || !args[1].IsNumber() {
		return -1
	}
	t, n := args[0].Table(), int(args[1].Float())+1
	v := t.Item(n)
	if v.IsNil() {
		return 0
	}
	out[0].SetNumber(float64(n))
	out[1].Set(&v)
	return 2
}
