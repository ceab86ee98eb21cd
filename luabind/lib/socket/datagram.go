package socket

import (
	"context"
	"net/netip"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/lualib/arg"
)

// Sizes of a datagram that is received: what there is room for unless a script asks for more, and at most.
const (
	datagramSize = 8 << 10
	datagramMax  = 16 << 20
)

// sendDatagram is u:send(datagram), to the peer.
func (lib *library) sendDatagram(L *lua.LState) int {
	s := lib.checkDatagrams(L, udpConnected, datagramConnected)
	data := arg.String(L, 2)
	return s.deliver(L, len(data), func() error {
		_, err := sendBytes(s.descriptor.fd, bytesOf(data))
		return err
	})
}

// sendTo is u:sendto(datagram, host, port); of a Unix socket u:sendto(datagram, path).
func (lib *library) sendTo(L *lua.LState) int {
	s := lib.checkDatagrams(L, udpUnconnected, datagramUnconnected)
	data := arg.String(L, 2)
	if s.protocol == udp {
		to, err := s.udpTarget(L)
		if err != nil {
			return lib.fail(L, err)
		}
		return s.deliver(L, len(data), func() error { return sendTo(s.descriptor.fd, bytesOf(data), to) })
	}
	path, err := s.unixTarget(arg.String(L, 3))
	if err != nil {
		return lib.fail(L, err)
	}
	return s.deliver(L, len(data), func() error { return sendToPath(s.descriptor.fd, bytesOf(data), path) })
}

// deliver calls send until it is done or must not wait any more.
func (s *socket) deliver(L *lua.LState, size int, send func() error) int {
	s.timeout.mark()
	for wait := time.Duration(0); ; {
		if s.descriptor == nil {
			return s.lib.fail(L, errClosed)
		}
		err := send()
		if err == errAgain {
			if _, err = s.await(pollOut); err == nil {
				// A Unix socket is ready also where it is the receiver that has no room.
				err = s.pause(&wait)
			}
			if err == nil {
				continue
			}
		}
		if err != nil {
			return s.lib.fail(L, err)
		}
		L.Push(lua.LNumber(size))
		return 1
	}
}

// Waits for what no descriptor tells of: each is twice as long as the one before.
const (
	firstPause = time.Millisecond
	lastPause  = 32 * time.Millisecond
)

// pause waits a little, within the timeout; the first time not at all. Like await it returns errClosed where the script
// has closed the socket meanwhile.
func (s *socket) pause(last *time.Duration) error {
	d := *last
	*last = min(max(2*d, firstPause), lastPause)
	if d == 0 {
		return nil
	}
	left := s.timeout.left()
	if left == 0 || s.timeout.block == 0 {
		return errTimeout
	}
	if left > 0 {
		d = min(d, left)
	}
	ends := time.Now().Add(d) // also where handlers of signals run again and again
	return s.lib.engine.Wait(func(ctx context.Context) error {
		if s.descriptor == nil {
			return errClosed
		}
		timer := time.NewTimer(time.Until(ends))
		defer timer.Stop()
		select {
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

// receiveDatagram is u:receive([size]).
func (lib *library) receiveDatagram(L *lua.LState) int {
	s := lib.checkDatagrams(L)
	data, _, err := s.nextDatagram(L)
	if err != nil {
		return lib.fail(L, err)
	}
	L.Push(luaString(data))
	return 1
}

// receiveFrom is u:receivefrom([size]).
func (lib *library) receiveFrom(L *lua.LState) int {
	s := lib.checkDatagrams(L, udpUnconnected, datagramUnconnected)
	data, from, err := s.nextDatagram(L)
	if err != nil {
		return lib.fail(L, err)
	}
	L.Push(luaString(data))
	if s.protocol == unixDatagram {
		L.Push(lua.LString(from.path))
		return 2
	}
	L.Push(lua.LString(from.address.Addr().String()))
	L.Push(lua.LNumber(from.address.Port()))
	return 3
}

// A sender is where a datagram came from.
type sender struct {
	address netip.AddrPort
	path    string // of a Unix socket; "": it has none
}

// nextDatagram waits for a datagram, and returns as much of it as argument 2 says.
func (s *socket) nextDatagram(L *lua.LState) ([]byte, sender, error) {
	size := arg.OptInt(L, 2, datagramSize)
	if size < 0 {
		return nil, sender{}, errMemory
	}
	s.timeout.mark()
	if s.descriptor == nil {
		return nil, sender{}, errClosed
	}
	room := make([]byte, min(size, datagramMax))
	for {
		n, from, err := receiveFrom(s.descriptor.fd, room)
		if err == errAgain {
			if _, err = s.await(pollIn); err == nil {
				continue
			}
		}
		if err != nil {
			return nil, sender{}, err
		}
		if n <= len(room)/4 { // a small one must not hold the room for a large one
			return append([]byte(nil), room[:n]...), from, nil
		}
		return room[:n], from, nil
	}
}
