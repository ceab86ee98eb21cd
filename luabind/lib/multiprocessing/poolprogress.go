package multiprocessing

import (
	lua "github.com/yuin/gopher-lua"
)

// A progressBar is what the option progress shows: the bar of the module "progress",
// made by its own function and told as any script would tell it:
//
//	bar = require("progress"){total = items, or nil where nobody knows, label = label}
//	bar:add(n)     n more items are done
//	bar:close()    that was all, or the call has failed
//
// A nil one shows nothing.
type progressBar struct{ object lua.LValue }

// newBar makes a bar for a call of so many items, if the option says so.
func (lib *library) newBar(L *lua.LState, option lua.LValue, it *items) *progressBar {
	if !lua.LVAsBool(option) {
		return nil
	}
	L.Push(lib.pools.require)
	L.Push(lua.LString("progress"))
	L.Call(1, 1)
	how := L.NewTable()
	if it.list != nil {
		how.RawSetString("total", lua.LNumber(it.n))
	}
	if label, ok := option.(lua.LString); ok {
		how.RawSetString("label", label)
	}
	L.Push(how)
	L.Call(1, 1)
	bar := &progressBar{L.Get(-1)}
	L.Pop(1)
	return bar
}

func (b *progressBar) add(L *lua.LState, n int) {
	if b != nil && n > 0 {
		b.tell(L, "add", lua.LNumber(n))
	}
}

func (b *progressBar) close(L *lua.LState) {
	if b != nil && b.object != nil {
		object := b.object
		b.object = nil
		(&progressBar{object}).tell(L, "close")
	}
}

func (b *progressBar) tell(L *lua.LState, method string, args ...lua.LValue) {
	if b.object == nil {
		return
	}
	L.Push(L.GetField(b.object, method))
	L.Push(b.object)
	for _, v := range args {
		L.Push(v)
	}
	L.Call(1+len(args), 0)
}
