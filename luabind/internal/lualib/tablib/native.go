package tablib

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/vm"
)

// natives are those of functions that scripts call often, at the end of a list.
var natives = []glua.NamedNative{
	{Name: "getn", Do: func(_ *glua.State, args, out []glua.Value) int {
		if len(args) == 0 || !args[0].IsTable() {
			return -1
		}
		out[0].SetNumber(float64(vm.Len(args[0].LTable())))
		return 1
	}},
	{Name: "insert", Do: func(s *glua.State, args, _ []glua.Value) int {
		if len(args) != 2 || !args[0].IsTable() {
			return -1
		}
		t := args[0].LTable()
		args[0].Table().SetItem(vm.Len(t)+1, args[1].LValue(s.Reg.Numbers))
		return 0
	}},
	{Name: "remove", Do: func(_ *glua.State, args, out []glua.Value) int {
		if len(args) != 1 || !args[0].IsTable() {
			return -1
		}
		t := args[0].Table()
		n := len(t.List())
		if n == 0 || vm.Len(args[0].LTable()) != n {
			return -1
		}
		v := t.Item(n)
		t.List()[n-1] = lua.LNil
		t.Truncate(n - 1)
		out[0].Take(v)
		return 1
	}},
}
