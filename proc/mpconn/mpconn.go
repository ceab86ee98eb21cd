// Package mpconn is the wire protocol of Python's multiprocessing.connection:
// messages over stream sockets, and the handshake by which both sides show that
// they have the same key, so that either end may be Python. There, it is
// Lib/multiprocessing/connection.py; what is meant by older and newer is the
// change of its handshake in Python 3.12.
//
// # Messages
//
//	message = length bytes
//	length  = int32                up to 2^31-1
//	        | int32(-1) uint64     more
//
// All numbers are big-endian. A length costs nothing: memory is taken as bytes
// arrive.
//
// # Handshake
//
// The listener asks, the client answers, then the other way round. All of it is
// messages of at most 256 bytes.
//
//	asks:    #CHALLENGE# {sha256} 40 random bytes; ours: 32 and "luaspawn"
//	answers: {digest} hmac         of all that follows #CHALLENGE#; newer
//	       | hmac                  md5, 16 bytes; older
//	asks:    #WELCOME# or #FAILURE#
//
// An older one asks with 20 random bytes alone, and wants md5.
//
// The end of our challenge tells another luaspawn who it talks to, and nothing to
// Python, for which a challenge is just bytes. The answer stands for all of
// them, so that nobody between can change it. It isn't secret: nothing that
// depends on the key goes to somebody who hasn't shown it.
package mpconn

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// MaxMessage is the longest message that is received, in bytes.
const MaxMessage = 1 << 40

var (
	// ErrLength is the error of a message that is longer than it may be. The
	// connection is of no use after it.
	ErrLength = errors.New("bad message length")

	// ErrClosed is the error of a connection that was closed here.
	ErrClosed = errors.New("handle is closed")
)

// A Conn is a connection to another process. One goroutine may send while
// another one receives.
type Conn struct {
	conn     net.Conn
	peer     Peer
	rejected bool // the other side has shown a wrong key, and waits to be told

	mu     sync.Mutex
	closed bool
}

// A Peer is who is at the other end.
type Peer int

const (
	Unknown  Peer = iota // nobody was asked for a key
	Foreign              // somebody who has the key: Python
	Luaspawn             // this program, with the key
)

// RemoteAddr returns the address of the other end.
func (c *Conn) RemoteAddr() net.Addr { return c.conn.RemoteAddr() }

// Peer says who is at the other end.
func (c *Conn) Peer() Peer { return c.peer }

// Authenticated says whether both sides have shown that they have the key.
func (c *Conn) Authenticated() bool { return c.peer != Unknown }

// Send sends a message.
func (c *Conn) Send(ctx context.Context, message []byte) error {
	if c.isClosed() {
		return ErrClosed
	}
	defer until(ctx, c.conn.SetWriteDeadline)()
	// One write, or else the second one waits for the acknowledgement of
	// the first; a long message isn't copied for that.
	frame := appendLength(nil, len(message))
	var err error
	if len(message) <= 16<<10 {
		_, err = c.conn.Write(append(frame, message...))
	} else {
		buffers := net.Buffers{frame, message}
		_, err = buffers.WriteTo(c.conn)
	}
	return c.cause(ctx, err)
}

// appendLength appends what stands before a message of n bytes.
func appendLength(b []byte, n int) []byte {
	if n <= 1<<31-1 {
		return binary.BigEndian.AppendUint32(b, uint32(n))
	}
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(b, 1<<32-1), uint64(n))
}

// Recv receives a message of at most most bytes; below 0: MaxMessage. At the end,
// or where the connection broke off in a message, the error is io.EOF.
func (c *Conn) Recv(ctx context.Context, most int64) ([]byte, error) {
	if c.isClosed() {
		return nil, ErrClosed
	}
	defer until(ctx, c.conn.SetReadDeadline)()
	if most < 0 || most > MaxMessage {
		most = MaxMessage
	}
	message, err := readMessage(c.conn, uint64(most))
	return message, c.cause(ctx, err)
}

// readMessage reads a message of at most most bytes.
func readMessage(r io.Reader, most uint64) ([]byte, error) {
	var b [8]byte
	if _, err := io.ReadFull(r, b[:4]); err != nil {
		return nil, ended(err)
	}
	n := uint64(binary.BigEndian.Uint32(b[:4]))
	switch {
	case n == 1<<32-1:
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return nil, ended(err)
		}
		n = binary.BigEndian.Uint64(b[:])
	case n > 1<<31-1:
		return nil, ErrLength
	}
	if n > most {
		return nil, ErrLength
	}
	const step = 1 << 20
	if n <= step {
		message := make([]byte, n)
		_, err := io.ReadFull(r, message)
		return message, ended(err)
	}
	var message bytes.Buffer
	if _, err := io.CopyN(&message, r, int64(n)); err != nil {
		return nil, ended(err)
	}
	return message.Bytes(), nil
}

// ended makes one error of all that say that the other side is gone.
func ended(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || IsReset(err) {
		return io.EOF
	}
	return err
}

// AwaitReadable returns when there is something to receive, or the end, or with
// the error of ctx.
func (c *Conn) AwaitReadable(ctx context.Context) error {
	if c.isClosed() {
		return ErrClosed
	}
	return c.cause(ctx, awaitReadable(ctx, c.conn))
}

// until lets a deadline stand for the end of ctx, until the function that it
// returns is called.
func until(ctx context.Context, set func(time.Time) error) func() {
	if ctx.Done() == nil {
		return func() {}
	}
	over := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(over)
		set(time.Unix(1, 0))
	})
	return func() {
		if !stop() {
			<-over
			set(time.Time{})
		}
	}
}

// cause finds out why something failed.
func (c *Conn) cause(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && errors.Is(err, os.ErrDeadlineExceeded):
		return ctx.Err()
	case c.isClosed() || errors.Is(err, net.ErrClosed):
		return ErrClosed
	}
	return err
}

func (c *Conn) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// Close closes the connection here. A second call does nothing.
func (c *Conn) Close() error {
	c.mu.Lock()
	was := c.closed
	c.closed = true
	c.mu.Unlock()
	if was {
		return nil
	}
	return c.conn.Close()
}

// Fd returns the descriptor, which stays the connection's.
func (c *Conn) Fd() (fd int, err error) {
	return descriptor(c.conn)
}

func descriptor(conn any) (fd int, err error) {
	s, ok := conn.(syscall.Conn)
	if !ok {
		return -1, errors.ErrUnsupported
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return -1, err
	}
	err = raw.Control(func(d uintptr) { fd = int(d) })
	return fd, err
}

// Open takes over the file of a connection that another process has sent.
func Open(f *os.File, peer Peer) (*Conn, error) {
	defer f.Close()
	conn, err := fileConn(f)
	if err != nil {
		return nil, fmt.Errorf("mpconn: %w", err)
	}
	return &Conn{conn: conn, peer: peer}, nil
}

// File returns a duplicate of the descriptor, to be sent to another process.
func (c *Conn) File() (*os.File, error) {
	if c.isClosed() {
		return nil, ErrClosed
	}
	return duplicate(c.conn)
}
