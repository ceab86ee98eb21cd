//go:build unix

package socket

import (
	"net/netip"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// handle is the system's number of a socket.
type handle int

// invalid is no socket. The system's functions take it, and say that it is none.
const invalid handle = -1

// Errors that mean something to the callers of what follows.
const (
	errAgain      = unix.EAGAIN
	errInProgress = unix.EINPROGRESS
	errAborted    = unix.ECONNABORTED
)

// soError is the option that holds a pending error.
const soError = unix.SO_ERROR

// errorName returns the text of LuaSocket for an error, or "" where it is the system's.
func errorName(err syscall.Errno) string {
	switch err {
	case unix.EADDRINUSE:
		return "address already in use"
	case unix.EISCONN:
		return "already connected"
	case unix.EACCES:
		return "permission denied"
	case unix.ECONNREFUSED:
		return "connection refused"
	case unix.ECONNABORTED, unix.ECONNRESET, unix.EPIPE:
		return "closed"
	case unix.ETIMEDOUT:
		return "timeout"
	}
	return ""
}

// startup is called before anything else.
func startup() error { return nil }

// openSocket makes a socket, non-blocking and close-on-exec. One of IPv6
// keeps to IPv6.
func openSocket(p protocol, f family) (handle, error) {
	domain, kind := unix.AF_INET, unix.SOCK_STREAM
	switch {
	case p.network() == "unix":
		domain = unix.AF_UNIX
	case f == inet6:
		domain = unix.AF_INET6
	}
	if p == udp || p == unixDatagram {
		kind = unix.SOCK_DGRAM
	}
	fd, err := newSocket(domain, kind)
	if err != nil {
		return invalid, err
	}
	if f == inet6 {
		unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1) // as LuaSocket: best effort
	}
	return handle(fd), nil
}

func closeSocket(fd handle) { unix.Close(int(fd)) }

func reuseAddress(fd handle) error { return setOption(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1) }

func bindSocket(fd handle, a netip.AddrPort) error { return unix.Bind(int(fd), sockaddr(a)) }

func listenSocket(fd handle, backlog int) error { return unix.Listen(int(fd), backlog) }

// connectSocket returns errInProgress if it goes on in the background.
func connectSocket(fd handle, a netip.AddrPort) error {
	err := unix.Connect(int(fd), sockaddr(a))
	if err == unix.EINTR { // it goes on
		return errInProgress
	}
	return err
}

// acceptSocket returns a socket like those of openSocket, or errAgain.
func acceptSocket(fd handle) (handle, error) {
	for {
		if c, err := accept(int(fd)); err != unix.EINTR {
			return handle(c), err
		}
	}
}

// receiveBytes returns errAgain where nothing has come yet, and 0 at the end.
func receiveBytes(fd handle, b []byte) (int, error) {
	for {
		if n, err := unix.Read(int(fd), b); err != unix.EINTR {
			return n, err
		}
	}
}

// sendBytes returns errAgain where there is no room.
func sendBytes(fd handle, b []byte) (int, error) {
	for {
		if n, err := unix.Write(int(fd), b); err != unix.EINTR {
			return n, err
		}
	}
}

// shutdownSocket ends one direction (0: receiving, 1: sending) or both (2).
func shutdownSocket(fd handle, how int) { unix.Shutdown(int(fd), how) }

// pendingError returns the error of a connect that has ended in the background.
func pendingError(fd handle) error {
	n, err := getOption(fd, unix.SOL_SOCKET, soError)
	if err == nil && n != 0 {
		err = unix.Errno(n)
	}
	return err
}

func getOption(fd handle, level, name int) (int, error) {
	return unix.GetsockoptInt(int(fd), level, name)
}

func setOption(fd handle, level, name, value int) error {
	return unix.SetsockoptInt(int(fd), level, name, value)
}

func getLingerOption(fd handle) (on bool, seconds int, err error) {
	l, err := unix.GetsockoptLinger(int(fd), unix.SOL_SOCKET, unix.SO_LINGER)
	if err != nil {
		return false, 0, err
	}
	return l.Onoff != 0, int(l.Linger), nil
}

func setLingerOption(fd handle, on bool, seconds int) error {
	l := unix.Linger{Linger: int32(seconds)}
	if on {
		l.Onoff = 1
	}
	return unix.SetsockoptLinger(int(fd), unix.SOL_SOCKET, unix.SO_LINGER, &l)
}

func localAddress(fd handle) (netip.AddrPort, error) {
	a, err := unix.Getsockname(int(fd))
	return addrPort(a), err
}

func peerAddress(fd handle) (netip.AddrPort, error) {
	a, err := unix.Getpeername(int(fd))
	return addrPort(a), err
}

func sockaddr(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16(), ZoneId: zoneID(a.Addr().Zone())}
}

func addrPort(a unix.Sockaddr) netip.AddrPort {
	switch a := a.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr).WithZone(zoneName(a.ZoneId)), uint16(a.Port))
	default:
		return netip.AddrPort{}
	}
}

// duplicate returns a file for what fd stands for.
func duplicate(fd handle) (*os.File, error) {
	n, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(n), "socket"), nil
}

// claim is the other way: a socket for what f stands for. It is a duplicate too,
// since f may be in the runtime's poller, from which only its Close takes it.
func claim(f *os.File) (handle, error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return invalid, err
	}
	n := -1
	if cerr := conn.Control(func(fd uintptr) { n, err = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) }); cerr != nil {
		err = cerr
	}
	return handle(n), err
}
