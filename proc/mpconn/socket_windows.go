package mpconn

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"luaspawn/proc/internal/fds"
)

// A socket is a connection or a listener that another process has sent. Package net takes none of those here: its
// poller is a completion port, and a socket that is of the sender's can't be of another one's. So it doesn't block,
// and is waited for by WSAPoll, which holds a thread.
type socket struct {
	handle windows.Handle
	local  net.Addr
	remote net.Addr // nil: it listens

	reading, writing atomic.Int64 // deadlines, in nanoseconds since 1970; 0: none
	closed           atomic.Bool
	use              sync.RWMutex // held to close the handle
}

// Not in golang.org/x/sys/windows.
var (
	ws2         = windows.NewLazySystemDLL("ws2_32.dll")
	ioctlsocket = ws2.NewProc("ioctlsocket")
	accept      = ws2.NewProc("accept")
)

// duplicateSocket returns another number of a socket, which is a syscall.Conn.
func duplicateSocket(of any) (h windows.Handle, err error) {
	s, ok := of.(syscall.Conn)
	if !ok {
		return 0, errors.ErrUnsupported
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return 0, err
	}
	cerr := raw.Control(func(fd uintptr) {
		var info windows.WSAProtocolInfo
		if err = windows.WSADuplicateSocket(windows.Handle(fd), windows.GetCurrentProcessId(), &info); err != nil {
			err = os.NewSyscallError("WSADuplicateSocket", err)
			return
		}
		h, err = fds.SocketFrom(&info)
	})
	if cerr != nil {
		err = cerr
	}
	return h, err
}

// openSocket returns what f is, which stays the caller's and is closed as a file.
func openSocket(f *os.File) (*socket, error) {
	h, err := duplicateSocket(f)
	if err != nil {
		return nil, err
	}
	return newSocket(h)
}

// newSocket takes over a handle.
func newSocket(h windows.Handle) (*socket, error) {
	const fionbio = 0x8004667e
	on := uint32(1)
	if r, _, err := ioctlsocket.Call(uintptr(h), fionbio, uintptr(unsafe.Pointer(&on))); r != 0 {
		windows.Closesocket(h)
		return nil, os.NewSyscallError("ioctlsocket", err)
	}
	s := &socket{handle: h}
	if a, err := windows.Getsockname(h); err == nil {
		s.local = address(a)
	}
	if a, err := windows.Getpeername(h); err == nil {
		s.remote = address(a)
	}
	return s, nil
}

func address(a windows.Sockaddr) net.Addr {
	switch a := a.(type) {
	case *windows.SockaddrInet4:
		return &net.TCPAddr{IP: a.Addr[:], Port: a.Port}
	case *windows.SockaddrInet6:
		return &net.TCPAddr{IP: a.Addr[:], Port: a.Port}
	case *windows.SockaddrUnix:
		return &net.UnixAddr{Name: a.Name, Net: "unix"}
	}
	return nil
}

func (s *socket) LocalAddr() net.Addr  { return s.local }
func (s *socket) RemoteAddr() net.Addr { return s.remote }
func (s *socket) Addr() net.Addr       { return s.local }

func (s *socket) SetDeadline(t time.Time) error {
	s.SetReadDeadline(t)
	return s.SetWriteDeadline(t)
}

func (s *socket) SetReadDeadline(t time.Time) error  { return s.set(&s.reading, t) }
func (s *socket) SetWriteDeadline(t time.Time) error { return s.set(&s.writing, t) }

func (s *socket) set(deadline *atomic.Int64, t time.Time) error {
	at := int64(0)
	if !t.IsZero() {
		at = t.UnixNano()
	}
	deadline.Store(at)
	return nil
}

// A limit is a context that ends with a deadline, which may change, or with the socket. It is asked
// for its error only.
type limit struct {
	context.Context
	deadline *atomic.Int64
	closed   *atomic.Bool
}

func (l limit) Err() error {
	switch at := l.deadline.Load(); {
	case l.closed.Load():
		return net.ErrClosed
	case at != 0 && time.Now().UnixNano() >= at:
		return os.ErrDeadlineExceeded
	}
	return nil
}

// until calls do until it says something else than that it would have to wait.
func (s *socket) until(deadline *atomic.Int64, ready func(context.Context, int) error, call string, do func() error) error {
	s.use.RLock()
	defer s.use.RUnlock()
	l := limit{context.Background(), deadline, &s.closed}
	for {
		if err := l.Err(); err != nil {
			return err
		}
		err := do()
		if !errors.Is(err, windows.WSAEWOULDBLOCK) {
			return os.NewSyscallError(call, err)
		}
		if err := ready(l, int(s.handle)); err != nil {
			return err
		}
	}
}

func (s *socket) Read(p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	var received uint32
	err = s.until(&s.reading, fds.AwaitSocket, "WSARecv", func() error {
		buffer := windows.WSABuf{Len: uint32(min(len(p), 1<<30)), Buf: &p[0]}
		var flags uint32
		return windows.WSARecv(s.handle, &buffer, 1, &received, &flags, nil, nil)
	})
	if err == nil && received == 0 {
		err = io.EOF
	}
	return int(received), err
}

func (s *socket) Write(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var sent uint32
		err = s.until(&s.writing, fds.AwaitRoom, "WSASend", func() error {
			buffer := windows.WSABuf{Len: uint32(min(len(p)-n, 1<<30)), Buf: &p[n]}
			return windows.WSASend(s.handle, &buffer, 1, &sent, 0, nil, nil)
		})
		n += int(sent)
	}
	return n, err
}

// Accept is for one that listens.
func (s *socket) Accept() (net.Conn, error) {
	var h uintptr
	err := s.until(&s.reading, fds.AwaitSocket, "accept", func() error {
		var err error
		if h, _, err = accept.Call(uintptr(s.handle), 0, 0); windows.Handle(h) == windows.InvalidHandle {
			return err
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	windows.SetHandleInformation(windows.Handle(h), windows.HANDLE_FLAG_INHERIT, 0)
	return newSocket(windows.Handle(h))
}

func (s *socket) Close() error {
	if s.closed.Swap(true) {
		return net.ErrClosed
	}
	s.use.Lock()
	defer s.use.Unlock()
	return os.NewSyscallError("closesocket", windows.Closesocket(s.handle))
}

// SyscallConn is for Control alone.
func (s *socket) SyscallConn() (syscall.RawConn, error) { return rawSocket{s}, nil }

type rawSocket struct{ s *socket }

func (r rawSocket) Control(f func(fd uintptr)) error {
	r.s.use.RLock()
	defer r.s.use.RUnlock()
	if r.s.closed.Load() {
		return net.ErrClosed
	}
	f(uintptr(r.s.handle))
	return nil
}

func (rawSocket) Read(func(uintptr) bool) error  { return errors.ErrUnsupported }
func (rawSocket) Write(func(uintptr) bool) error { return errors.ErrUnsupported }
