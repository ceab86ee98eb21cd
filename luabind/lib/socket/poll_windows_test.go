package socket

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/windows"
)

// Who waits for a connection learns that it failed also where WSAPoll doesn't tell. Among others there is one that is not connected, and
// has nothing to wait for.
func TestConnectFails(t *testing.T) {
	if err := startup(); err != nil {
		t.Fatal(err)
	}
	system := wsaPoll
	defer func() { wsaPoll = system }()
	wsaPoll = func(fds []pollFd, milliseconds time.Duration) (n int, err error) {
		if _, err := system(fds, milliseconds); err != nil {
			return 0, err
		}
		for i := range fds {
			if fds[i].revents&(pollErr|pollHup) != 0 {
				fds[i].revents = 0
			}
		}
		return 0, nil
	}
	nobody, err := openSocket(tcp, inet)
	if err != nil {
		t.Fatal(err)
	}
	if err := bindSocket(nobody, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)); err != nil {
		t.Fatal(err)
	}
	there, err := localAddress(nobody) // nobody listens, and nobody else can
	if err != nil {
		t.Fatal(err)
	}
	defer closeSocket(nobody)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, others := range []int{0, 2 * setLimit} {
		var p poller
		p.reset()
		for range others {
			s, err := openSocket(udp, inet)
			if err != nil {
				t.Fatal(err)
			}
			defer closeSocket(s)
			p.add(s, pollIn)
		}
		s, err := openSocket(tcp, inet)
		if err != nil {
			t.Fatal(err)
		}
		defer closeSocket(s)
		if err := connectSocket(s, there); err != errInProgress && err != windows.WSAECONNREFUSED {
			t.Fatal(err)
		} else if err != errInProgress {
			continue // it was told at once
		}
		p.add(s, pollIn|pollOut)
		n, err := p.wait(ctx, -1)
		if n != 1 || err != nil || p.happened(others) != pollErr {
			t.Fatalf("got %d, %v, events %#x", n, err, p.happened(others))
		}
		if err := pendingError(s); err != windows.WSAECONNREFUSED {
			t.Errorf("got %v", err)
		}
	}
}

// A connection of which the system doesn't say why it failed has failed too.
func TestConnectFailsForNoReason(t *testing.T) {
	if err := startup(); err != nil {
		t.Fatal(err)
	}
	s, err := openSocket(tcp, inet)
	if err != nil {
		t.Fatal(err)
	}
	defer closeSocket(s)
	if err := pendingError(s); err != errUnknown {
		t.Errorf("got %v, want %v", err, errUnknown)
	}
}
