package progress

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// An iterator gives a loop what another one gives, or the items of a list, and counts them. An
// item is done when the next one is asked for.
type iterator struct {
	bar     *Bar
	begun   bool
	f       lua.LValue // nil: there is a list
	state   lua.LValue
	control lua.LValue
	list    *lua.LTable
	i       int // of the last item
}

// push returns the iterator to the script, and its bar, which the loop takes for the state.
func (it *iterator) push(L *lua.LState) int {
	L.Push(L.NewFunction(it.next))
	L.Push(it.bar.lib.userdata(L, it.bar))
	return 2
}

func (it *iterator) next(L *lua.LState) int {
	if it.begun {
		it.bar.Add(1)
	}
	it.begun = true
	it.bar.Follow(L)
	L.SetTop(0)
	if it.list != nil {
		it.i++
		if v := glua.Item(it.list, it.i); v != lua.LNil {
			L.Push(lua.LNumber(it.i))
			L.Push(v)
		}
	} else {
		L.Push(it.f)
		L.Push(it.state)
		L.Push(it.control)
		glua.Call(L, 2, lua.MultRet)
		it.control = L.Get(1)
	}
	if L.Get(1) == lua.LNil {
		it.bar.Close()
		it.begun = false
	}
	return L.GetTop()
}
