package socket

import (
	"net/netip"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/scarce"
)

// family is the kind of a socket's addresses; unspec: it isn't known yet.
type family int

const (
	unspec family = iota
	inet
	inet6
)

func (f family) String() string { return [...]string{"unspec", "inet", "inet6"}[f] }

func familyOf(a netip.Addr) family {
	if a.Is4() {
		return inet
	}
	return inet6
}

func optFamily(L *lua.LState, n int) family {
	return family(checkOption(L, n, "unspec", "unspec", "inet", "inet6"))
}

// create is socket.tcp(), socket.udp() and their kind.
func (lib *library) create(L *lua.LState, p protocol, c class, f family) int {
	if err := lib.allowed(p); err != nil {
		return lib.fail(L, err)
	}
	s := lib.newSocket(p, c, unspec, nil)
	if f != unspec {
		if err := s.open(f); err != nil {
			return lib.fail(L, err)
		}
	}
	L.Push(s.userdata)
	return 1
}

// allowed returns why scripts may make no sockets of a protocol here, and reach no network by it; nil: they
// may. Whatever does either asks it, also for a socket that has come from another
// process.
func (lib *library) allowed(p protocol) error { return lib.engine.Config().Network.Check(p.network()) }

// open gives the socket a descriptor, instead of the one that it may have.
func (s *socket) open(f family) error {
	if s.closed { // while its host was looked up, or it was connected to another address
		return errClosed
	}
	if err := s.lib.allowed(s.protocol); err != nil {
		return err
	}
	s.destroy()
	fd, err := scarce.Retry(nil, func() (handle, error) { return openSocket(s.protocol, f) })
	if err != nil {
		return err
	}
	s.descriptor, s.family = s.lib.descriptors.add(fd), f
	return nil
}

// opened gives the socket a descriptor of family f if it has none.
func (s *socket) opened(f family) error {
	if s.descriptor != nil && s.family == f {
		return nil
	}
	return s.open(f)
}

// bind is s:bind(host, port).
func (lib *library) bind(L *lua.LState) int {
	return lib.bindAsTold(L, lib.check(L, master))
}

// bindAsTold binds s to the host and port that are arguments.
func (lib *library) bindAsTold(L *lua.LState, s *socket) int {
	host, port := arg.String(L, 2), checkPort(L, 3)
	if s.closed {
		return lib.fail(L, errClosed)
	}
	if err := s.bindTo(host, port); err != nil {
		return lib.fail(L, err)
	}
	return succeed(L)
}

// bindTo binds to the first address of host that can be had.
func (s *socket) bindTo(host, port string) error {
	if err := s.lib.allowed(s.protocol); err != nil {
		return err
	}
	addresses := wildcard(s.family)
	var err error
	if host != "*" {
		addresses, err = s.lib.lookup(host, s.family)
	}
	if err != nil {
		return err
	}
	number, err := s.lib.lookupPort(s.protocol, port)
	if err != nil {
		return err
	}
	for _, a := range addresses {
		if err = s.opened(familyOf(a)); err == nil {
			err = bindSocket(s.descriptor.fd, netip.AddrPortFrom(a, number))
		}
		if err == nil {
			return nil
		}
	}
	return err
}

// listen is s:listen([backlog]).
func (lib *library) listen(L *lua.LState) int {
	s := lib.check(L, master)
	backlog := arg.OptInt(L, 2, 32)
	if s.closed {
		return lib.fail(L, errClosed)
	}
	if err := listenSocket(s.fd(), int(int32(min(backlog, 1<<31-1)))); err != nil {
		return lib.fail(L, err)
	}
	s.become(server)
	return succeed(L)
}

// bindServer is socket.bind(host, port [, backlog]).
func (lib *library) bindServer(L *lua.LState) int {
	host, port := arg.String(L, 1), checkPort(L, 2)
	backlog := arg.OptInt(L, 3, 32)
	if host == "*" {
		host = "0.0.0.0"
	}
	addresses, err := lib.lookup(host, unspec)
	if err != nil {
		return lib.fail(L, err)
	}
	number, err := lib.lookupPort(tcp, port)
	if err != nil {
		return lib.fail(L, err)
	}
	for _, a := range addresses {
		s := lib.newSocket(tcp, server, unspec, nil)
		if err = s.open(familyOf(a)); err != nil {
			continue
		}
		fd := s.descriptor.fd
		if err = reuseAddress(fd); err == nil {
			err = bindSocket(fd, netip.AddrPortFrom(a, number))
		}
		if err == nil {
			err = listenSocket(fd, int(int32(min(backlog, 1<<31-1))))
		}
		if err == nil {
			L.Push(s.userdata)
			return 1
		}
		s.destroy()
	}
	return lib.fail(L, err)
}

// accept is s:accept().
func (lib *library) accept(L *lua.LState) int {
	s := lib.check(L, server)
	s.timeout.mark()
	if s.descriptor == nil {
		return lib.fail(L, errClosed)
	}
	for {
		fd, err := scarce.Retry(L, func() (handle, error) { return acceptSocket(s.descriptor.fd) })
		switch err {
		case nil:
			c := lib.newSocket(s.protocol, client, s.family, lib.descriptors.add(fd))
			c.become(client)
			L.Push(c.userdata)
			return 1
		case errAborted: // by the peer; the next one may be there
			continue
		case errAgain:
			if _, err = s.await(pollIn); err == nil {
				continue
			}
		}
		return lib.fail(L, err)
	}
}

// connect is s:connect(host, port).
func (lib *library) connect(L *lua.LState) int {
	s := lib.checkAny(L)
	host, port := arg.String(L, 2), checkPort(L, 3)
	if s.closed {
		return lib.fail(L, errClosed)
	}
	err := s.connectTo(host, port, s.family)
	s.become(client) // also where it failed: it may go on without us waiting
	if err != nil {
		return lib.fail(L, err)
	}
	return succeed(L)
}

// connectClient is socket.connect(host, port [, lhost [, lport]]).
func (lib *library) connectClient(L *lua.LState, f family) int {
	host, port := arg.String(L, 1), checkPort(L, 2)
	s := lib.newSocket(tcp, client, unspec, nil)
	if L.Get(3) != lua.LNil {
		localHost, localPort := arg.String(L, 3), "0"
		if L.Get(4) != lua.LNil {
			localPort = checkPort(L, 4)
		}
		s.family = f
		if err := s.bindTo(localHost, localPort); err != nil {
			s.destroy()
			return lib.fail(L, err)
		}
		f = s.family
	}
	if err := s.connectTo(host, port, f); err != nil {
		s.destroy()
		return lib.fail(L, err)
	}
	L.Push(s.userdata)
	return 1
}

// connectTo connects to the first address of host that answers. Where the
// timeout is 0 it is the first one, and it goes on connecting.
func (s *socket) connectTo(host, port string, f family) error {
	if err := s.lib.allowed(s.protocol); err != nil {
		return err
	}
	addresses, err := s.lib.lookup(host, f)
	if err != nil {
		return err
	}
	number, err := s.lib.lookupPort(s.protocol, port)
	if err != nil {
		return err
	}
	for _, a := range addresses {
		s.timeout.mark()
		if err = s.opened(familyOf(a)); err != nil {
			continue
		}
		err = s.connectAddress(netip.AddrPortFrom(a, number))
		if err == nil || s.timeout.block == 0 || s.lib.engine.Context().Err() != nil {
			return err
		}
	}
	return err
}

func (s *socket) connectAddress(a netip.AddrPort) error {
	err := connectSocket(s.descriptor.fd, a)
	if err == errAborted { // Linux says so first where an attempt has failed before
		err = connectSocket(s.descriptor.fd, a)
	}
	if err != errInProgress && err != errAgain {
		return err
	}
	happened, err := s.await(pollIn | pollOut)
	if err != nil {
		return err
	}
	if happened&(pollIn|pollErr|pollHup) != 0 { // refused, or there is data already
		return pendingError(s.descriptor.fd)
	}
	return nil
}

func (lib *library) getsockname(L *lua.LState) int { return lib.name(L, localAddress) }
func (lib *library) getpeername(L *lua.LState) int { return lib.name(L, peerAddress) }

// name pushes address, port and family of one end.
func (lib *library) name(L *lua.LState, end func(handle) (netip.AddrPort, error)) int {
	s := lib.checkAny(L)
	if s.closed {
		return lib.fail(L, errClosed)
	}
	a, err := end(s.fd())
	if err != nil {
		return lib.fail(L, err)
	}
	L.Push(lua.LString(a.Addr().String()))
	L.Push(lua.LNumber(a.Port()))
	L.Push(lua.LString(s.family.String()))
	return 3
}
