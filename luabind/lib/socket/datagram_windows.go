package socket

import (
	"errors"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/windows"
)

// errNoUnix is why there are no Unix sockets, as in LuaSocket for Windows.
var errNoUnix = errors.New("no Unix sockets on Windows")

// soDontRoute is the option that keeps to networks which this machine is in.
const soDontRoute = 0x10

// disconnectSocket lets a datagram socket have no peer any more. The address that stands for nobody has to be of its
// family.
func disconnectSocket(fd handle) {
	var nobody windows.Sockaddr = &windows.SockaddrInet4{}
	if own, _ := windows.Getsockname(windows.Handle(fd)); own != nil {
		if _, ok := own.(*windows.SockaddrInet6); ok {
			nobody = &windows.SockaddrInet6{}
		}
	}
	windows.Connect(windows.Handle(fd), nobody) // may fail, and has done it
}

// sendTo sends a datagram. It returns errAgain where there is no room.
func sendTo(fd handle, b []byte, to netip.AddrPort) error {
	buf := windows.WSABuf{Len: uint32(min(len(b), 1<<30)), Buf: unsafe.SliceData(b)}
	var n uint32
	return windows.WSASendto(windows.Handle(fd), &buf, 1, &n, 0, sockaddr(to), nil, nil)
}

// recvFrom is the system's, but in tests.
var recvFrom = windows.WSARecvFrom

// receiveFrom receives a datagram, or what b has room for of it. It returns errAgain where none has come yet.
func receiveFrom(fd handle, b []byte) (n int, from sender, err error) {
	for {
		buf := windows.WSABuf{Len: uint32(len(b)), Buf: unsafe.SliceData(b)}
		var a windows.RawSockaddrAny
		var received, flags uint32
		size := int32(unsafe.Sizeof(a))
		err = recvFrom(windows.Handle(fd), &buf, 1, &received, &flags, &a, &size, nil, nil)
		switch err {
		case nil:
		case windows.WSAEMSGSIZE: // the rest is lost; how much has come isn't always said
			received = buf.Len
		case windows.WSAECONNRESET: // nobody got what was sent before, by this socket to whomever
			continue
		default:
			return 0, sender{}, err
		}
		if to, err := a.Sockaddr(); err == nil { // a connected one tells none
			from.address = addrPort(to)
		}
		return int(received), from, nil
	}
}

// maxPath is how long the path of a Unix socket may be.
const maxPath = 107

func bindPath(handle, string) error           { return errNoUnix }
func connectPath(handle, string) error        { return errNoUnix }
func sendToPath(handle, []byte, string) error { return errNoUnix }
func localPath(handle) (string, error)        { return "", errNoUnix }

func getAddress(fd handle, name int) (a [4]byte, err error) {
	size := int32(len(a))
	err = windows.Getsockopt(windows.Handle(fd), windows.IPPROTO_IP, int32(name), &a[0], &size)
	return a, err
}

func multicastInterface(fd handle) ([4]byte, error) { return getAddress(fd, windows.IP_MULTICAST_IF) }

func setMulticastInterfaceOption(fd handle, a [4]byte) error {
	return windows.SetsockoptInet4Addr(windows.Handle(fd), windows.IPPROTO_IP, windows.IP_MULTICAST_IF, a)
}

func joinGroup(fd handle, group, local [4]byte) error {
	return windows.SetsockoptIPMreq(windows.Handle(fd), windows.IPPROTO_IP, windows.IP_ADD_MEMBERSHIP, &windows.IPMreq{Multiaddr: group, Interface: local})
}

func leaveGroup(fd handle, group, local [4]byte) error {
	return windows.SetsockoptIPMreq(windows.Handle(fd), windows.IPPROTO_IP, windows.IP_DROP_MEMBERSHIP, &windows.IPMreq{Multiaddr: group, Interface: local})
}

func group6(fd handle, name int, group [16]byte, index int) error {
	m := windows.IPv6Mreq{Multiaddr: group, Interface: uint32(index)}
	return windows.Setsockopt(windows.Handle(fd), windows.IPPROTO_IPV6, int32(name), (*byte)(unsafe.Pointer(&m)), int32(unsafe.Sizeof(m)))
}

func joinGroup6(fd handle, group [16]byte, index int) error {
	return group6(fd, windows.IPV6_JOIN_GROUP, group, index)
}

func leaveGroup6(fd handle, group [16]byte, index int) error {
	return group6(fd, windows.IPV6_LEAVE_GROUP, group, index)
}
