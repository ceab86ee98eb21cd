package tablib

import (
	"luaspawn/luabind/internal/glua"
)

// natives has the Natives of functions that scripts call often, at the end of a list.
var natives = []glua.NamedNative{
	{Name: "getn", Do: func(_ *glua.State, args, out []glua.Value) int {
		if len(args) == 0 || !args[0].IsTable() {
			return -1
		}
		out[0].SetNumber(float64(args[0].Table().Len()))
		return 1
	}},
	{Name: "insert", Do: func(_ *glua.State, args, _ []glua.Value) int {
		if len(args) != 2 || !args[0].IsTable() {
			return -1
		}
		t := args[0].Table()
		t.SetItem(t.Len()+1, &args[1])
		return 0
	}},
	{Name: "remove", Do: func(_ *glua.State, args, out []glua.Value) int {
		if len(args) != 1 || !args[0].IsTable() {
			return -1
		}
		t := args[0].Table()
		n := t.Len()
		if n == 0 {
			return 0
		}
		v := t.Item(n)
		t.SetItem(n, &glua.Nil)
		out[0] = v
		return 1
	}},
}
