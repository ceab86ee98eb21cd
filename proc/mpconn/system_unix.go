//go:build unix

package mpconn

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// duplicate returns a duplicate of the descriptor of a connection or a listener.
func duplicate(of any) (*os.File, error) {
	s, ok := of.(syscall.Conn)
	if !ok {
		return nil, errors.ErrUnsupported
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return nil, err
	}
	fd := -1
	cerr := raw.Control(func(from uintptr) {
		fd, err = unix.FcntlInt(from, unix.F_DUPFD_CLOEXEC, 3)
	})
	if err = errors.Join(cerr, os.NewSyscallError("fcntl", err)); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "socket"), nil
}

// fileConn returns the connection that f, which stays the caller's, is.
func fileConn(f *os.File) (net.Conn, error) { return net.FileConn(f) }

// fileListener returns the listener that f, which stays the caller's, is.
func fileListener(f *os.File) (net.Listener, error) { return net.FileListener(f) }

// listen listens. To listen once more is how the length of the queue is set.
func listen(network, address string, backlog int) (net.Listener, error) {
	l, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	if raw, err := l.(syscall.Conn).SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) { unix.Listen(int(fd), backlog) })
	}
	return l, nil
}

// awaitReadable returns when a connection or a listener has something, or with the error of ctx.
func awaitReadable(ctx context.Context, of any) error {
	if _, ok := of.(net.Listener); ok {
		// One of the net package can't be asked; its descriptor can.
		f, err := duplicate(of)
		if err != nil {
			return err
		}
		defer f.Close()
		of = f
	}
	if d, ok := of.(interface{ SetReadDeadline(time.Time) error }); ok {
		defer until(ctx, d.SetReadDeadline)()
	}
	s, ok := of.(syscall.Conn)
	if !ok {
		return errors.ErrUnsupported
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return err
	}
	err = raw.Read(func(fd uintptr) bool {
		polled := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		for {
			if n, err := unix.Poll(polled, 0); err != unix.EINTR {
				return n > 0
			}
		}
	})
	if errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// IsReset reports whether err says that the other end is closed, and not in order.
func IsReset(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

// IsRefused reports whether err says that nobody listens.
func IsRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
