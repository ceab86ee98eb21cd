package multiprocessing

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/vm"
)

// A progressBar is the bar of the option progress. It is made by the function of the module "progress", and
// updated as any script would do it:
//
//	bar = require("progress"){total = items, or nil where nobody knows, label = label}
//	bar:add(n)     n more items are done
//	bar:close()    that was all, or the call has failed
//
// A nil progressBar shows nothing.
type progressBar struct {
	object lua.LValue
	forget func() // the loop that is followed; nil: none is yet
}

// newBar makes a bar for a call with these items, if the option asks for one.
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

// follow is called by an iterator. It has the bar closed when the script leaves the loop of the iterator.
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

// closeOnError is deferred by functions that make a bar. It closes the bar if they raise an error.
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
