package mpconn

import (
	"context"
	"errors"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// dialFull goes on where err, of a connect to the Unix socket at path, says that
// the listener's queue is full. The system lets only a blocking connect wait for
// a place, in the order in which they came; here it blocks for slice at a time,
// so that the end of ctx leaves nothing behind for long.
func dialFull(ctx context.Context, path string, err error) (net.Conn, error) {
	if !errors.Is(err, unix.EAGAIN) {
		return nil, err
	}
	type result struct {
		conn net.Conn
		err  error
	}
	done := make(chan result, 1)
	go func() {
		conn, err := connectBlocking(ctx, path)
		if err != nil && ctx.Err() == nil {
			err = &net.OpError{Op: "dial", Net: "unix", Addr: &net.UnixAddr{Name: path, Net: "unix"}, Err: os.NewSyscallError("connect", err)}
		}
		done <- result{conn, err}
	}()
	select {
	case r := <-done:
		return r.conn, r.err
	case <-ctx.Done():
		go func() {
			if r := <-done; r.err == nil {
				r.conn.Close()
			}
		}()
		return nil, ctx.Err()
	}
}

// slice is how long a connect blocks.
var slice = unix.Timeval{Usec: 250_000}

// connectBlocking connects, however long it takes, until the end of ctx.
func connectBlocking(ctx context.Context, path string) (net.Conn, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "socket")
	defer f.Close()
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &slice); err != nil {
		return nil, err
	}
	for {
		// As package net: "@" is the zero byte of the names that no directory holds.
		err := unix.Connect(fd, &unix.SockaddrUnix{Name: path})
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err == unix.EAGAIN || err == unix.EINTR:
			continue
		case err != nil:
			return nil, err
		}
		if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &unix.Timeval{}); err != nil {
			return nil, err
		}
		return net.FileConn(f) // a duplicate, which doesn't block
	}
}
