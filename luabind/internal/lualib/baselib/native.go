package baselib

import "luaspawn/luabind/internal/glua"

// natives has the Natives of functions that scripts call often.
var natives = []glua.NamedNative{
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
	{Name: "type", Do: func(_ *glua.State, args, out []glua.Value) int {
		if len(args) == 0 {
			return -1
		}
		out[0].Take(typeNames[args[0].Type()])
		return 1
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
