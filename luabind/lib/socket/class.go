package socket

import (
	"crypto/tls"
	"fmt"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/internal/lualib/arg"
)

// A protocol is what a socket speaks.
type protocol int

const (
	tcp protocol = iota
	udp
	unixStream
	unixDatagram
	protocols
)

// network is what luabind.Network calls it.
func (p protocol) network() string { return [...]string{"tcp", "udp", "unix", "unix"}[p] }

// anyNames are what errors call the sockets of a protocol.
var anyNames = [protocols]string{"tcp{any}", "udp{any}", "unixstream{any}", "unixdgram{any}"}

// A class is what a socket can do; its metatable says which one it has.
type class int

const (
	master         class = iota // neither connected nor listening
	client                      // connected, or about to be
	server                      // listening
	udpUnconnected              // sends to any, receives from any
	udpConnected                // has one peer

	// Those of the module "socket.unix", which opens them.
	unixMaster
	unixClient
	unixServer
	datagramUnconnected
	datagramConnected
	classes
)

var classNames = [classes]string{
	"tcp{master}", "tcp{client}", "tcp{server}", "udp{unconnected}", "udp{connected}",
	"unixstream{master}", "unixstream{client}", "unixstream{server}", "unixdgram{unconnected}", "unixdgram{connected}",
}

// metatableNames are those in the registry, and of the stubs' classes.
var metatableNames = [classes]string{
	"socket.Master", "socket.Client", "socket.Server", "socket.UDP", "socket.ConnectedUDP",
	"socket.unix.Master", "socket.unix.Client", "socket.unix.Server", "socket.unix.Datagram", "socket.unix.ConnectedDatagram",
}

// socket is the Value of a userdata.
type socket struct {
	lib        *library
	userdata   *lua.LUserData
	descriptor *descriptor // nil: it is closed, or made by tcp() and has none yet
	closed     bool
	protocol   protocol
	family     family // of TCP and UDP
	timeout    timeout
	buffer     buffer
	tls        *tls.Conn // above the descriptor; nil: none
	received   int64     // bytes that receive has taken
	sent       int64     // bytes
	answer     bool      // nothing was read since something was sent
	awaited    int16     // the events that a call waits for: another one is that of a handler
	birthday   time.Time // its age counts from here
}

// newSocket makes a socket that owns d, which may be nil.
func (lib *library) newSocket(p protocol, c class, f family, d *descriptor) *socket {
	s := &socket{
		lib:        lib,
		protocol:   p,
		descriptor: d,
		family:     f,
		timeout:    timeout{block: -1, total: -1},
		birthday:   time.Now(),
	}
	s.userdata = &lua.LUserData{Value: s, Env: inside.State(lib.engine).G.Global, Metatable: lib.classes[c]}
	return s
}

// openClasses makes the metatables. They are kept in the registry, which gives
// them the names by which they travel. Every engine names all that it has when it
// is made, so the methods stand in one table and not in three.
func (lib *library) openClasses(L *lua.LState) {
	methods := glua.NewFunctions(L, map[string]lua.LGFunction{
		"accept":      lib.accept,
		"bind":        lib.bind,
		"close":       lib.close,
		"connect":     lib.connect,
		"dirty":       lib.dirty,
		"getfamily":   lib.getfamily,
		"getfd":       lib.getfd,
		"getoption":   lib.getoption,
		"getpeername": lib.getpeername,
		"getsockname": lib.getsockname,
		"getstats":    lib.getstats,
		"gettimeout":  lib.gettimeout,
		"listen":      lib.listen,
		"receive":     lib.receive,
		"send":        lib.send,
		"setfd":       lib.setfd,
		"setoption":   lib.setoption,
		"setpeername": lib.connect,
		"setsockname": lib.bind,
		"setstats":    lib.setstats,
		"settimeout":  lib.settimeout,
		"shutdown":    lib.shutdown,
	}, 0)
	lib.addClasses(L, methods, master, client, server)
}

// addClasses makes metatables whose objects have these methods.
func (lib *library) addClasses(L *lua.LState, methods *lua.LTable, list ...class) {
	tostring := L.NewFunction(tostring)
	all := glua.NewTable(0, 1)
	glua.SetNamed(all, "__index", methods)
	for _, c := range list {
		index := glua.NewTable(0, 1)
		glua.SetNamed(index, "class", lua.LString(classNames[c]))
		index.Metatable = all
		mt := glua.NewTable(0, 3)
		glua.SetNamed(L.G.Registry, metatableNames[c], mt)
		glua.SetNamed(mt, "__index", index)
		glua.SetNamed(mt, "__tostring", tostring)
		lib.classes[c] = mt
		glua.Guard(L, mt)
	}
}

// check returns the socket at argument 1, which must be of class c. Streams of Unix have
// the methods of TCP, so one of theirs is as good.
func (lib *library) check(L *lua.LState, c class) *socket {
	name := classNames[c]
	if ud, ok := L.Get(1).(*lua.LUserData); ok {
		s, ok := ud.Value.(*socket)
		switch {
		case ok && ud.Metatable == lib.classes[c]:
			return s
		case ok && c <= server && s.protocol == unixStream:
			if ud.Metatable == lib.classes[c+unixMaster] {
				return s
			}
			name = classNames[c+unixMaster]
		}
	}
	arg.Error(L, 1, name+" expected")
	return nil
}

// checkDatagrams returns the socket at argument 1, which must be one of UDP or of Unix that
// sends datagrams, and unconnected or connected if that is wanted.
func (lib *library) checkDatagrams(L *lua.LState, wanted ...class) *socket {
	name := anyNames[udp]
	if len(wanted) > 0 {
		name = classNames[wanted[0]]
	}
	if ud, ok := L.Get(1).(*lua.LUserData); ok {
		s, ok := ud.Value.(*socket)
		if ok && s.protocol == unixDatagram {
			name = anyNames[unixDatagram]
			if len(wanted) > 0 {
				name = classNames[wanted[1]]
			}
		}
		if ok && (s.protocol == udp || s.protocol == unixDatagram) {
			for _, c := range wanted {
				if ud.Metatable == lib.classes[c] {
					return s
				}
			}
			if len(wanted) == 0 {
				return s
			}
		}
	}
	arg.Error(L, 1, name+" expected")
	return nil
}

// checkAny returns the socket at argument 1.
func (lib *library) checkAny(L *lua.LState) *socket {
	if s, ok := arg.Value(L, 1).(*socket); ok {
		return s
	}
	arg.Error(L, 1, anyNames[tcp]+" expected")
	return nil
}

// become makes the socket one of class c, which is one of TCP or its own.
func (s *socket) become(c class) {
	if c <= server && s.protocol == unixStream {
		c += unixMaster
	}
	s.userdata.Metatable = s.lib.classes[c]
}

// fd returns invalid where there is no descriptor.
func (s *socket) fd() handle {
	if s.descriptor == nil {
		return invalid
	}
	return s.descriptor.fd
}

// Descriptor is for those of other packages who wait for s. It is negative where there
// is none; ready says that something can be received without waiting.
func (s *socket) Descriptor() (fd int, ready bool) { return int(s.fd()), s.dirty() }

// number is what a script sees.
func (fd handle) number() lua.LNumber { return lua.LNumber(int(fd)) }

// destroy closes the descriptor, if there is one.
func (s *socket) destroy() {
	if s.descriptor != nil {
		s.descriptor.close()
		s.descriptor = nil
	}
}

func tostring(L *lua.LState) int {
	mt, _ := glua.Metatable(L, L.Get(1)).(*lua.LTable)
	if mt != nil {
		if index, ok := glua.Named(mt, "__index").(*lua.LTable); ok {
			if name, ok := glua.Named(index, "class").(lua.LString); ok {
				L.Push(lua.LString(fmt.Sprintf("%s: %p", string(name), L.Get(1))))
				return 1
			}
		}
	}
	arg.Raise(L, "invalid object passed to 'tostring'")
	return 0
}

// close is s:close(); a second one does nothing.
func (lib *library) close(L *lua.LState) int {
	s := lib.checkAny(L)
	s.destroy()
	s.buffer = buffer{}
	s.closed = true
	return succeed(L)
}

func (lib *library) dirty(L *lua.LState) int {
	L.Push(lua.LBool(lib.checkAny(L).dirty()))
	return 1
}

func (lib *library) getfamily(L *lua.LState) int {
	name := "inet4"
	if lib.checkAny(L).family == inet6 {
		name = "inet6"
	}
	L.Push(lua.LString(name))
	return 1
}

func (lib *library) getfd(L *lua.LState) int {
	s := lib.checkAny(L)
	L.Push(s.fd().number())
	return 1
}

// setfd is s:setfd(fd). The descriptor that the socket had is given up, for
// another one to take.
func (lib *library) setfd(L *lua.LState) int {
	s := lib.checkAny(L)
	fd := arg.Number(L, 2)
	var d *descriptor
	if fd >= 0 {
		d = lib.loose[handle(fd)]
		if s.descriptor != nil && s.descriptor.fd == handle(fd) {
			d = s.descriptor
		}
		if d == nil {
			arg.Error(L, 2, "not a descriptor that a socket has given up by setfd(-1)")
		}
	}
	if s.descriptor != nil {
		lib.loose[s.descriptor.fd] = s.descriptor
	}
	if d != nil {
		delete(lib.loose, d.fd)
	}
	s.descriptor, s.closed = d, false
	return 0
}

func (lib *library) getstats(L *lua.LState) int {
	s := lib.check(L, client)
	L.Push(lua.LNumber(s.received))
	L.Push(lua.LNumber(s.sent))
	L.Push(lua.LNumber(time.Since(s.birthday).Seconds()))
	return 3
}

func (lib *library) setstats(L *lua.LState) int {
	s := lib.check(L, client)
	s.received = arg.OptInt(L, 2, s.received)
	s.sent = arg.OptInt(L, 3, s.sent)
	if L.Get(4) != lua.LNil {
		s.birthday = born(arg.Number(L, 4))
	}
	return succeed(L)
}

// born returns when a socket was made whose age is given in seconds.
func born(age float64) time.Time {
	return time.Now().Add(-seconds(age))
}
