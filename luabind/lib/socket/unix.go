package socket

import (
	_ "embed"
	"errors"
	"maps"
	"path/filepath"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/internal/lualib/arg"
)

// Unix is what require "socket.unix" returns, after LuaSocket: sockets whose addresses are paths. These are the
// machine's, whatever Config.Fs is, so they need Config.Network.Unix; relative ones begin where the script's
// commands do.
var Unix = luabind.Module{Name: "socket.unix", Open: openUnix, OnDemand: true, Manual: unixManual}

//go:embed stub_unix.lua
var unixManual string

var errPath = errors.New("path too long")

func openUnix(h *luabind.Host) (lua.LValue, error) {
	if _, err := h.Open(Module); err != nil {
		return nil, err
	}
	L := inside.State(h)
	lib := glua.Named(L.G.Registry, registryKey).(*lua.LUserData).Value.(*library)
	lib.openUnixClasses(L)
	stream := func(L *lua.LState) int { return lib.createUnix(L, unixStream, unixMaster) }
	datagram := func(L *lua.LState) int { return lib.createUnix(L, unixDatagram, datagramUnconnected) }
	t := glua.NewFunctions(L, map[string]lua.LGFunction{
		"stream": stream,
		"dgram":  datagram,
		"__call": func(L *lua.LState) int { return stream(L) }, // as socket.unix() of old
	}, 2)
	glua.SetNamed(t, "tcp", glua.Named(t, "stream")) // their names of old
	glua.SetNamed(t, "udp", glua.Named(t, "dgram"))
	t.Metatable = t
	return t, nil
}

// openUnixClasses makes the classes. Most methods are the same as TCP's and UDP's.
func (lib *library) openUnixClasses(L *lua.LState) {
	add := func(methods map[string]lua.LGFunction, list ...class) {
		maps.Copy(methods, map[string]lua.LGFunction{
			"bind":        lib.bindUnix,
			"close":       lib.close,
			"connect":     lib.connectUnix,
			"dirty":       lib.dirty,
			"getfd":       lib.getfd,
			"getoption":   lib.getoption,
			"getsockname": lib.unixName,
			"gettimeout":  lib.gettimeout,
			"setfd":       lib.setfd,
			"setoption":   lib.setoption,
			"setpeername": lib.connectUnix,
			"setsockname": lib.bindUnix,
			"settimeout":  lib.settimeout,
		})
		lib.addClasses(L, glua.NewFunctions(L, methods, 0), list...)
	}
	add(map[string]lua.LGFunction{
		"accept":   lib.accept,
		"getstats": lib.getstats,
		"listen":   lib.listen,
		"receive":  lib.receive,
		"send":     lib.send,
		"setstats": lib.setstats,
		"shutdown": lib.shutdown,
	}, unixMaster, unixClient, unixServer)
	add(map[string]lua.LGFunction{
		"receive":     lib.receiveDatagram,
		"receivefrom": lib.receiveFrom,
		"send":        lib.sendDatagram,
		"sendto":      lib.sendTo,
	}, datagramUnconnected, datagramConnected)
}

// createUnix is unix.stream() and unix.dgram().
func (lib *library) createUnix(L *lua.LState, p protocol, c class) int {
	s := lib.newSocket(p, c, unspec, nil)
	if err := s.open(unspec); err != nil {
		return lib.fail(L, err)
	}
	L.Push(s.userdata)
	return 1
}

// checkUnix returns the socket at argument 1, which must be of one of two classes, by its protocol.
func (lib *library) checkUnix(L *lua.LState, stream, datagram class) *socket {
	c := stream
	if ud, ok := L.Get(1).(*lua.LUserData); ok {
		if s, ok := ud.Value.(*socket); ok {
			if s.protocol == unixDatagram {
				c = datagram
			}
			if ud.Metatable == lib.classes[c] {
				return s
			}
		}
	}
	arg.Error(L, 1, classNames[c]+" expected")
	return nil
}

// unixTarget returns what the system calls a path that the script has named, if s may go there.
func (s *socket) unixTarget(path string) (string, error) {
	if s.descriptor == nil {
		return "", errClosed
	}
	if err := s.lib.allowed(s.protocol); err != nil {
		return "", err
	}
	path, _, _ = strings.Cut(path, "\x00") // as C reads it
	if dir := s.lib.engine.CommandDir(); dir != "" && path != "" && !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	if len(path) > maxPath {
		return "", errPath
	}
	return path, nil
}

// bindUnix is s:bind(path). A socket that can't be bound is closed, as by LuaSocket.
func (lib *library) bindUnix(L *lua.LState) int {
	s := lib.checkUnix(L, unixMaster, datagramUnconnected)
	path, err := s.unixTarget(arg.String(L, 2))
	if err == nil {
		if err = bindPath(s.descriptor.fd, path); err != nil {
			s.destroy()
		}
	}
	if err != nil {
		return lib.fail(L, err)
	}
	return succeed(L)
}

// connectUnix is s:connect(path). A socket that can't be connected is closed, as by LuaSocket.
func (lib *library) connectUnix(L *lua.LState) int {
	s, ok := arg.Value(L, 1).(*socket)
	if !ok || s.protocol != unixDatagram { // a connected one of these may get another peer
		s = lib.checkUnix(L, unixMaster, datagramConnected)
	}
	path, err := s.unixTarget(arg.String(L, 2))
	if err == nil {
		if err = s.connectPath(path); err != nil {
			s.destroy()
		}
	}
	if err != nil {
		return lib.fail(L, err)
	}
	if s.protocol == unixDatagram {
		s.become(datagramConnected)
	} else {
		s.become(client)
	}
	return succeed(L)
}

// connectPath connects, and waits where the server has no room for one more.
func (s *socket) connectPath(path string) error {
	s.timeout.mark()
	for wait := firstPause; ; {
		err := connectPath(s.descriptor.fd, path)
		if err != errAgain {
			return err
		}
		if err := s.pause(&wait); err != nil {
			return err
		}
	}
}

// unixName is s:getsockname().
func (lib *library) unixName(L *lua.LState) int {
	s := lib.checkAny(L)
	if s.closed {
		return lib.fail(L, errClosed)
	}
	path, err := localPath(s.fd())
	if err != nil {
		return lib.fail(L, err)
	}
	L.Push(lua.LString(path))
	return 1
}
