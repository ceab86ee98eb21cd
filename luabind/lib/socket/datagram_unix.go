//go:build unix

package socket

import (
	"net/netip"
	"strings"

	"golang.org/x/sys/unix"
)

// soDontRoute is the option that keeps to networks which this machine is in.
const soDontRoute = unix.SO_DONTROUTE

// sendTo sends a datagram. It returns errAgain where there is no room.
func sendTo(fd handle, b []byte, to netip.AddrPort) error { return sendMessage(fd, b, sockaddr(to)) }

func sendMessage(fd handle, b []byte, to unix.Sockaddr) error {
	for {
		if err := unix.Sendto(int(fd), b, 0, to); err != unix.EINTR {
			return err
		}
	}
}

// receiveFrom receives a datagram, or what b has room for of it. It returns errAgain where none has come yet.
func receiveFrom(fd handle, b []byte) (n int, from sender, err error) {
	for {
		n, a, err := unix.Recvfrom(int(fd), b, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return 0, sender{}, err
		}
		if a, ok := a.(*unix.SockaddrUnix); ok {
			return n, sender{path: pathOf(a)}, nil
		}
		return n, sender{address: addrPort(a)}, nil
	}
}

// maxPath is how long the path of a Unix socket may be.
const maxPath = len(unix.RawSockaddrUnix{}.Path) - 1

// address returns the address of a path.
func address(path string) *unix.SockaddrUnix {
	if strings.HasPrefix(path, "@") { // to package unix a name that is in no directory
		path = "./" + path
	}
	return &unix.SockaddrUnix{Name: path}
}

// pathOf is the other way. A name that is in no directory is "".
func pathOf(a *unix.SockaddrUnix) string {
	if strings.HasPrefix(a.Name, "@") || strings.HasPrefix(a.Name, "\x00") {
		return ""
	}
	return a.Name
}

func bindPath(fd handle, path string) error { return unix.Bind(int(fd), address(path)) }

// connectPath returns errAgain where the server has no room for one more.
func connectPath(fd handle, path string) error {
	for {
		if err := unix.Connect(int(fd), address(path)); err != unix.EINTR {
			return err
		}
	}
}

func sendToPath(fd handle, b []byte, path string) error { return sendMessage(fd, b, address(path)) }

// localPath returns the path that a Unix socket is bound to.
func localPath(fd handle) (string, error) {
	a, err := unix.Getsockname(int(fd))
	if err != nil {
		return "", err
	}
	if a, ok := a.(*unix.SockaddrUnix); ok {
		return pathOf(a), nil
	}
	return "", nil
}

func multicastInterface(fd handle) ([4]byte, error) {
	return unix.GetsockoptInet4Addr(int(fd), unix.IPPROTO_IP, unix.IP_MULTICAST_IF)
}

func setMulticastInterfaceOption(fd handle, a [4]byte) error {
	return unix.SetsockoptInet4Addr(int(fd), unix.IPPROTO_IP, unix.IP_MULTICAST_IF, a)
}

func joinGroup(fd handle, group, local [4]byte) error {
	return unix.SetsockoptIPMreq(int(fd), unix.IPPROTO_IP, unix.IP_ADD_MEMBERSHIP, &unix.IPMreq{Multiaddr: group, Interface: local})
}

func leaveGroup(fd handle, group, local [4]byte) error {
	return unix.SetsockoptIPMreq(int(fd), unix.IPPROTO_IP, unix.IP_DROP_MEMBERSHIP, &unix.IPMreq{Multiaddr: group, Interface: local})
}

func joinGroup6(fd handle, group [16]byte, index int) error {
	return unix.SetsockoptIPv6Mreq(int(fd), unix.IPPROTO_IPV6, unix.IPV6_JOIN_GROUP, &unix.IPv6Mreq{Multiaddr: group, Interface: uint32(index)})
}

func leaveGroup6(fd handle, group [16]byte, index int) error {
	return unix.SetsockoptIPv6Mreq(int(fd), unix.IPPROTO_IPV6, unix.IPV6_LEAVE_GROUP, &unix.IPv6Mreq{Multiaddr: group, Interface: uint32(index)})
}
