//go:build linux

package socket_test

import (
	"os"
	"runtime"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/multiprocessing"
)

// machine is what the Lua tests see of the system: require "machine".
//
//	descriptors()   how many sockets and pipes this process has open, without garbage and children kept ready
var machine = luabind.Module{Name: "machine", Open: func(e *luabind.Host) (lua.LValue, error) {
	L := e.State()
	return L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"descriptors": func(L *lua.LState) int {
			multiprocessing.Drain()
			runtime.GC()
			L.Push(lua.LNumber(settledSockets()))
			return 1
		},
	}), nil
}}

// openSockets counts the sockets and pipes that are open.
func openSockets() int {
	n := 0
	fds, _ := os.ReadDir("/proc/self/fd")
	for _, fd := range fds {
		name, err := os.Readlink("/proc/self/fd/" + fd.Name())
		if err == nil && (strings.HasPrefix(name, "socket:") || strings.HasPrefix(name, "pipe:")) {
			n++
		}
	}
	return n
}

// settledSockets counts them when their number no longer falls: those that are garbage are closed one by one.
func settledSockets() int {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	n := openSockets()
	for same := 0; same < 5; {
		<-tick.C
		if now := openSockets(); now < n {
			n, same = now, 0
		} else {
			same++
		}
	}
	return n
}
