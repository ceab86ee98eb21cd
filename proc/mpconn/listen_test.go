package mpconn

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Those who are silent, or speak nonsense, keep nobody out.
func TestBadPeers(t *testing.T) {
	l, err := Listen("tcp", "127.0.0.1:0", 16, []byte("secret"))
	check(t, err)
	defer l.Close()
	for range 5 {
		silent, err := net.Dial("tcp", l.Addr().String())
		check(t, err)
		defer silent.Close()
	}
	rude, err := net.Dial("tcp", l.Addr().String())
	check(t, err)
	defer rude.Close()
	rude.Write([]byte("GET / HTTP/1.1\r\n\r\n"))
	if _, err := l.Accept(background); err == nil {
		t.Error("it was let in")
	}
	go func() {
		c, err := Dial(background, "tcp", l.Addr().String(), []byte("secret"))
		if err == nil {
			c.Close()
		}
	}()
	c, err := l.Accept(background)
	check(t, err)
	c.Close()
}

// More peers than are asked at a time are silent: they hold neither the end of an
// Accept nor those who have the key, and the end of the listener is theirs.
func TestSilentPeers(t *testing.T) {
	l, err := Listen("tcp", "127.0.0.1:0", 2*maxAsked, []byte("secret"))
	check(t, err)
	defer l.Close()
	var silent []net.Conn
	for range maxAsked + 10 {
		s, err := net.Dial("tcp", l.Addr().String())
		check(t, err)
		defer s.Close()
		silent = append(silent, s)
	}
	accept := func(ctx context.Context) chan error {
		done := make(chan error)
		go func() {
			c, err := l.Accept(ctx)
			if err == nil {
				c.Close()
			}
			done <- err
		}()
		return done
	}
	ctx, cancel := context.WithCancel(background)
	accepted := accept(ctx)
	question := make([]byte, 256)
	for _, s := range silent { // all of them are asked
		_, err := s.Read(question)
		check(t, err)
	}
	cancel()
	if err := <-accepted; err != context.Canceled {
		t.Error(err)
	}
	accepted = accept(background)
	c, err := Dial(background, "tcp", l.Addr().String(), []byte("secret"))
	check(t, err)
	c.Close()
	check(t, <-accepted)
	l.Close()
	for _, s := range silent {
		if _, err := s.Read(question); err == nil {
			t.Error("a silent peer was told more")
		}
	}
}

// One that answers late, when another one was accepted already, wakes who waits for the next: he waited
// until somebody else came.
func TestLateAnswer(t *testing.T) {
	key := []byte("secret")
	l, err := Listen("tcp", "127.0.0.1:0", 16, key)
	check(t, err)
	defer l.Close()
	conn, err := net.Dial("tcp", l.Addr().String())
	check(t, err)
	defer conn.Close()
	dialed := make(chan error)
	go func() {
		c, err := Dial(background, "tcp", l.Addr().String(), key)
		if err == nil {
			defer c.Close()
		}
		dialed <- err
	}()
	first, err := l.Accept(background)
	check(t, err)
	first.Close()
	check(t, <-dialed)
	late := &Conn{conn: conn}
	asked, err := late.Recv(background, maxHandshake)
	check(t, err)

	ctx, cancel := context.WithTimeout(background, time.Minute)
	defer cancel()
	awaited := awaiting(ctx, l)
	answer, err := respond(key, asked[len(challengePrefix):])
	check(t, err)
	check(t, late.Send(background, answer))
	_, err = late.Recv(background, maxHandshake)
	check(t, err)
	check(t, late.ask(background, key))
	check(t, <-awaited)
	c, err := l.Accept(ctx)
	check(t, err)
	c.Close()
}

// awaiting calls AwaitReadable, and returns when that waits. What it returns comes through the channel.
func awaiting(ctx context.Context, what interface{ AwaitReadable(context.Context) error }) <-chan error {
	awaited := make(chan error)
	go func() { awaited <- what.AwaitReadable(ctx) }()
	for stacks := make([]byte, 1<<20); !bytes.Contains(stacks[:runtime.Stack(stacks, true)], []byte("mpconn.awaitReadable(")); {
		runtime.Gosched()
	}
	return awaited
}

// Who waits for somebody to accept is told when the listener is closed.
func TestCloseWhileAwaited(t *testing.T) {
	l, err := Listen("tcp", "127.0.0.1:0", 16, nil)
	check(t, err)
	ctx, cancel := context.WithTimeout(background, time.Minute)
	defer cancel()
	awaited := awaiting(ctx, l)
	check(t, l.Close())
	if err := <-awaited; err != ErrClosed {
		t.Error(err)
	}
}

// So is who waits for something to receive, of a connection that was made here or came from elsewhere.
func TestCloseConnWhileAwaited(t *testing.T) {
	c, d := pair(t)
	f, err := c.File()
	check(t, err)
	opened, err := Open(f, Unknown)
	check(t, err)
	check(t, d.Send(background, nil))
	for _, c := range []*Conn{c, opened} {
		ctx, cancel := context.WithTimeout(background, time.Minute)
		defer cancel()
		check(t, c.AwaitReadable(ctx))
	}
	_, err = c.Recv(background, -1)
	check(t, err)
	for _, c := range []*Conn{c, opened} {
		ctx, cancel := context.WithTimeout(background, time.Minute)
		defer cancel()
		awaited := awaiting(ctx, c)
		check(t, c.Close())
		if err := <-awaited; err != ErrClosed || ctx.Err() != nil {
			t.Error(err, ctx.Err())
		}
	}
}

// Who comes when the queue of a Unix socket is full waits, as Python's clients do.
func TestFullQueue(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there it is a refusal like any other")
	}
	address := filepath.Join(t.TempDir(), "socket")
	l, err := Listen("unix", address, 0, []byte("secret"))
	check(t, err)
	defer l.Close()
	var full error
	for full == nil { // these are silent
		var c net.Conn
		if c, full = net.Dial("unix", address); full == nil {
			defer c.Close()
		}
	}
	ctx, cancel := context.WithTimeout(background, 10*time.Millisecond)
	defer cancel()
	if _, err := Dial(ctx, "unix", address, []byte("secret")); err != context.DeadlineExceeded {
		t.Fatal(err)
	}
	served := make(chan error)
	for range 20 {
		go func() {
			c, err := Dial(background, "unix", address, []byte("secret"))
			if err == nil {
				_, err = c.Recv(background, -1)
				c.Close()
			}
			served <- err
		}()
	}
	for n := 0; n < 20; {
		c, err := l.Accept(background)
		if err == io.EOF || errors.Is(err, syscall.EPIPE) {
			continue // the one that didn't wait
		}
		check(t, err)
		check(t, c.Send(background, nil))
		c.Close()
		n++
	}
	for range 20 {
		check(t, <-served)
	}
}

func TestLongPath(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("x", maxPath))
	_, err := Listen("unix", path, 1, nil)
	_, err2 := Dial(background, "unix", path, nil)
	for _, err := range []error{err, err2} {
		if err == nil || !strings.Contains(err.Error(), "AF_UNIX path too long") {
			t.Error(err)
		}
	}
}
