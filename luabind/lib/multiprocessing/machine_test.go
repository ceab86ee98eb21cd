package multiprocessing_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/proc"
)

// tempVariable names the directory for files of these tests, and marks their processes.
const tempVariable = "LUASPAWN_PROCESS_TEST"

// temps counts the paths that temp has given, to whichever engine.
var temps atomic.Int64

// hasUnix reports whether there are Unix sockets.
var hasUnix = sync.OnceValue(func() bool {
	if runtime.GOOS != "windows" {
		return true
	}
	l, err := net.Listen("unix", filepath.Join(os.TempDir(), fmt.Sprintf("luaspawn-test-%d", os.Getpid())))
	if err == nil {
		l.Close()
	}
	return err == nil
})

// machine is what the Lua tests see of the system: require "machine".
//
//	pid() ppid()    as the kernel says
//	state(pid)      "R", "S", "Z", ...; nil where there is no such process
//	kill(pid, n)    sends signal n; on Windows it terminates
//	children()      the pids of this process's children, zombies among them
//	descriptors()   how many are open
//	heap()          the bytes of Go's heap that are in use: without what the race detector keeps beside it
//	cpus()          how many processors this process may run on
//	temp()          a path at which nothing is, for a file of one's own
//	opaque()        a value of Go that no child can be given
//	nameless()      a function of Go that has no name
//	windows         true there
//	tick            how much too early a wait ends by time.monotonic, at most: that is a finer clock than
//	                the one of waits on Windows, which advances 64 times a second
//	portable        true where only what macOS has is there
//	families        of addresses that a Listener can have: Windows has Unix sockets, Wine hasn't
//	race            true under the race detector
//	stress          true where LUASPAWN_STRESS is set: tests may take long
var machine = luabind.Module{Name: "machine", Open: func(e *luabind.Host) (lua.LValue, error) {
	L := e.State()
	t := L.NewTable()
	t.RawSetString("windows", lua.LBool(runtime.GOOS == "windows"))
	tick := 0.0
	if runtime.GOOS == "windows" {
		tick = 1.0 / 64
	}
	t.RawSetString("tick", lua.LNumber(tick))
	t.RawSetString("portable", lua.LBool(portable))
	families := L.NewTable()
	families.Append(lua.LString("AF_INET"))
	if hasUnix() {
		families.Append(lua.LString("AF_UNIX"))
	}
	t.RawSetString("families", families)
	t.RawSetString("race", lua.LBool(race))
	t.RawSetString("stress", lua.LBool(os.Getenv("LUASPAWN_STRESS") != ""))
	return L.SetFuncs(t, map[string]lua.LGFunction{
		"fault": func(L *lua.LState) int {
			e.OnClose(func() { panic("on the way out") })
			return 0
		},
		"pid":  func(L *lua.LState) int { L.Push(lua.LNumber(os.Getpid())); return 1 },
		"ppid": func(L *lua.LState) int { L.Push(lua.LNumber(os.Getppid())); return 1 },
		"state": func(L *lua.LState) int {
			if state, _, ok := stat(L.CheckInt(1)); ok {
				L.Push(lua.LString(state))
				return 1
			}
			L.Push(lua.LNil)
			return 1
		},
		"kill": func(L *lua.LState) int {
			if err := kill(L.CheckInt(1), L.CheckInt(2)); err != nil {
				L.RaiseError("kill: %v", err)
			}
			return 0
		},
		"children": func(L *lua.LState) int {
			list := L.NewTable()
			for _, pid := range childrenOf(os.Getpid()) {
				list.Append(lua.LNumber(pid))
			}
			L.Push(list)
			return 1
		},
		"descriptors": func(L *lua.LState) int {
			proc.Drain() // those who are kept ready have some too
			n := 0
			for _, count := range openDescriptors() {
				n += count
			}
			L.Push(lua.LNumber(n))
			return 1
		},
		"heap": func(L *lua.LState) int {
			var stats runtime.MemStats
			runtime.ReadMemStats(&stats)
			L.Push(lua.LNumber(stats.HeapAlloc))
			return 1
		},
		"cpus": func(L *lua.LState) int {
			L.Push(lua.LNumber(runtime.NumCPU()))
			return 1
		},
		"temp": func(L *lua.LState) int {
			name := fmt.Sprintf("%d-%d", os.Getpid(), temps.Add(1))
			L.Push(lua.LString(filepath.Join(os.Getenv(tempVariable), name)))
			return 1
		},
		"opaque": func(L *lua.LState) int {
			ud := L.NewUserData()
			ud.Value = struct{ C chan int }{}
			L.Push(ud)
			return 1
		},
		"nameless": func(L *lua.LState) int {
			L.Push(L.NewFunction(func(*lua.LState) int { return 0 }))
			return 1
		},
	}), nil
}}
