// Package socket is the Lua module "socket": TCP and UDP with the names, results and
// error strings of LuaSocket 3; and "socket.unix".
//
// stub.lua and stub_unix.lua say what scripts see.
//
// What fails gives nil and an error: "timeout", "closed", "connection refused",
// "address already in use", "host not found" and so on. Where Config.Network doesn't allow
// it, whatever makes a socket, gives it an address or another peer, sends to an address or asks for
// a name fails with "permission denied: ...".
// A blocking call ends with the engine's context.
//
// # Where it differs from LuaSocket
//
// A socket that was closed stays closed: every method that needs the connection
// gives nil and "closed", and what was read ahead is gone. getsockname gives the
// port as a number (LuaSocket 3.1: a string). A port out of range is an error that names the
// argument. The family that connect4 and connect6 stand for is respected. setfd
// takes only descriptors that another socket of the engine has given up by
// setfd(-1), or else a script could reach what its host has open. select takes those of
// the engine's sockets, others only where Config.Shell is set, and doesn't
// mind how high a descriptor's number is. "ipv6-multicast-hops" is what it says, and not the
// unicast hops. A stream of Unix waits, within its timeout, for a server that has no room for one more
// client, and isn't connected before.
//
// # How it works
//
// Sockets are non-blocking descriptors of the system, and not in the runtime's
// poller, which would wake a thread for every packet: a call tries first, and
// where it would block waits in poll(2), which select needs as well. What has to
// wait for longer parks where the system allows it (Linux): then it holds no thread,
// and a program may have thousands of engines that wait. Package net resolves names
// and does nothing else.
//
// A socket travels to another process as a duplicate of its descriptor, together
// with its class, timeouts, counters and the bytes that were read ahead.
package socket

import (
	_ "embed"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/internal/lualib/arg"
	luatime "luaspawn/luabind/lib/time"
)

// Module is what require "socket" returns.
var Module = luabind.Module{Name: "socket", Open: open, Manual: manual}

//go:embed stub.lua
var manual string

// library is the module in one engine.
type library struct {
	engine      *luabind.Host
	classes     [classes]*lua.LTable // their metatables
	descriptors *descriptors
	loose       map[handle]*descriptor // given up by setfd(-1)
	poller      poller
	options     [protocols]map[string]option // nil: none was asked for yet
	exceptions  exceptions
}

// registryKey is where an engine keeps its library, for the module "socket.unix".
const registryKey = "luaspawn.socket"

func open(e *luabind.Host) (lua.LValue, error) {
	if err := startup(); err != nil {
		return nil, err
	}
	L := inside.State(e)
	lib := &library{
		engine:      e,
		descriptors: newDescriptors(),
		loose:       map[handle]*descriptor{},
	}
	glua.SetNamed(L.G.Registry, registryKey, &lua.LUserData{Value: lib, Metatable: lua.LNil})
	lib.openClasses(L)
	e.Offer(luabind.Module{Name: udpModule, Open: lib.openUDP, OnDemand: true})
	lib.openExceptions(L)
	e.RegisterUnpacker(kind, lib.unpack)
	e.OnClose(func() {
		lib.descriptors.closeAll()
		lib.poller.close()
	})

	t := glua.NewFunctions(L, map[string]lua.LGFunction{
		"tcp":      func(L *lua.LState) int { return lib.create(L, tcp, master, unspec) },
		"tcp4":     func(L *lua.LState) int { return lib.create(L, tcp, master, inet) },
		"tcp6":     func(L *lua.LState) int { return lib.create(L, tcp, master, inet6) },
		"udp":      func(L *lua.LState) int { return lib.createUDP(L, unspec) },
		"udp4":     func(L *lua.LState) int { return lib.createUDP(L, inet) },
		"udp6":     func(L *lua.LState) int { return lib.createUDP(L, inet6) },
		"bind":     lib.bindServer,
		"connect":  func(L *lua.LState) int { return lib.connectClient(L, optFamily(L, 5)) },
		"connect4": func(L *lua.LState) int { return lib.connectClient(L, inet) },
		"connect6": func(L *lua.LState) int { return lib.connectClient(L, inet6) },
		"select":   lib.selectSockets,
		"gettime":  gettime,
		"sleep":    lib.sleep,
		"skip":     skip,
		"newtry":   lib.newtry,
		"try":      lib.try,
		"protect":  lib.protect,
	}, 5)
	lib.openParts(L, t)
	glua.SetNamed(t, "dns", lib.newDNS(L))
	glua.SetNamed(t, "_VERSION", lua.LString("LuaSocket 3.0.0"))
	glua.SetNamed(t, "_DATAGRAMSIZE", lua.LNumber(datagramSize))
	glua.SetNamed(t, "_SETSIZE", lua.LNumber(setSize))
	glua.SetNamed(t, "_SOCKETINVALID", invalid.number())
	glua.SetNamed(t, "BLOCKSIZE", lua.LNumber(2048))
	return t, nil
}

func gettime(L *lua.LState) int {
	L.Push(lua.LNumber(float64(time.Now().UnixMicro()) / 1e6))
	return 1
}

// sleep is socket.sleep(seconds); a negative length is none.
func (lib *library) sleep(L *lua.LState) int {
	timer := time.NewTimer(luatime.Duration(max(arg.Number(L, 1), 0)))
	defer timer.Stop()
	lib.engine.Pauses("sleep")
	defer lib.engine.Resumes()
	ctx := lib.engine.Context()
	for {
		select {
		case <-timer.C:
			return 0
		case <-lib.engine.News():
			lib.engine.Attended()
		case <-ctx.Done():
			arg.Raise(L, "%s", ctx.Err())
		}
	}
}

// skip is socket.skip(n, ...).
func skip(L *lua.LState) int {
	n := L.GetTop() - 1 - int(arg.Int(L, 1))
	return max(0, min(n, L.GetTop()))
}
