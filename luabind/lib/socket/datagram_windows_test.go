package socket

import (
	"net/netip"
	"testing"

	"golang.org/x/sys/windows"
)

// That nobody got what a socket has sent, which Windows tells who receives by it, is no end of it. Wine doesn't tell.
func TestNobodyGotIt(t *testing.T) {
	if err := startup(); err != nil {
		t.Fatal(err)
	}
	s, err := openSocket(udp, inet)
	if err != nil {
		t.Fatal(err)
	}
	defer closeSocket(s)
	if err := bindSocket(s, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)); err != nil {
		t.Fatal(err)
	}
	to, err := localAddress(s)
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	recvFrom = func(s windows.Handle, bufs *windows.WSABuf, n uint32, received, flags *uint32, from *windows.RawSockaddrAny, size *int32, o *windows.Overlapped, done *byte) error {
		if told < 3 {
			told++
			return windows.WSAECONNRESET
		}
		return windows.WSARecvFrom(s, bufs, n, received, flags, from, size, o, done)
	}
	defer func() { recvFrom = windows.WSARecvFrom }()
	room := make([]byte, 10)
	if _, _, err := receiveFrom(s, room); err != errAgain {
		t.Errorf("got %v, want %v", err, errAgain)
	}
	told = 0
	if err := sendTo(s, []byte("abc"), to); err != nil {
		t.Fatal(err)
	}
	n, from, err := receiveFrom(s, room)
	if n != 3 || from.address != to || err != nil {
		t.Errorf("got %d bytes from %v, %v", n, from.address, err)
	}
}
