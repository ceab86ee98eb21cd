package multiprocessing

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/vm"
)

// A progressBar is what the option progress shows: the bar of the module "progress",
// made by its own function and told as any script would tell it:
//
//	bar = require("progress"){total = items, or nil where nobody knows, label = label}
//	bar:add(n)     n more items are done
//	bar:close()    that was all, or the call has failed
//
// A nil one shows nothing.
type progressBar struct {
	object lua.LValue
	forget func() // the loop that is followed; nil: none is yet
}

// newBar makes a bar for a call of so many items, if the option says so.
func (lib *library) newBar(L *lua.LState, option lua.LValue, it *items) *progressBar {
	if !lua.LVAsBool(option) {
		return nil
	}
	L.Push(lib.pools.require)
	L.Push(lua.LString("progress"))
	glua.Call(L, 1, 1)
	how := glua.NewTable(0, 0)
	if it.list != nil {
		glua.SetNamed(how, "total", lua.LNumber(it.n))
	}
	if label, ok := option.(lua.LString); ok {
		glua.SetNamed(how, "label", label)
	}
	L.Push(how)
	glua.Call(L, 1, 1)
	bar := &progressBar{object: L.Get(-1)}
	L.Pop(1)
	return bar
}

func (b *progressBar) add(L *lua.LState, n int) {
	if b != nil && n > 0 {
		b.tell(L, "add", lua.LNumber(n))
	}
}

// follow is called by an iterator: the bar is closed when the loop is left that calls it.
func (b *progressBar) follow(L *lua.LState, host *luabind.Host) {
	if b == nil || b.object == nil || b.forget != nil {
		return
	}
	b.forget, _ = host.FollowLoop(L, func() {
		b.forget = nil
		b.close(L)
	})
}

func (b *progressBar) close(L *lua.LState) {
	if b == nil || b.object == nil {
		return
	}
	if b.forget != nil {
		b.forget()
		b.forget = nil
	}
	b.tell(L, "close")
	b.object = nil
}

// closeOnError is deferred by who makes a bar: also what its items raise ends it.
func (b *progressBar) closeOnError(L *lua.LState) {
	if b == nil {
		return
	}
	if r := recover(); r != nil {
		b.close(L)
		panic(r)
	}
}

func (b *progressBar) tell(L *lua.LState, method string, args ...lua.LValue) {
	if b.object == nil {
		return
	}
	L.Push(vm.Field(L, b.object, method))
	L.Push(b.object)
	for _, v := range args {
		L.Push(v)
	}
	glua.Call(L, 1+len(args), 0)
}
