package connection

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// A Listener accepts connections. One goroutine accepts at a time.
type Listener struct {
	net.Listener
	key []byte // nil: nobody has to show one

	results chan result
	slots   chan struct{} // one for each handshake under way, or whose result nobody has asked for
	done    chan struct{} // closed by Close
	once    sync.Once
}

type result struct {
	conn *Conn
	err  error
}

// handshakes is how many peers may be asked for the key at a time: one that is
// silent must not keep out the others.
const handshakes = 64

// Listen listens at an address of a network, "tcp" or "unix". Who connects has
// to have key; nil: nobody is asked.
func Listen(network, address string, backlog int, key []byte) (*Listener, error) {
	l, err := listen(network, address, backlog)
	if err != nil {
		return nil, err
	}
	return listenerOf(l, key), nil
}

func listenerOf(l net.Listener, key []byte) *Listener {
	return &Listener{
		Listener: l,
		key:      key,
		results:  make(chan result, handshakes),
		slots:    make(chan struct{}, handshakes),
		done:     make(chan struct{}),
	}
}

// OpenListener takes over the file of a listener that another process has sent.
func OpenListener(f *os.File, key []byte) (*Listener, error) {
	defer f.Close()
	l, err := net.FileListener(f)
	if err != nil {
		return nil, fmt.Errorf("connection: %w", err)
	}
	return listenerOf(l, key), nil
}

// File returns a duplicate of the descriptor, to be sent to another process.
func (l *Listener) File() (*os.File, error) {
	if l.isClosed() {
		return nil, ErrClosed
	}
	return duplicate(l.Listener)
}

// Fd returns the descriptor, which stays the listener's.
func (l *Listener) Fd() (int, error) { return descriptor(l.Listener) }

// Dial connects to a listener, which has to have key, and shows that we have it;
// nil: neither is asked for.
func Dial(ctx context.Context, network, address string, key []byte) (*Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c := &Conn{Conn: conn}
	if key == nil {
		return c, nil
	}
	if err := c.handshake(ctx, key, false); err != nil {
		c.refuse(ctx)
		return nil, err
	}
	return c, nil
}

// Accept returns the next connection whose other side has the key, or the error
// of one that has not: the listener goes on.
func (l *Listener) Accept(ctx context.Context) (*Conn, error) {
	if l.isClosed() {
		return nil, ErrClosed
	}
	select {
	case r := <-l.results:
		return l.got(r)
	default:
	}
	// Connections are taken from the system only while somebody asks for
	// one: there may be other processes that listen here.
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		l.take()
	}()
	defer func() {
		l.setDeadline(time.Unix(1, 0))
		<-stopped
		l.setDeadline(time.Time{})
	}()
	select {
	case r := <-l.results:
		return l.got(r)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *Listener) got(r result) (*Conn, error) {
	<-l.slots
	return r.conn, r.err
}

// take takes connections until the deadline, or until it has one that nobody has
// to be asked about.
func (l *Listener) take() {
	for {
		l.slots <- struct{}{}
		conn, err := l.Listener.Accept()
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			<-l.slots
			return
		case l.isClosed():
			l.results <- result{nil, ErrClosed}
			return
		case err != nil:
			l.results <- result{nil, err}
			return
		case l.key == nil:
			l.results <- result{&Conn{Conn: conn}, nil}
			return
		}
		go l.meet(&Conn{Conn: conn})
	}
}

// meet asks a peer for the key.
func (l *Listener) meet(c *Conn) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-l.done:
			cancel()
		case <-ctx.Done():
		}
	}()
	// There is room for as many results as there are slots.
	if err := c.handshake(ctx, l.key, true); err != nil {
		l.results <- result{nil, err}
		c.refuse(ctx)
		return
	}
	l.results <- result{c, nil}
}

func (l *Listener) setDeadline(t time.Time) {
	if d, ok := l.Listener.(interface{ SetDeadline(time.Time) error }); ok {
		d.SetDeadline(t)
	}
}

// AwaitReadable returns when there is somebody to accept, or with the error of
// ctx. It may turn out that it hasn't the key.
func (l *Listener) AwaitReadable(ctx context.Context) error {
	if l.isClosed() {
		return ErrClosed
	}
	if len(l.results) > 0 {
		return nil
	}
	// A listener of the net package can't be asked; its descriptor can.
	f, err := l.File()
	if err != nil {
		return err
	}
	defer f.Close()
	defer until(ctx, f.SetReadDeadline)()
	if err = awaitReadable(f); err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func (l *Listener) isClosed() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

// Close ends listening here, and removes the name of a Unix socket that was made
// here. Connections that nobody has asked for are closed. A second call does
// nothing.
func (l *Listener) Close() (err error) {
	l.once.Do(func() {
		close(l.done)
		err = l.Listener.Close()
		for {
			select {
			case r := <-l.results:
				if r.conn != nil {
					r.conn.Close()
				}
			default:
				return
			}
		}
	})
	return err
}
