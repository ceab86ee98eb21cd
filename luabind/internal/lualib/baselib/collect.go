package baselib

import (
	"runtime"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
)

// collector is what collectgarbage sets. The memory of a state is the program's:
// Go collects all of it together, when it sees fit.
type collector struct {
	pause, stepmul lua.LNumber
	weak           weakTables
}

// collectgarbage is collectgarbage([option [, arg]]). A script must not be able
// to slow the rest of the program down, so "stop", "setpause" and "setstepmul"
// have no effect, and a collection comes only where those before it took a small
// part of the time.
func (c *collector) collectgarbage(L *lua.LState) int {
	option := "collect"
	if L.Get(1) != lua.LNil {
		option = arg.String(L, 1)
	}
	to := lua.LNumber(int32(arg.OptInt(L, 2, 0)))
	var result lua.LValue = lua.LNumber(0)
	switch option {
	case "collect":
		c.collect(L)
	case "step":
		c.collect(L)
		result = lua.LTrue // that was a whole cycle
	case "count":
		result = lua.LNumber(float64(inUse()) / 1024)
	case "setpause":
		result, c.pause = c.pause, to
	case "setstepmul":
		result, c.stepmul = c.stepmul, to
	case "stop", "restart":
	default:
		arg.Error(L, 1, "invalid option '"+option+"'")
	}
	L.Push(result)
	return 1
}

// gcinfo is gcinfo(): the memory in use, in whole KiB.
func gcinfo(L *lua.LState) int {
	L.Push(lua.LNumber(inUse() / 1024))
	return 1
}

// inUse returns the bytes that the program's objects take. To ask for it stops
// nothing.
func inUse() uint64 {
	list := []glua.Reading{{Name: "/memory/classes/heap/objects:bytes"}}
	glua.ReadMetrics(list)
	n, _ := list[0].Uint64()
	return n
}

// collections is a fact about the process: when a script may collect again. One
// slot is enough: who finds it taken leaves the collection to the other.
var collections = make(chan time.Time, 1)

// collect collects, unless a script has done so lately. One that has weak tables
// sees what is collected: there it always does.
func (c *collector) collect(L *lua.LState) {
	if c.weak.collect(L) {
		return
	}
	const share = 20 // of the time, one part at most
	select {
	case until := <-collections:
		if time.Now().Before(until) {
			collections <- until
			return
		}
	default:
	}
	start := time.Now()
	runtime.GC()
	end := time.Now()
	select {
	case collections <- end.Add(share * end.Sub(start)):
	default:
	}
}
