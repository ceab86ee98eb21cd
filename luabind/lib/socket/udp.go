package socket

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/lualib/numeral"
)

// errNotNumeric is the error of sendto, which looks up nothing.
var errNotNumeric = errors.New("Name or service not known") //lint:ignore ST1005 a script sees it

// udpModule is the name by which what follows travels.
const udpModule = "socket.udp"

// openUDP makes the classes of UDP, when the first of their sockets is made or arrives.
func (lib *library) openUDP(h *luabind.Host) (lua.LValue, error) {
	L := inside.State(h)
	lib.addClasses(L, glua.NewFunctions(L, map[string]lua.LGFunction{
		"close":       lib.close,
		"dirty":       lib.dirty,
		"getfamily":   lib.getfamily,
		"getfd":       lib.getfd,
		"getoption":   lib.getoption,
		"getpeername": lib.udpPeername,
		"getsockname": lib.getsockname,
		"gettimeout":  lib.gettimeout,
		"receive":     lib.receiveDatagram,
		"receivefrom": lib.receiveFrom,
		"send":        lib.sendDatagram,
		"sendto":      lib.sendTo,
		"setfd":       lib.setfd,
		"setoption":   lib.setoption,
		"setpeername": lib.setpeername,
		"setsockname": lib.setsockname,
		"settimeout":  lib.settimeout,
	}, 0), udpUnconnected, udpConnected)
	return lua.LTrue, nil
}

// createUDP is socket.udp() and its kind.
func (lib *library) createUDP(L *lua.LState, f family) int {
	if _, err := lib.engine.Demand(udpModule); err != nil {
		return lib.fail(L, err)
	}
	return lib.create(L, udp, udpUnconnected, f)
}

// setsockname is u:setsockname(host, port).
func (lib *library) setsockname(L *lua.LState) int {
	return lib.bindAsTold(L, lib.checkDatagrams(L, udpUnconnected))
}

// setpeername is u:setpeername(host, port), or u:setpeername("*"), which leaves the peer.
func (lib *library) setpeername(L *lua.LState) int {
	s := lib.checkDatagrams(L)
	host := arg.String(L, 2)
	if host == "*" {
		if s.descriptor != nil {
			disconnectSocket(s.descriptor.fd)
		}
		s.become(udpUnconnected)
		return succeed(L)
	}
	port := checkPort(L, 3)
	if s.closed {
		return lib.fail(L, errClosed)
	}
	if err := s.connectTo(host, port, s.family); err != nil {
		return lib.fail(L, err)
	}
	s.become(udpConnected)
	return succeed(L)
}

func (lib *library) udpPeername(L *lua.LState) int {
	lib.checkDatagrams(L, udpConnected)
	return lib.getpeername(L)
}

// udpTarget returns the address at arguments 3 and 4, which are figures, and opens the socket if it has
// no descriptor yet.
func (s *socket) udpTarget(L *lua.LState) (to netip.AddrPort, err error) {
	host, port := arg.String(L, 3), checkPort(L, 4)
	if s.closed {
		return to, errClosed
	}
	if err := s.lib.allowed(udp); err != nil {
		return to, err
	}
	a, ok := parseAddress(host)
	number, isNumber := numeral.Parse(port)
	switch {
	case !ok || !isNumber || float64(number) != float64(uint16(number)):
		return to, errNotNumeric
	case s.family != unspec && s.family != familyOf(a):
		return to, errFamily
	}
	return netip.AddrPortFrom(a, uint16(number)), s.opened(familyOf(a))
}

// udpOptions are the options that LuaSocket has.
func udpOptions() map[string]option {
	all := tcpOptions()
	return map[string]option{
		"broadcast":            flag(syscall.SOL_SOCKET, syscall.SO_BROADCAST),
		"dontroute":            flag(syscall.SOL_SOCKET, soDontRoute),
		"reuseaddr":            all["reuseaddr"],
		"reuseport":            all["reuseport"],
		"recv-buffer-size":     all["recv-buffer-size"],
		"send-buffer-size":     all["send-buffer-size"],
		"error":                all["error"],
		"ip-multicast-if":      {getMulticastInterface, setMulticastInterface},
		"ip-multicast-ttl":     {nil, number(syscall.IPPROTO_IP, syscall.IP_MULTICAST_TTL).set},
		"ip-multicast-loop":    flag(syscall.IPPROTO_IP, syscall.IP_MULTICAST_LOOP),
		"ip-add-membership":    {nil, membership(joinGroup)},
		"ip-drop-membership":   {nil, membership(leaveGroup)},
		"ipv6-unicast-hops":    number(syscall.IPPROTO_IPV6, syscall.IPV6_UNICAST_HOPS),
		"ipv6-multicast-hops":  number(syscall.IPPROTO_IPV6, syscall.IPV6_MULTICAST_HOPS),
		"ipv6-multicast-loop":  flag(syscall.IPPROTO_IPV6, syscall.IPV6_MULTICAST_LOOP),
		"ipv6-add-membership":  {nil, membership6(joinGroup6)},
		"ipv6-drop-membership": {nil, membership6(leaveGroup6)},
		"ipv6-v6only":          flag(syscall.IPPROTO_IPV6, syscall.IPV6_V6ONLY),
	}
}

func getMulticastInterface(L *lua.LState, fd handle) error {
	a, err := multicastInterface(fd)
	L.Push(lua.LString(netip.AddrFrom4(a).String()))
	return err
}

func setMulticastInterface(L *lua.LState, fd handle) error {
	a := netip.IPv4Unspecified()
	if host := arg.String(L, 3); host != "*" {
		var ok bool
		if a, ok = parseAddress(host); !ok || !a.Is4() {
			arg.Error(L, 3, "ip expected")
		}
	}
	return setMulticastInterfaceOption(fd, a.As4())
}

// groupField returns an address in the table at argument 3.
func groupField(L *lua.LState, t *lua.LTable, name string, is func(netip.Addr) bool) netip.Addr {
	v := glua.Named(t, name)
	text, ok := v.(lua.LString)
	if !ok {
		arg.Error(L, 3, fmt.Sprintf("string '%s' field expected", name))
	}
	if a, ok := parseAddress(string(text)); ok && is(a) {
		return a
	}
	arg.Error(L, 3, fmt.Sprintf("invalid '%s' ip address", name))
	return netip.Addr{}
}

// membership takes {multiaddr =, interface =}, the address of an interface, or "*".
func membership(do func(fd handle, group, local [4]byte) error) func(*lua.LState, handle) error {
	return func(L *lua.LState, fd handle) error {
		t, ok := L.Get(3).(*lua.LTable)
		if !ok {
			arg.TypeError(L, 3, "table")
		}
		group := groupField(L, t, "multiaddr", netip.Addr.Is4)
		local := netip.IPv4Unspecified()
		if glua.Named(t, "interface") != lua.LString("*") {
			local = groupField(L, t, "interface", netip.Addr.Is4)
		}
		return do(fd, group.As4(), local.As4())
	}
}

// membership6 takes {multiaddr =, interface =}, the number of an interface; nil: the system finds one.
func membership6(do func(fd handle, group [16]byte, index int) error) func(*lua.LState, handle) error {
	return func(L *lua.LState, fd handle) error {
		t, ok := L.Get(3).(*lua.LTable)
		if !ok {
			arg.TypeError(L, 3, "table")
		}
		group := groupField(L, t, "multiaddr", netip.Addr.Is6)
		index := glua.Named(t, "interface")
		if index != lua.LNil && !isNumber(index) {
			arg.Error(L, 3, "number 'interface' field expected")
		}
		return do(fd, group.As16(), int(lua.LVAsNumber(index)))
	}
}
