package mpconn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

var background = context.Background()

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pair returns two ends of a TCP connection.
func pair(t testing.TB) (a, b *Conn) {
	t.Helper()
	l, err := Listen("tcp", "127.0.0.1:0", 1, nil)
	check(t, err)
	defer l.Close()
	a, err = Dial(background, "tcp", l.Addr().String(), nil)
	check(t, err)
	b, err = l.Accept(background)
	check(t, err)
	t.Cleanup(func() { a.Close(); b.Close() })
	return a, b
}

func TestMessages(t *testing.T) {
	a, b := pair(t)
	for _, n := range []int{0, 1, 4, 255, 16<<10 - 1, 16 << 10, 16<<10 + 1, 3 << 20} {
		message := bytes.Repeat([]byte("x"), n)
		sent := make(chan error, 1)
		go func() { sent <- a.Send(background, message) }()
		got, err := b.Recv(background, -1)
		check(t, err)
		check(t, <-sent)
		if !bytes.Equal(got, message) {
			t.Errorf("%d bytes: got %d", n, len(got))
		}
	}
	ctx, cancel := context.WithTimeout(background, 10*time.Millisecond)
	defer cancel()
	if _, err := b.Recv(ctx, -1); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	check(t, a.Send(background, []byte("late")))
	if got, err := b.Recv(background, 4); string(got) != "late" {
		t.Error(got, err)
	}
	check(t, a.Send(background, []byte("long")))
	if _, err := b.Recv(background, 3); err != ErrLength {
		t.Error(err)
	}
	a.Close()
	if err := a.Send(background, nil); err != ErrClosed {
		t.Error(err)
	}
}

// A length costs no memory, whatever it says.
func TestLengths(t *testing.T) {
	for _, header := range []string{
		"\xff\xff\xff\xff\x80\x00\x00\x00\x00\x00\x00\x00", // 2^63
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		"\xff\xff\xff\xff\x00\x00\x00\xff\xff\xff\xff\xff", // just under the limit, and then nothing
		"\x80\x00\x00\x00", "\xff\xff\xff\xfe", "\x7f\xff\xff\xff", "\x00\x00", "",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := readMessage(strings.NewReader(header+"abc"), MaxMessage)
		runtime.ReadMemStats(&after)
		if err == nil || after.TotalAlloc-before.TotalAlloc > 4<<20 {
			t.Errorf("%q: %v, %d bytes", header, err, after.TotalAlloc-before.TotalAlloc)
		}
	}
}

func FuzzReadMessage(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x03abc"))
	f.Add([]byte("\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x03abc"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bytes.NewReader(b)
		message, err := readMessage(r, 1<<20)
		if err != nil {
			return
		}
		again := append(appendLength(nil, len(message)), message...)
		if back, err := readMessage(bytes.NewReader(again), 1<<20); err != nil || !bytes.Equal(back, message) {
			t.Errorf("%x: %v", b, err)
		}
	})
}

// FuzzHandshake lets a peer say anything, who hasn't the key: it is never let in.
func FuzzHandshake(f *testing.F) {
	frame := func(parts ...string) (b []byte) {
		for _, p := range parts {
			b = append(appendLength(b, len(p)), p...)
		}
		return b
	}
	f.Add(frame("{md5}0123456789abcdef", "#WELCOME#", "#CHALLENGE#01234567890123456789"), true)
	f.Add(frame("#CHALLENGE#{sha256}0123456789012345678901234567890123456789", "#WELCOME#"), false)
	f.Add(frame("#CHALLENGE#{sha3_384}0123456789012345678901234567890123456789", "#FAILURE#"), false)
	f.Fuzz(func(t *testing.T, said []byte, listener bool) {
		a, b := net.Pipe()
		go func() {
			b.Write(said)
			b.Close()
		}()
		go io.Copy(io.Discard, b)
		c := &Conn{conn: a}
		if err := c.handshake(background, []byte("secret"), listener); err == nil || c.Authenticated() {
			t.Errorf("%q was let in", said)
		}
		a.Close()
	})
}

func TestHandshake(t *testing.T) {
	for _, keys := range [][2]string{{"secret", "secret"}, {"", ""}, {"secret", "wrong"}} {
		l, err := Listen("tcp", "127.0.0.1:0", 1, []byte(keys[0]))
		check(t, err)
		type end struct {
			c   *Conn
			err error
		}
		dialed := make(chan end)
		go func() {
			c, err := Dial(background, "tcp", l.Addr().String(), []byte(keys[1]))
			dialed <- end{c, err}
		}()
		c, err := l.Accept(background)
		d := <-dialed
		if keys[0] == keys[1] {
			check(t, err)
			check(t, d.err)
			if c.Peer() != Luaspawn || d.c.Peer() != Luaspawn {
				t.Error("they don't know each other")
			}
			c.Close()
			d.c.Close()
		} else if err == nil || err.Error() != "digest received was wrong" || d.err == nil || d.err.Error() != "digest sent was rejected" {
			t.Error(err, d.err)
		}
		l.Close()
	}
}

// The answers are those of RFC 4231, and of Python, for fixed challenges.
func TestRespond(t *testing.T) {
	key, challenge := []byte("secret"), []byte("01234567890123456789")
	old, err := respond(key, challenge)
	check(t, err)
	if len(old) != 16 || verify(key, challenge, old) != nil || verify([]byte("other"), challenge, old) == nil {
		t.Errorf("%x", old)
	}
	for _, name := range digests {
		c := []byte("{" + name + "}0123456789012345678901234567890123456789")
		r, err := respond(key, c)
		check(t, err)
		if !strings.HasPrefix(string(r), "{"+name+"}") || verify(key, c, r) != nil {
			t.Errorf("%s: %q", name, r)
		}
	}
	for _, bad := range []string{"", "short", "{sha1}0123456789012345678901234567890123456789", strings.Repeat("x", 40)} {
		if r, err := respond(key, []byte(bad)); err == nil {
			t.Errorf("%q: %x", bad, r)
		}
	}
}

// python runs Python with a script, and returns what it prints.
func python(t *testing.T, script string, args ...string) chan string {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed; .ci/run installs it")
	}
	out := make(chan string, 1)
	go func() {
		b, err := exec.Command(path, append([]string{"-c", script}, args...)...).CombinedOutput()
		if err != nil {
			b = append(b, err.Error()...)
		}
		out <- strings.TrimSpace(string(b))
	}()
	return out
}

// Python is at the other end, as client and as listener, with our key and with
// another one, over TCP and Unix sockets.
func TestPython(t *testing.T) {
	const client = `
import sys
from multiprocessing.connection import Client
from multiprocessing import AuthenticationError
family, address, key = sys.argv[1:]
if family == 'tcp':
    host, port = address.split(':')
    address = (host, int(port))
try:
    with Client(address, authkey=key.encode()) as c:
        c.send_bytes(b'hello')
        print(len(c.recv_bytes()))
except AuthenticationError as e:
    print(e)
`
	for _, network := range []string{"tcp", "unix"} {
		for _, key := range []string{"secret", "wrong"} {
			address := "127.0.0.1:0"
			if network == "unix" {
				address = filepath.Join(t.TempDir(), "socket")
			}
			l, err := Listen(network, address, 1, []byte("secret"))
			check(t, err)
			said := python(t, client, network, l.Addr().String(), key)
			c, err := l.Accept(background)
			want := "digest sent was rejected"
			if key == "secret" {
				check(t, err)
				if c.Peer() != Foreign {
					t.Error("it is no Python")
				}
				got, err := c.Recv(background, -1)
				if string(got) != "hello" || err != nil {
					t.Error(got, err)
				}
				check(t, c.Send(background, make([]byte, 1<<20)))
				want = "1048576"
				c.Close()
			} else if err == nil || err.Error() != "digest received was wrong" {
				t.Error(err)
			}
			if got := <-said; got != want {
				t.Errorf("%s, key %s: Python says %q, want %q", network, key, got, want)
			}
			l.Close()
		}
	}
}

func TestPythonListens(t *testing.T) {
	const listener = `
import sys
from multiprocessing.connection import Listener
from multiprocessing import AuthenticationError
with Listener(sys.argv[1], 'AF_UNIX', authkey=b'secret') as l:
    for _ in range(2):
        try:
            with l.accept() as c:
                c.send_bytes(c.recv_bytes().upper())
        except AuthenticationError as e:
            print(e)
`
	address := filepath.Join(t.TempDir(), "socket")
	said := python(t, listener, address)
	// Until Python listens there is nobody; nothing tells us when.
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	var err error
	for failed := (*AuthError)(nil); !errors.As(err, &failed); {
		select {
		case text := <-said:
			t.Fatal(text)
		case <-again.C:
		}
		_, err = Dial(background, "unix", address, []byte("wrong"))
	}
	if err.Error() != "digest sent was rejected" {
		t.Fatal(err)
	}
	c, err := Dial(background, "unix", address, []byte("secret"))
	check(t, err)
	if c.Peer() != Foreign {
		t.Error("it is no Python")
	}
	check(t, c.Send(background, []byte("hello")))
	if got, err := c.Recv(background, -1); string(got) != "HELLO" {
		t.Error(got, err)
	}
	if _, err := c.Recv(background, -1); err != io.EOF {
		t.Error(err)
	}
	c.Close()
	if got := <-said; got != "digest received was wrong" {
		t.Error(got)
	}
}

// A connection and a listener go on in another place with their descriptors, and where they were.
func TestFiles(t *testing.T) {
	l, err := Listen("tcp", "127.0.0.1:0", 5, []byte("k"))
	check(t, err)
	defer l.Close()
	f, err := l.File()
	check(t, err)
	other, err := OpenListener(f, []byte("k"))
	check(t, err)
	defer other.Close()
	if got, want := other.Addr().String(), l.Addr().String(); got != want {
		t.Errorf("it listens at %s, want %s", got, want)
	}
	long := bytes.Repeat([]byte("long "), 1<<20)
	client := make(chan error, 1)
	go func() {
		client <- func() error {
			c, err := Dial(background, "tcp", other.Addr().String(), []byte("k"))
			if err != nil {
				return err
			}
			defer c.Close()
			f, err := c.File()
			if err != nil {
				return err
			}
			again, err := Open(f, Luaspawn)
			if err != nil {
				return err
			}
			answer := make(chan error, 1)
			go func() { // while the other one sends
				got, err := c.Recv(background, -1)
				if err == nil && !bytes.Equal(got, long) {
					err = fmt.Errorf("got %d bytes", len(got))
				}
				answer <- err
			}()
			if err := again.Send(background, long); err != nil {
				return err
			}
			if err := <-answer; err != nil {
				return err
			}
			if err := again.Close(); err != nil {
				return err
			}
			return c.Send(background, []byte("from the original"))
		}()
	}()
	if err := other.AwaitReadable(background); err != nil {
		t.Error(err)
	}
	c, err := other.Accept(background)
	check(t, err)
	defer c.Close()
	if err := c.AwaitReadable(background); err != nil {
		t.Error(err)
	}
	got, err := c.Recv(background, -1)
	if !bytes.Equal(got, long) {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
	check(t, c.Send(background, long))
	if got, err := c.Recv(background, -1); string(got) != "from the original" {
		t.Errorf("got %q, %v", got, err)
	}
	check(t, <-client)
	if _, err := c.Recv(background, -1); err != io.EOF {
		t.Errorf("got %v at the end", err)
	}
}

// What came from another place ends its waits with the context, or when it is closed.
func TestFilesAreInterrupted(t *testing.T) {
	l, err := Listen("tcp", "127.0.0.1:0", 5, nil)
	check(t, err)
	defer l.Close()
	silent, err := net.Dial("tcp", l.Addr().String())
	check(t, err)
	defer silent.Close()
	first, err := l.Accept(background)
	check(t, err)
	defer first.Close()
	f, err := first.File()
	check(t, err)
	c, err := Open(f, Unknown)
	check(t, err)
	if f, err = l.File(); err != nil {
		t.Fatal(err)
	}
	other, err := OpenListener(f, nil)
	check(t, err)
	for name, wait := range map[string]func(context.Context) error{
		"Recv":   func(ctx context.Context) error { _, err := c.Recv(ctx, -1); return err },
		"Send":   func(ctx context.Context) error { return c.Send(ctx, make([]byte, 64<<20)) }, // more than sockets hold
		"Await":  c.AwaitReadable,
		"Accept": func(ctx context.Context) error { _, err := other.Accept(ctx); return err },
	} {
		ctx, cancel := context.WithCancel(background)
		ended := make(chan error, 1)
		go func() { ended <- wait(ctx) }()
		time.AfterFunc(10*time.Millisecond, cancel)
		if err := <-ended; err != context.Canceled {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for name, wait := range map[string]struct {
		wait  func() error
		close func() error
	}{
		"Recv":   {func() error { _, err := c.Recv(background, -1); return err }, c.Close},
		"Accept": {func() error { _, err := other.Accept(background); return err }, other.Close},
	} {
		ended := make(chan error, 1)
		go func() { ended <- wait.wait() }()
		time.AfterFunc(10*time.Millisecond, func() { wait.close() })
		if err := <-ended; err != ErrClosed {
			t.Errorf("%s: got %v, want ErrClosed", name, err)
		}
	}
}
