package snapshot

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// unsendable is the value of a userdata that stands where something could not
// travel and was swept in only with all globals. Every use of it raises why.
type unsendable struct{ why *SendError }

func newPlaceholderMetatable(L *lua.LState) *lua.LTable {
	raise := L.NewFunction(func(L *lua.LState) int {
		for i := 1; i <= 2; i++ { // either operand may be the placeholder
			if ud, ok := L.Get(i).(*lua.LUserData); ok {
				if u, ok := ud.Value.(*unsendable); ok {
					L.RaiseError("%s", u.why.Error())
				}
			}
		}
		return 0
	})
	mt := glua.NewTable(0, 0)
	for _, event := range []string{
		"__index", "__newindex", "__call", "__tostring", "__len", "__concat", "__unm",
		"__add", "__sub", "__mul", "__div", "__mod", "__pow", "__eq", "__lt", "__le",
	} {
		glua.SetNamed(mt, event, raise)
	}
	glua.SetNamed(mt, "__metatable", lua.LFalse)
	return mt
}

func (c *Codec) newPlaceholder(why string) *lua.LUserData {
	if c.placeholder == nil {
		c.placeholder = newPlaceholderMetatable(c.L)
	}
	return &lua.LUserData{
		Value:     &unsendable{&SendError{why}},
		Env:       c.L.G.Global,
		Metatable: c.placeholder,
	}
}
