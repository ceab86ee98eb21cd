package socket

import (
	"errors"
	"net/netip"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// handle is the system's number of a socket.
type handle windows.Handle

// invalid is no socket. The system's functions take it, and say that it is none.
const invalid = ^handle(0)

// Errors that mean something to the callers of what follows.
const (
	errAgain      = windows.WSAEWOULDBLOCK
	errInProgress = windows.WSAEINPROGRESS
	errAborted    = windows.WSAECONNABORTED
)

// soError is the option that holds a pending error.
const soError = 0x1007

// errorName returns the text of LuaSocket for an error, or "" where it is the system's. Here LuaSocket has a text for each of
// those that the system has for sockets, which are Unix's or nearly so.
func errorName(err syscall.Errno) string {
	switch err {
	case windows.WSAEINTR:
		return "Interrupted function call"
	case windows.WSAEACCES:
		return "permission denied"
	case windows.WSAEFAULT:
		return "Bad address"
	case windows.WSAEINVAL:
		return "Invalid argument"
	case windows.WSAEMFILE:
		return "Too many open files"
	case windows.WSAEWOULDBLOCK:
		return "Resource temporarily unavailable"
	case windows.WSAEINPROGRESS:
		return "Operation now in progress"
	case windows.WSAEALREADY:
		return "Operation already in progress"
	case windows.WSAENOTSOCK:
		return "Socket operation on nonsocket"
	case windows.WSAEDESTADDRREQ:
		return "Destination address required"
	case windows.WSAEMSGSIZE:
		return "Message too long"
	case windows.WSAEPROTOTYPE:
		return "Protocol wrong type for socket"
	case windows.WSAENOPROTOOPT:
		return "Bad protocol option"
	case windows.WSAEPROTONOSUPPORT:
		return "Protocol not supported"
	case windows.WSAESOCKTNOSUPPORT:
		return "ai_socktype not supported"
	case windows.WSAEOPNOTSUPP:
		return "Operation not supported"
	case windows.WSAEPFNOSUPPORT:
		return "Protocol family not supported"
	case windows.WSAEAFNOSUPPORT:
		return "ai_family not supported"
	case windows.WSAEADDRINUSE:
		return "address already in use"
	case windows.WSAEADDRNOTAVAIL:
		return "Cannot assign requested address"
	case windows.WSAENETDOWN:
		return "Network is down"
	case windows.WSAENETUNREACH:
		return "Network is unreachable"
	case windows.WSAENETRESET:
		return "Network dropped connection on reset"
	case windows.WSAECONNABORTED:
		return "closed"
	case windows.WSAECONNRESET:
		return "closed"
	case windows.WSAENOBUFS:
		return "No buffer space available"
	case windows.WSAEISCONN:
		return "already connected"
	case windows.WSAENOTCONN:
		return "Socket is not connected"
	case windows.WSAESHUTDOWN: // as where the peer has closed it; LuaSocket: Cannot send after socket shutdown
		return "closed"
	case windows.WSAETIMEDOUT:
		return "timeout"
	case windows.WSAECONNREFUSED:
		return "connection refused"
	case windows.WSAEHOSTDOWN:
		return "Host is down"
	case windows.WSAEHOSTUNREACH:
		return "No route to host"
	case windows.WSAEPROCLIM:
		return "Too many processes"
	case windows.WSASYSNOTREADY:
		return "Network subsystem is unavailable"
	case windows.WSAEDISCON:
		return "Graceful shutdown in progress"
	case windows.WSAHOST_NOT_FOUND:
		return "host not found"
	}
	return ""
}

// What x/sys lacks.
var (
	ws2         = windows.NewLazySystemDLL("ws2_32.dll")
	procAccept  = ws2.NewProc("accept")
	procIoctl   = ws2.NewProc("ioctlsocket")
	procWSAPoll = ws2.NewProc("WSAPoll")
	procSelect  = ws2.NewProc("select")
)

// startup is called before anything else.
func startup() error {
	var data windows.WSAData
	return windows.WSAStartup(0x202, &data) // counted; never undone
}

// openSocket makes a socket, non-blocking and not inherited. One of IPv6
// keeps to IPv6.
func openSocket(p protocol, f family) (handle, error) {
	domain, kind, number := windows.AF_INET, windows.SOCK_STREAM, windows.IPPROTO_TCP
	if p.network() == "unix" {
		return invalid, errNoUnix
	}
	if f == inet6 {
		domain = windows.AF_INET6
	}
	if p == udp {
		kind, number = windows.SOCK_DGRAM, windows.IPPROTO_UDP
	}
	fd, err := windows.WSASocket(int32(domain), int32(kind), int32(number), nil, 0,
		windows.WSA_FLAG_OVERLAPPED|windows.WSA_FLAG_NO_HANDLE_INHERIT)
	if err != nil {
		return invalid, err
	}
	return nonblocking(handle(fd))
}

func nonblocking(fd handle) (handle, error) {
	const fionbio = 0x8004667e
	on := uint32(1)
	r, _, err := procIoctl.Call(uintptr(fd), fionbio, uintptr(unsafe.Pointer(&on)))
	if r != 0 {
		closeSocket(fd)
		return invalid, err
	}
	return fd, nil
}

func closeSocket(fd handle) { windows.Closesocket(windows.Handle(fd)) }

// reuseAddress does nothing: the option of that name lets others take the
// address over here, and isn't needed to have it again at once.
func reuseAddress(handle) error { return nil }

func bindSocket(fd handle, a netip.AddrPort) error {
	return windows.Bind(windows.Handle(fd), sockaddr(a))
}

func listenSocket(fd handle, backlog int) error { return windows.Listen(windows.Handle(fd), backlog) }

// connectSocket returns errInProgress if it goes on in the background.
func connectSocket(fd handle, a netip.AddrPort) error {
	err := windows.Connect(windows.Handle(fd), sockaddr(a))
	if err == windows.WSAEWOULDBLOCK {
		return errInProgress
	}
	return err
}

// acceptSocket returns a socket like those of openSocket, or errAgain.
func acceptSocket(fd handle) (handle, error) {
	r, _, err := procAccept.Call(uintptr(fd), 0, 0)
	if handle(r) == invalid {
		return invalid, err
	}
	windows.SetHandleInformation(windows.Handle(r), windows.HANDLE_FLAG_INHERIT, 0)
	return nonblocking(handle(r))
}

// receiveBytes returns errAgain where nothing has come yet, and 0 at the end.
func receiveBytes(fd handle, b []byte) (int, error) {
	buf := windows.WSABuf{Len: uint32(min(len(b), 1<<30)), Buf: unsafe.SliceData(b)}
	var n, flags uint32
	if err := windows.WSARecv(windows.Handle(fd), &buf, 1, &n, &flags, nil, nil); err != nil {
		return 0, err
	}
	return int(n), nil
}

// sendBytes returns errAgain where there is no room.
func sendBytes(fd handle, b []byte) (int, error) {
	buf := windows.WSABuf{Len: uint32(min(len(b), 1<<30)), Buf: unsafe.SliceData(b)}
	var n uint32
	if err := windows.WSASend(windows.Handle(fd), &buf, 1, &n, 0, nil, nil); err != nil {
		return 0, err
	}
	return int(n), nil
}

// shutdownSocket ends one direction (0: receiving, 1: sending) or both (2).
func shutdownSocket(fd handle, how int) { windows.Shutdown(windows.Handle(fd), how) }

// errUnknown is LuaSocket's.
var errUnknown = errors.New("unknown error")

// pendingError returns the error of a connect that has ended in the background. The system may say that it has failed before it says
// why: LuaSocket gives it as much time.
func pendingError(fd handle) error {
	const late = 10 * time.Millisecond
	for wait := late; ; wait = 0 {
		n, err := getOption(fd, windows.SOL_SOCKET, soError)
		if err == nil && n != 0 {
			err = syscall.Errno(n)
		}
		if err != nil {
			return err
		}
		if _, err := peerAddress(fd); err == nil {
			return nil
		}
		if wait == 0 {
			return errUnknown
		}
		time.Sleep(wait)
	}
}

func getOption(fd handle, level, name int) (int, error) {
	return windows.GetsockoptInt(windows.Handle(fd), level, name)
}

func setOption(fd handle, level, name, value int) error {
	return windows.SetsockoptInt(windows.Handle(fd), level, name, value)
}

// linger is struct linger.
type linger struct{ onoff, seconds uint16 }

func getLingerOption(fd handle) (on bool, seconds int, err error) {
	var l linger
	size := int32(unsafe.Sizeof(l))
	err = windows.Getsockopt(windows.Handle(fd), windows.SOL_SOCKET, windows.SO_LINGER, (*byte)(unsafe.Pointer(&l)), &size)
	return l.onoff != 0, int(l.seconds), err
}

func setLingerOption(fd handle, on bool, seconds int) error {
	l := linger{seconds: uint16(seconds)}
	if on {
		l.onoff = 1
	}
	return windows.Setsockopt(windows.Handle(fd), windows.SOL_SOCKET, windows.SO_LINGER, (*byte)(unsafe.Pointer(&l)), int32(unsafe.Sizeof(l)))
}

func localAddress(fd handle) (netip.AddrPort, error) {
	a, err := windows.Getsockname(windows.Handle(fd))
	return addrPort(a), err
}

func peerAddress(fd handle) (netip.AddrPort, error) {
	a, err := windows.Getpeername(windows.Handle(fd))
	return addrPort(a), err
}

func sockaddr(a netip.AddrPort) windows.Sockaddr {
	if a.Addr().Is4() {
		return &windows.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &windows.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16(), ZoneId: zoneID(a.Addr().Zone())}
}

func addrPort(a windows.Sockaddr) netip.AddrPort {
	switch a := a.(type) {
	case *windows.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *windows.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr).WithZone(zoneName(a.ZoneId)), uint16(a.Port))
	default:
		return netip.AddrPort{}
	}
}

// systemOptions are those that not every system has.
func systemOptions() map[string]option { return nil }

// duplicate returns a file for what fd stands for.
func duplicate(fd handle) (*os.File, error) {
	d, err := duplicateSocket(windows.Handle(fd))
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(d), "socket"), nil
}

// claim is the other way: a socket for what f stands for. It is a duplicate too, since f is
// closed as a file.
func claim(f *os.File) (handle, error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return invalid, err
	}
	var d windows.Handle
	if cerr := conn.Control(func(fd uintptr) { d, err = duplicateSocket(windows.Handle(fd)) }); cerr != nil {
		err = cerr
	}
	if err != nil {
		return invalid, err
	}
	return nonblocking(handle(d))
}

// duplicateSocket returns another number, in this process, of the same socket.
func duplicateSocket(h windows.Handle) (windows.Handle, error) {
	var info windows.WSAProtocolInfo
	if err := windows.WSADuplicateSocket(h, windows.GetCurrentProcessId(), &info); err != nil {
		return windows.InvalidHandle, os.NewSyscallError("WSADuplicateSocket", err)
	}
	const given = -1 // FROM_PROTOCOL_INFO
	d, err := windows.WSASocket(given, given, given, &info, 0, windows.WSA_FLAG_OVERLAPPED|windows.WSA_FLAG_NO_HANDLE_INHERIT)
	return d, os.NewSyscallError("WSASocket", err)
}
