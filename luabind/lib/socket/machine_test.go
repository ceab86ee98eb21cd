//go:build linux

package socket_test

import (
	"os"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
)

// machine is what the Lua tests see of the system: require "machine".
//
//	descriptors()   how many sockets and pipes this process has open
var machine = luabind.Module{Name: "machine", Open: func(e *luabind.Engine) (lua.LValue, error) {
	L := e.State()
	return L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"descriptors": func(L *lua.LState) int {
			L.Push(lua.LNumber(openSockets()))
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
