package snapshot

import lua "github.com/yuin/gopher-lua"

// unsendable is the value of a userdata that stands where something could not
// travel and was swept in only with all globals. Every use of it raises why.
type unsendable struct{ why *CannotSend }

func newPoisonMetatable(L *lua.LState) *lua.LTable {
	raise := L.NewFunction(func(L *lua.LState) int {
		for i := 1; i <= 2; i++ { // either operand may be the poison
			if ud, ok := L.Get(i).(*lua.LUserData); ok {
				if u, ok := ud.Value.(*unsendable); ok {
					L.RaiseError("%s", u.why.Error())
				}
			}
		}
		return 0
	})
	mt := L.NewTable()
	for _, event := range []string{
		"__index", "__newindex", "__call", "__tostring", "__len", "__concat", "__unm",
		"__add", "__sub", "__mul", "__div", "__mod", "__pow", "__eq", "__lt", "__le",
	} {
		mt.RawSetString(event, raise)
	}
	mt.RawSetString("__metatable", lua.LFalse)
	return mt
}

func (c *Codec) newPoison(why string) *lua.LUserData {
	if c.poison == nil {
		c.poison = newPoisonMetatable(c.L)
	}
	return &lua.LUserData{
		Value:     &unsendable{&CannotSend{why}},
		Env:       c.L.G.Global,
		Metatable: c.poison,
	}
}
