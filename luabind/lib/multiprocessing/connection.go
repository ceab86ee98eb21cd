package multiprocessing

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"weak"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/scarce"
	"luaspawn/luabind/lib/multiprocessing/internal/pickle"
	"luaspawn/luabind/lib/multiprocessing/internal/trace"
	"luaspawn/proc/ipc"
	"luaspawn/proc/mpconn"
)

// A transport carries messages: it is a pipe, or a connection to a listener.
type transport interface {
	send(ctx context.Context, data []byte, files []*os.File) error
	recv(ctx context.Context, most int64) ([]byte, []*os.File, error)
	AwaitReadable(context.Context) error
	poll(context.Context) error // AwaitReadable for who waits for nothing else
	fd() (int, error)
	Close() error

	check(sending, values bool) error // whether it may be used that way
	definitions() luabind.Definitions // of values that go through it
	parcel() (luabind.Parcel, error)
}

// conn is a Connection.
type conn struct {
	transport
	lib    *sharing
	shut   bool
	buffer []byte // of packed values
}

func (c *conn) typeName() string { return "Connection" }

func (c *conn) Pack() (luabind.Parcel, error) {
	if c.shut {
		return luabind.Parcel{Kind: "Connection", Value: lua.LString("closed")}, nil
	}
	p, err := c.parcel()
	p.Kind = "Connection"
	return p, err
}

// pipe is a transport between processes of one tree.
type pipe struct{ *ipc.Pipe }

func (p pipe) send(ctx context.Context, data []byte, files []*os.File) error {
	return p.Send(ctx, data, files)
}

func (p pipe) recv(ctx context.Context, most int64) ([]byte, []*os.File, error) {
	var files []*os.File
	data, err := scarce.Retry(nil, func() (data []byte, err error) {
		data, files, err = p.Recv(ctx)
		return data, err
	})
	if err == nil && most >= 0 && int64(len(data)) > most {
		closeFiles(files)
		return nil, nil, mpconn.ErrLength
	}
	return data, files, err
}

func (p pipe) poll(ctx context.Context) error { return p.Poll(ctx) }

func (p pipe) fd() (int, error) { return p.Fd(), nil }

func (p pipe) check(sending, _ bool) error {
	switch {
	case sending && !p.Writable():
		return ipc.ErrReadOnly
	case !sending && !p.Readable():
		return ipc.ErrWriteOnly
	}
	return nil
}

func (p pipe) definitions() luabind.Definitions { return &tree }

func (p pipe) parcel() (luabind.Parcel, error) {
	way := "duplex"
	if !p.Writable() {
		way = "receives"
	} else if !p.Readable() {
		way = "sends"
	}
	files, err := scarce.Retry(nil, p.Files)
	return luabind.Parcel{Value: lua.LString(way), Files: files}, err
}

// stream is a transport to any process, which may be another program's.
type stream struct {
	*mpconn.Conn
	defs *streamDefinitions
}

func newStream(c *mpconn.Conn) stream { return stream{c, &streamDefinitions{}} }

var (
	errNoKey = errors.New("values need a connection whose both sides have shown their authkey (send_bytes and recv_bytes don't)")
	errFiles = errors.New("this connection carries no descriptors, which the value brings along (a Pipe or a Queue does)")
)

func (s stream) send(ctx context.Context, data []byte, files []*os.File) error {
	if len(files) > 0 {
		return errFiles
	}
	return s.Send(ctx, data)
}

func (s stream) recv(ctx context.Context, most int64) ([]byte, []*os.File, error) {
	data, err := s.Recv(ctx, most)
	return data, nil, err
}

func (s stream) poll(ctx context.Context) error { return s.AwaitReadable(ctx) }

func (s stream) fd() (int, error) { return s.Fd() }

func (s stream) check(_, values bool) error {
	if values && !s.Authenticated() {
		return errNoKey
	}
	return nil
}

func (s stream) definitions() luabind.Definitions { return s.defs }

// parcel packs the connection with the definitions that were received, since later messages may need them. The other side has
// the definitions that were sent, but the process that gets the connection doesn't know which, and sends them again.
func (s stream) parcel() (luabind.Parcel, error) {
	way := "unknown"
	switch s.Peer() {
	case mpconn.Luaspawn:
		way = string(appendRecords([]byte("authenticated"), s.defs.records))
	case mpconn.Foreign:
		way = "foreign"
	}
	f, err := scarce.Retry(nil, s.File)
	return luabind.Parcel{Value: lua.LString(way), Files: []*os.File{f}}, err
}

// closed is the transport of a connection that was closed before it came here.
type closed struct{}

func (closed) send(context.Context, []byte, []*os.File) error { return mpconn.ErrClosed }
func (closed) recv(context.Context, int64) ([]byte, []*os.File, error) {
	return nil, nil, mpconn.ErrClosed
}
func (closed) AwaitReadable(context.Context) error { return mpconn.ErrClosed }
func (closed) poll(context.Context) error          { return mpconn.ErrClosed }
func (closed) fd() (int, error)                    { return -1, mpconn.ErrClosed }
func (closed) Close() error                        { return nil }
func (closed) check(_, _ bool) error               { return mpconn.ErrClosed }
func (closed) definitions() luabind.Definitions    { return nil }
func (closed) parcel() (luabind.Parcel, error)     { return luabind.Parcel{}, mpconn.ErrClosed }

// newConn makes a connection. sharing.close will close it if a script still refers to
// it.
func (lib *sharing) newConn(of transport) *conn {
	c := &conn{transport: of, lib: lib}
	if len(lib.conns) >= lib.tidyConns {
		lib.conns = slices.DeleteFunc(lib.conns, func(p weak.Pointer[conn]) bool { return p.Value() == nil })
		lib.tidyConns = 2*len(lib.conns) + 100
	}
	lib.conns = append(lib.conns, weak.Make(c))
	return c
}

func (lib *sharing) openConnections(L *lua.LState, module *lua.LTable) {
	self := func(L *lua.LState) *conn {
		c := check[*conn](L, 1, "Connection")
		if c.shut || c.lib.closed {
			lib.raise(L, "OSError", "handle is closed")
		}
		return c
	}
	meta := lib.newType(L, "Connection", functions{
		"send":       func(L *lua.LState) int { return lib.send(L, self(L)) },
		"recv":       func(L *lua.LState) int { return lib.recv(L, self(L)) },
		"send_bytes": func(L *lua.LState) int { return lib.sendBytes(L, self(L)) },
		"recv_bytes": func(L *lua.LState) int { return lib.recvBytes(L, self(L)) },
		"poll":       func(L *lua.LState) int { return lib.poll(L, self(L)) },
		"fileno": func(L *lua.LState) int {
			fd, err := self(L).fd()
			lib.failConn(L, err)
			L.Push(lua.LNumber(fd))
			return 1
		},
		"close": func(L *lua.LState) int {
			if c := check[*conn](L, 1, "Connection"); !c.shut {
				c.shut = true
				c.Close()
			}
			return 0
		},
	})
	lib.addFields(L, meta, func(L *lua.LState, field string) lua.LValue {
		c := check[*conn](L, 1, "Connection")
		switch field {
		case "closed":
			return lua.LBool(c.shut)
		case "readable":
			return lua.LBool(!c.shut && c.check(false, false) == nil)
		case "writable":
			return lua.LBool(!c.shut && c.check(true, false) == nil)
		}
		return nil
	})
	glua.SetNamed(module, "Pipe", L.NewFunction(func(L *lua.LState) int {
		duplex := L.Get(1) == lua.LNil || lua.LVAsBool(L.Get(1))
		ends, err := scarce.Retry(L, func() (ends [2]*ipc.Pipe, err error) {
			ends[0], ends[1], err = ipc.NewPipe(duplex)
			return ends, err
		})
		lib.fail(L, err)
		lib.push(L, lib.newConn(pipe{ends[0]}))
		lib.push(L, lib.newConn(pipe{ends[1]}))
		return 2
	}))
	lib.engine.RegisterUnpacker("Connection", func(ud *lua.LUserData, p luabind.Parcel) error {
		of, err := openTransport(lua.LVAsString(p.Value), p.Files)
		if err != nil {
			return err
		}
		c := lib.newConn(of)
		c.shut = of == closed{}
		ud.Value = c
		return nil
	})
	lib.openListeners(L, module)
}

// openTransport opens what parcel has packed.
func openTransport(way string, files []*os.File) (transport, error) {
	records, authenticated := strings.CutPrefix(way, "authenticated")
	switch {
	case way == "closed":
		closeFiles(files)
		return closed{}, nil
	case way == "unknown", way == "foreign", authenticated:
		if len(files) != 1 {
			closeFiles(files)
			return nil, ipc.ErrBad
		}
		peer := mpconn.Unknown
		if authenticated {
			peer = mpconn.Luaspawn
		} else if way == "foreign" {
			peer = mpconn.Foreign
		}
		c, err := mpconn.Open(files[0], peer)
		s := newStream(c)
		if authenticated && err == nil {
			_, err = s.defs.take([]byte(records))
		}
		return s, err
	default:
		p, err := ipc.OpenPipe(files, way != "sends", way != "receives")
		return pipe{p}, err
	}
}

// foreign says whether values go through the connection as Python's pickles.
func (c *conn) foreign() bool {
	s, ok := c.transport.(stream)
	return ok && s.Peer() == mpconn.Foreign
}

// keep keeps the buffer of a message that was sent for the next one.
func (c *conn) keep(buffer []byte) {
	if cap(buffer) <= keptBuffer {
		c.buffer = buffer
	}
}

// send is send(v).
func (lib *sharing) send(L *lua.LState, c *conn) int {
	lib.failConn(L, c.check(true, true))
	buffer := c.buffer[:0]
	c.buffer = nil // a callback that runs while this waits may send something too
	if c.foreign() {
		data, err := pickle.Encode(buffer, "value", L.Get(2))
		lib.failConn(L, err)
		err = lib.transmit(c, data, nil)
		c.keep(data)
		lib.failConn(L, err)
		return 0
	}
	defs := c.definitions()
	data, files, err := lib.pack(buffer, defs, "Connection", L.Get(2))
	if err != nil {
		lib.cannotSend(L, err)
	}
	packed := data
	own, alone := defs.(*streamDefinitions)
	if alone {
		data = own.with(data)
	}
	err = lib.transmit(c, data, files)
	c.keep(packed)
	closeFiles(files)
	lib.failConn(L, err)
	if alone {
		own.pending = nil
	}
	return 0
}

// recv is recv().
func (lib *sharing) recv(L *lua.LState, c *conn) int {
	lib.failConn(L, c.check(false, true))
	data, files, err := lib.receive(c, -1)
	if err != nil {
		lib.failConn(L, err)
	}
	if c.foreign() {
		v, err := pickle.Decode(data)
		lib.failConn(L, err)
		L.Push(v)
		return 1
	}
	defs := c.definitions()
	if own, ok := defs.(*streamDefinitions); ok {
		data, err = own.cut(data)
		lib.failConn(L, err)
	}
	v, err := lib.unpack(data, files, defs)
	lib.failConn(L, err)
	L.Push(v)
	return 1
}

// connected is what a script waits for at a connection.
var connected = subject{why: trace.ForSocket, what: "Connection", always: true}

// transmit sends a message.
func (lib *sharing) transmit(c *conn, data []byte, files []*os.File) (err error) {
	if _, whole := c.transport.(pipe); whole { // a message of a pipe is sent or it isn't
		_, err = lib.attended(ipc.Forever, connected, func(ctx context.Context, _ time.Duration) (bool, error) {
			err := c.transport.send(ctx, data, files)
			return err == nil, err
		})
		return err
	}
	lib.beside(func(ctx context.Context) { err = c.transport.send(ctx, data, files) })
	return err
}

// receive receives a message.
func (lib *sharing) receive(c *conn, most int64) (data []byte, files []*os.File, err error) {
	if _, whole := c.transport.(pipe); whole {
		_, err = lib.attended(ipc.Forever, connected, func(ctx context.Context, _ time.Duration) (bool, error) {
			data, files, err = c.transport.recv(ctx, most)
			return err == nil, err
		})
		return data, files, err
	}
	lib.waits.begin(connected, ipc.Forever)
	defer lib.waits.end(false)
	lib.attendedReady(c.transport.poll) // an error of a callback takes nothing away before there is something
	lib.beside(func(ctx context.Context) { data, files, err = c.transport.recv(ctx, most) })
	return data, files, err
}

// sendBytes is send_bytes(s [, i [, n]]): n bytes of s from the i-th on.
func (lib *sharing) sendBytes(L *lua.LState, c *conn) int {
	s := arg.String(L, 2)
	from := arg.OptInt(L, 3, 1)
	if from < 1 || from > int64(len(s))+1 {
		arg.Error(L, 3, "position out of range")
	}
	n := arg.OptInt(L, 4, int64(len(s))+1-from)
	if n < 0 || n > int64(len(s))+1-from {
		arg.Error(L, 4, "number out of range")
	}
	lib.failConn(L, c.check(true, false))
	lib.failConn(L, lib.transmit(c, bytesOf(s[from-1:from-1+n]), nil))
	return 0
}

// recvBytes is recv_bytes([max]). If the message is longer it raises an error, and closes the connection, which is of no
// more use then, as Python does.
func (lib *sharing) recvBytes(L *lua.LState, c *conn) int {
	most := int64(-1)
	if L.Get(2) != lua.LNil {
		if most = arg.Int(L, 2); most < 0 {
			arg.Error(L, 2, "number out of range")
		}
	}
	lib.failConn(L, c.check(false, false))
	data, files, err := lib.receive(c, most)
	if errors.Is(err, mpconn.ErrLength) {
		c.shut = true
		c.Close()
	}
	lib.failConn(L, err)
	closeFiles(files)
	L.Push(lua.LString(stringOf(data)))
	return 1
}

// poll is poll([timeout]): whether there is something to receive, or the end.
func (lib *sharing) poll(L *lua.LState, c *conn) int {
	lib.failConn(L, c.check(false, false))
	if timeout := optTimeout(L, 2); L.GetTop() > 1 && timeout != 0 && lib.engine.Awaited() {
		ready, err := lib.attended(timeout, connected, func(ctx context.Context, timeout time.Duration) (bool, error) {
			within, cancel := ctx, context.CancelFunc(func() {})
			if timeout >= 0 {
				within, cancel = context.WithTimeout(ctx, timeout)
			}
			defer cancel()
			err := c.transport.poll(within)
			if err != nil && ctx.Err() == nil && within.Err() != nil {
				err = nil
				return false, nil
			}
			return err == nil, err
		})
		lib.failConn(L, err)
		L.Push(lua.LBool(ready))
		return 1
	}
	ctx := lib.engine.Context()
	within, cancel := ctx, context.CancelFunc(func() {})
	switch timeout := optTimeout(L, 2); {
	case L.GetTop() < 2 || timeout == 0:
		within, cancel = context.WithCancel(ctx)
		cancel() // what takes it only looks
	case timeout > 0:
		within, cancel = context.WithTimeout(ctx, timeout)
	}
	defer cancel()
	err := c.transport.poll(within)
	if err != nil && (ctx.Err() != nil || within.Err() == nil) {
		lib.failConn(L, err)
	}
	L.Push(lua.LBool(err == nil))
	return 1
}

// failConn raises an error of a connection as an error of the class that scripts know.
func (lib *sharing) failConn(L *lua.LState, err error) {
	var auth *mpconn.AuthError
	var plain *pickle.Error
	switch {
	case err == nil:
		return
	case lib.engine.Context().Err() != nil:
		L.RaiseError("%s", lib.engine.Context().Err().Error())
	case errors.Is(err, io.EOF):
		lib.raise(L, "EOFError", "the other end is closed")
	case mpconn.IsReset(err):
		lib.raise(L, "BrokenPipeError", "the other end is closed")
	case errors.As(err, &auth), errors.Is(err, errNoKey):
		lib.raise(L, "AuthenticationError", err.Error())
	case errors.Is(err, mpconn.ErrClosed), errors.Is(err, ipc.ErrClosed):
		lib.raise(L, "OSError", "handle is closed")
	case errors.Is(err, errNoValue), errors.Is(err, errFiles), errors.As(err, &plain):
		lib.raise(L, "ValueError", err.Error())
	default:
		lib.raise(L, "OSError", err.Error())
	}
}
