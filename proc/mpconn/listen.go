package mpconn

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

// A Listener accepts connections. One goroutine accepts at a time.
type Listener struct {
	listener net.Listener
	key      []byte // nil: nobody has to show one

	open  context.Context // until Close
	close context.CancelFunc

	mu    sync.Mutex
	asked []*Conn       // those that were asked for the key, the oldest first
	met   []result      // those that nobody has asked for yet
	some  chan struct{} // has something when met may have
	news  chan struct{} // closed when something comes into met; nil: nobody waits for that
}

type result struct {
	conn *Conn
	err  error
}

const (
	// maxAsked is how many peers are asked for the key at a time. One that is
	// silent must not keep out the others, nor may 64: the oldest gives way.
	maxAsked = 64

	// answerTime is what a peer has for its answers before a second one is taken,
	// who might have gone to another process that listens here. Who
	// comes after finds less of it.
	answerTime = 100 * time.Millisecond
)

// Listen listens at an address of a network, "tcp" or "unix". Who connects has
// to have key; nil: nobody is asked.
func Listen(network, address string, backlog int, key []byte) (*Listener, error) {
	if err := checkPath(network, address); err != nil {
		return nil, err
	}
	l, err := listen(network, address, backlog)
	if err != nil {
		return nil, err
	}
	return listenerOf(l, key), nil
}

// Addr returns the address that others connect to: where the port was 0, with the one
// that was found.
func (l *Listener) Addr() net.Addr { return l.listener.Addr() }

func listenerOf(l net.Listener, key []byte) *Listener {
	open, cancel := context.WithCancel(context.Background())
	return &Listener{listener: l, key: key, open: open, close: cancel, some: make(chan struct{}, 1)}
}

// OpenListener takes over the file of a listener that another process has sent.
func OpenListener(f *os.File, key []byte) (*Listener, error) {
	defer f.Close()
	l, err := fileListener(f)
	if err != nil {
		return nil, fmt.Errorf("mpconn: %w", err)
	}
	return listenerOf(l, key), nil
}

// File returns a duplicate of the descriptor, to be sent to another process.
func (l *Listener) File() (*os.File, error) {
	if l.isClosed() {
		return nil, ErrClosed
	}
	return duplicate(l.listener)
}

// Fd returns the descriptor, which stays the listener's.
func (l *Listener) Fd() (int, error) { return descriptor(l.listener) }

// Dial connects to a listener, which has to have key, and shows that we have it;
// nil: neither is asked for. It waits, until the end of ctx, for a listener that
// has other things to do.
func Dial(ctx context.Context, network, address string, key []byte) (*Conn, error) {
	if err := checkPath(network, address); err != nil {
		return nil, err
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	if network == "unix" && err != nil {
		conn, err = dialFull(ctx, address, err)
	}
	if err != nil {
		return nil, err
	}
	c := &Conn{conn: conn}
	if key == nil {
		return c, nil
	}
	if err := c.handshake(ctx, key, false); err != nil {
		c.refuse(ctx)
		return nil, err
	}
	return c, nil
}

// checkPath says what is wrong with the path of a Unix socket that is too long:
// the system says "invalid argument".
func checkPath(network, path string) error {
	if network != "unix" || len(path) <= maxPath {
		return nil
	}
	return fmt.Errorf("AF_UNIX path too long: it has %d bytes and the system takes %d (a relative path may be shorter): %s", len(path), maxPath, path)
}

// maxPath is how many bytes the path of a Unix socket may have: the system wants
// a zero after them.
const maxPath = len(syscall.RawSockaddrUnix{}.Path) - 1

// Accept returns the next connection whose other side has the key, or the error
// of one that has not: the listener goes on.
func (l *Listener) Accept(ctx context.Context) (*Conn, error) {
	if l.isClosed() {
		return nil, ErrClosed
	}
	if r, ok := l.next(); ok {
		return r.conn, r.err
	}
	// Connections are taken from the system only while somebody asks for
	// one: there may be other processes that listen here.
	taking, stop := context.WithCancel(l.open)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		l.take(taking)
	}()
	defer func() {
		stop()
		l.setDeadline(time.Unix(1, 0))
		<-stopped
		l.setDeadline(time.Time{})
	}()
	for {
		select {
		case <-l.some:
			if r, ok := l.next(); ok {
				return r.conn, r.err
			}
		case <-l.open.Done():
			return nil, ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// next returns a connection that nobody has asked for, or its error.
func (l *Listener) next() (r result, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.met) == 0 {
		return result{}, false
	}
	r = l.met[0]
	l.met = l.met[1:]
	return r, true
}

// deliver lets Accept have r, unless the listener is closed.
func (l *Listener) deliver(r result) {
	l.mu.Lock()
	closed := l.isClosed()
	if !closed {
		l.met = append(l.met, r)
	}
	if l.news != nil {
		close(l.news)
		l.news = nil
	}
	l.mu.Unlock()
	if closed && r.conn != nil {
		r.conn.Close()
	}
	select {
	case l.some <- struct{}{}:
	default:
	}
}

// take takes connections until the end of ctx and the deadline that comes with
// it, or until it has something for Accept.
func (l *Listener) take(ctx context.Context) {
	for wait := answerTime; ; wait /= 2 {
		conn, err := l.listener.Accept()
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return
		case err != nil:
			l.deliver(result{nil, err})
			return
		case l.key == nil:
			l.deliver(result{&Conn{conn: conn}, nil})
			return
		}
		select {
		case <-time.After(wait):
		case <-l.meet(&Conn{conn: conn}):
			return
		case <-ctx.Done():
			return
		}
	}
}

// meet asks a peer for the key, and closes the channel when that is over.
func (l *Listener) meet(c *Conn) <-chan struct{} {
	l.mu.Lock()
	if len(l.asked) == maxAsked {
		l.asked[0].Close() // ends its handshake, which delivers nothing
		l.asked = l.asked[1:]
	}
	l.asked = append(l.asked, c)
	l.mu.Unlock()
	over := make(chan struct{})
	go func() {
		defer close(over)
		ctx, cancel := context.WithTimeout(l.open, handshakeTime)
		defer cancel()
		err := c.handshake(ctx, l.key, true)
		if err != nil && ctx.Err() == context.DeadlineExceeded {
			err = authError("the other side was silent for %v", handshakeTime)
		}
		l.mu.Lock()
		i := slices.Index(l.asked, c)
		if i >= 0 {
			l.asked = slices.Delete(l.asked, i, i+1)
		}
		l.mu.Unlock()
		if i < 0 { // it had to give way
			c.Close()
			return
		}
		if err != nil {
			l.deliver(result{nil, err})
			c.refuse(ctx)
			return
		}
		l.deliver(result{c, nil})
	}()
	return over
}

func (l *Listener) setDeadline(t time.Time) {
	if d, ok := l.listener.(interface{ SetDeadline(time.Time) error }); ok {
		d.SetDeadline(t)
	}
}

// AwaitReadable returns when there is somebody to accept, or with the error of
// ctx. It may turn out that it hasn't the key.
func (l *Listener) AwaitReadable(ctx context.Context) error {
	l.mu.Lock()
	closed, some := l.isClosed(), len(l.met) > 0
	if l.news == nil {
		l.news = make(chan struct{})
	}
	news := l.news
	l.mu.Unlock()
	switch {
	case closed:
		return ErrClosed
	case some:
		return nil
	}
	looking, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		defer stop()
		select {
		case <-news: // of one that was taken from the system before
		case <-l.open.Done():
		case <-looking.Done():
		}
	}()
	err := awaitReadable(looking, l.listener)
	switch {
	case l.isClosed():
		return ErrClosed
	case err != nil && looking.Err() != nil && ctx.Err() == nil:
		return nil
	}
	return err
}

func (l *Listener) isClosed() bool { return l.open.Err() != nil }

// Close ends listening here, and removes the name of a Unix socket that was made
// here. Connections that nobody has asked for are closed. A second call does
// nothing.
func (l *Listener) Close() error {
	l.mu.Lock()
	was := l.isClosed()
	l.close() // and the handshakes end
	met := l.met
	l.met = nil
	l.mu.Unlock()
	if was {
		return nil
	}
	for _, r := range met {
		if r.conn != nil {
			r.conn.Close()
		}
	}
	return l.listener.Close()
}
