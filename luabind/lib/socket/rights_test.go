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
	modules := []luabind.Module{socket.Module, socket.Unix}
	with, err := luabind.New(luabind.Config{Network: luabind.Network{TCP: true, UDP: true, Unix: true}, Modules: modules})
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
		results, err := e.Do(t.Context(), f, lua.MultRet, args...)
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
		local unix = require "socket.unix"
		udp = assert(socket.udp4())
		assert(udp:setsockname("127.0.0.1", 0))
		connected = socket.udp4()
		connected:setpeername(udp:getsockname(), (select(2, udp:getsockname())))
		return server, phone, assert(socket.tcp4()), udp, connected, unix.stream(), unix.dgram()`)
	var roots []luabind.Root
	for i, name := range []string{"server", "phone", "master", "udp", "connected", "stream", "datagram"} {
		roots = append(roots, luabind.Root{Name: name, Value: sockets[i]})
	}
	snapshot, err := with.Host().Pack("without", roots...)
	if err != nil {
		t.Fatal(err)
	}
	arrived, err := without.Host().Unpack(snapshot)
	if err != nil {
		t.Fatal(err)
	}
	got := do(without, `
		local server, phone, master, udp, connected, stream, datagram = ...
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
		local _, at = udp:getsockname()
		try(udp.sendto, udp, "x", "127.0.0.1", at)
		try(udp.setsockname, udp, "127.0.0.1", 0)
		try(udp.setpeername, udp, "127.0.0.1", at)
		try(connected.setpeername, connected, "127.0.0.1", at)
		try(socket.udp)
		try(socket.udp4)
		try(stream.bind, stream, "/nowhere/x")
		try(stream.connect, stream, "/nowhere/x")
		try(datagram.bind, datagram, "/nowhere/x")
		try(datagram.connect, datagram, "/nowhere/x")
		try(datagram.sendto, datagram, "x", "/nowhere/x")
		for _, name in ipairs{"stream", "dgram", "tcp", "udp"} do try(require("socket.unix")[name]) end
		try(socket.dns.toip, "localhost")
		connected:send("by its peer")
		said[#said + 1] = udp:receive()
		said[#said + 1] = connected:setpeername("*")
		said[#said + 1] = #socket.select({phone, server}, {phone}, 0)
		return table.concat(said, "\n")`, arrived...)
	denied := func(name string, times int) string {
		return strings.Repeat("permission denied: Config.Network."+name+" is not set\n", times)
	}
	want := "hello\n" + denied("TCP", 5) + denied("UDP", 6) + denied("Unix", 9) + denied("TCP", 1) + "by its peer\n1\n0"
	if got[0].String() != want {
		t.Errorf("got\n%s\nwant\n%s", got[0], want)
	}
}
