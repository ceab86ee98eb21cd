package mpconn

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/windows"

	"luaspawn/proc/internal/fds"
)

// duplicate returns a duplicate of the descriptor of a connection or a listener.
func duplicate(of any) (*os.File, error) {
	h, err := duplicateSocket(of)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(h), "socket"), nil
}

// fileConn returns the connection that f, which stays the caller's, is.
func fileConn(f *os.File) (net.Conn, error) { return openSocket(f) }

// fileListener returns the listener that f, which stays the caller's, is.
func fileListener(f *os.File) (net.Listener, error) { return openSocket(f) }

// listen listens; the system chooses how long its queue is.
func listen(network, address string, _ int) (net.Listener, error) {
	return net.Listen(network, address)
}

// awaitReadable returns when a connection or a listener has something, or with the error of ctx.
func awaitReadable(ctx context.Context, of any) error {
	s, ok := of.(syscall.Conn)
	if !ok {
		return errors.ErrUnsupported
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return err
	}
	for wait := time.Duration(0); ; wait = fds.BetweenLooks {
		// Not as one: who closes it waits until nobody has the descriptor.
		var ready bool
		if cerr := raw.Control(func(fd uintptr) { ready, err = fds.Readable(int(fd), wait) }); cerr != nil {
			return cerr
		}
		if ready || err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// IsReset reports whether err says that the other end is closed, and not in order.
func IsReset(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, windows.WSAECONNRESET) || errors.Is(err, windows.WSAECONNABORTED)
}

// IsRefused reports whether err says that nobody listens.
func IsRefused(err error) bool { return errors.Is(err, windows.WSAECONNREFUSED) }
