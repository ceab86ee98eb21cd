//go:build linux

package socket_test

import (
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/socket"
)

// A socket that was made elsewhere may be used where none may be made, but leads nowhere else.
func TestSocketWithoutTheRight(t *testing.T) {
	modules := []luabind.Module{socket.Module}
	with, err := luabind.New(luabind.Config{Network: luabind.Network{TCP: true}, Modules: modules})
	if err != nil {
		t.Fatal(err)
	}
	defer with.Close()
	without, err := luabind.New(luabind.Config{Modules: modules})
	if err != nil {
		t.Fatal(err)
	}
	defer without.Close()

	do := func(e *luabind.Engine, source string, args ...lua.LValue) []lua.LValue {
		t.Helper()
		f, err := e.Load("=test", source)
		if err != nil {
			t.Fatal(err)
		}
		results, err := e.Do(t.Context(), f, 3, args...)
		if err != nil {
			t.Fatal(err)
		}
		return results
	}
	sockets := do(with, `
		local socket = require "socket"
		server = assert(socket.bind("127.0.0.1", 0))
		local host, port = server:getsockname()
		phone = assert(socket.connect(host, port))
		return server, phone, assert(socket.tcp4())`)
	snapshot, err := with.Host().Pack("without", luabind.Root{Name: "server", Value: sockets[0]},
		luabind.Root{Name: "phone", Value: sockets[1]}, luabind.Root{Name: "master", Value: sockets[2]})
	if err != nil {
		t.Fatal(err)
	}
	arrived, err := without.Host().Unpack(snapshot)
	if err != nil {
		t.Fatal(err)
	}
	got := do(without, `
		local server, phone, master = ...
		local socket = require "socket"
		local conn = assert(server:accept())
		conn:send("hello\n")
		local said = {phone:receive()}
		local function try(f, ...) said[#said + 1] = tostring((select(2, f(...)))) end
		try(master.bind, master, "127.0.0.1", 0)
		try(master.bind, master, "*", 0)
		local host, port = server:getsockname()
		try(phone.connect, phone, host, port)
		try(master.connect, master, host, port)
		try(socket.tcp)
		said[#said + 1] = #socket.select({phone, server}, {phone}, 0)
		return table.concat(said, "\n")`, arrived...)
	const denied = "permission denied: Config.Network.TCP is not set\n"
	if want := "hello\n" + strings.Repeat(denied, 5) + "0"; got[0].String() != want {
		t.Errorf("got\n%s\nwant\n%s", got[0], want)
	}
}
