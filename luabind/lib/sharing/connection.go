package sharing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/luaarg"
	"luaspawn/proc/connection"
	"luaspawn/proc/shared"
)

// A carrier is what messages go through: a pipe, or a connection to a listener.
type carrier interface {
	send(ctx context.Context, data []byte, files []*os.File) error
	recv(ctx context.Context, most int64) ([]byte, []*os.File, error)
	AwaitReadable(context.Context) error
	fd() (int, error)
	Close() error

	check(sending, values bool) error // whether it may be used that way
	parcel() (luabind.Parcel, error)
}

// conn is a Connection.
type conn struct {
	carrier
	lib    *library
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

// pipe is a carrier between our own processes.
type pipe struct{ *shared.Pipe }

func (p pipe) send(ctx context.Context, data []byte, files []*os.File) error {
	return p.Send(ctx, data, files)
}

func (p pipe) recv(ctx context.Context, most int64) ([]byte, []*os.File, error) {
	data, files, err := p.Recv(ctx)
	if err == nil && most >= 0 && int64(len(data)) > most {
		closeFiles(files)
		return nil, nil, connection.ErrLength
	}
	return data, files, err
}

func (p pipe) fd() (int, error) { return p.Fd(), nil }

func (p pipe) check(sending, _ bool) error {
	switch {
	case sending && !p.Writable():
		return shared.ErrReadOnly
	case !sending && !p.Readable():
		return shared.ErrWriteOnly
	}
	return nil
}

func (p pipe) parcel() (luabind.Parcel, error) {
	way := "duplex"
	if !p.Writable() {
		way = "receives"
	} else if !p.Readable() {
		way = "sends"
	}
	files, err := p.Files()
	return luabind.Parcel{Value: lua.LString(way), Files: files}, err
}

// stream is a carrier to a process that may be anybody's.
type stream struct{ *connection.Conn }

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

func (s stream) fd() (int, error) { return s.Fd() }

func (s stream) check(_, values bool) error {
	if values && !s.Authenticated() {
		return errNoKey
	}
	return nil
}

func (s stream) parcel() (luabind.Parcel, error) {
	way := "unknown"
	if s.Authenticated() {
		way = "authenticated"
	}
	f, err := s.File()
	return luabind.Parcel{Value: lua.LString(way), Files: []*os.File{f}}, err
}

func (lib *library) openConnections(L *lua.LState, module *lua.LTable) {
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
	module.RawSetString("Pipe", L.NewFunction(func(L *lua.LState) int {
		duplex := L.Get(1) == lua.LNil || lua.LVAsBool(L.Get(1))
		a, b, err := shared.NewPipe(duplex)
		lib.fail(L, err)
		lib.push(L, &conn{carrier: pipe{a}, lib: lib})
		lib.push(L, &conn{carrier: pipe{b}, lib: lib})
		return 2
	}))
	lib.engine.RegisterUnpacker("Connection", func(ud *lua.LUserData, p luabind.Parcel) error {
		c := &conn{lib: lib}
		way := lua.LVAsString(p.Value)
		switch way {
		case "closed":
			c.shut = true
		case "unknown", "authenticated":
			if len(p.Files) != 1 {
				closeFiles(p.Files)
				return shared.ErrBad
			}
			own, err := connection.Open(p.Files[0], way == "authenticated")
			if err != nil {
				return err
			}
			c.carrier = stream{own}
		default:
			own, err := shared.OpenPipe(p.Files, way != "sends", way != "receives")
			if err != nil {
				return err
			}
			c.carrier = pipe{own}
		}
		ud.Value = c
		return nil
	})
	lib.openListeners(L, module)
}

// send is send(v).
func (lib *library) send(L *lua.LState, c *conn) int {
	lib.failConn(L, c.check(true, true))
	data, files, err := lib.pack(c.buffer[:0], "Connection", L.Get(2))
	if err != nil {
		lib.cannotSend(L, err)
	}
	if cap(data) <= keptBuffer {
		c.buffer = data
	}
	err = c.carrier.send(lib.engine.Context(), data, files)
	closeFiles(files)
	lib.failConn(L, err)
	return 0
}

// recv is recv().
func (lib *library) recv(L *lua.LState, c *conn) int {
	lib.failConn(L, c.check(false, true))
	data, files, err := c.carrier.recv(lib.engine.Context(), -1)
	if err != nil {
		lib.failConn(L, err)
	}
	v, err := lib.unpack(data, files)
	lib.failConn(L, err)
	L.Push(v)
	return 1
}

// sendBytes is send_bytes(s [, i [, n]]): n bytes of s from the i-th on.
func (lib *library) sendBytes(L *lua.LState, c *conn) int {
	s := luaarg.String(L, 2)
	from := luaarg.OptInt(L, 3, 1)
	if from < 1 || from > int64(len(s))+1 {
		luaarg.Error(L, 3, "position out of range")
	}
	n := luaarg.OptInt(L, 4, int64(len(s))+1-from)
	if n < 0 || n > int64(len(s))+1-from {
		luaarg.Error(L, 4, "number out of range")
	}
	lib.failConn(L, c.check(true, false))
	lib.failConn(L, c.carrier.send(lib.engine.Context(), bytesOf(s[from-1:from-1+n]), nil))
	return 0
}

// recvBytes is recv_bytes([max]). A longer message is an error, and the
// connection of no more use, so it is closed, as in Python.
func (lib *library) recvBytes(L *lua.LState, c *conn) int {
	most := int64(-1)
	if L.Get(2) != lua.LNil {
		if most = luaarg.Int(L, 2); most < 0 {
			luaarg.Error(L, 2, "number out of range")
		}
	}
	lib.failConn(L, c.check(false, false))
	data, files, err := c.carrier.recv(lib.engine.Context(), most)
	if errors.Is(err, connection.ErrLength) {
		c.shut = true
		c.Close()
	}
	lib.failConn(L, err)
	closeFiles(files)
	L.Push(lua.LString(stringOf(data)))
	return 1
}

// poll is poll([timeout]): whether there is something to receive, or the end.
func (lib *library) poll(L *lua.LState, c *conn) int {
	lib.failConn(L, c.check(false, false))
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
	err := c.AwaitReadable(within)
	if err != nil && (ctx.Err() != nil || within.Err() == nil) {
		lib.failConn(L, err)
	}
	L.Push(lua.LBool(err == nil))
	return 1
}

// failConn raises an error of a connection as what scripts know it by.
func (lib *library) failConn(L *lua.LState, err error) {
	var auth *connection.AuthError
	switch {
	case err == nil:
		return
	case lib.engine.Context().Err() != nil:
		L.RaiseError("%s", lib.engine.Context().Err().Error())
	case errors.Is(err, io.EOF):
		lib.raise(L, "EOFError", "the other end is closed")
	case errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNRESET):
		lib.raise(L, "BrokenPipeError", "the other end is closed")
	case errors.As(err, &auth), errors.Is(err, errNoKey):
		lib.raise(L, "AuthenticationError", err.Error())
	case errors.Is(err, connection.ErrClosed), errors.Is(err, shared.ErrClosed):
		lib.raise(L, "OSError", "handle is closed")
	case errors.Is(err, errNoValue), errors.Is(err, errFiles):
		lib.raise(L, "ValueError", err.Error())
	default:
		lib.raise(L, "OSError", err.Error())
	}
}

// listener is a Listener.
type listener struct {
	*connection.Listener
	lib  *library
	key  []byte
	shut bool
	last lua.LValue // address of the last one accepted
}

func (l *listener) typeName() string { return "Listener" }

func (l *listener) Pack() (luabind.Parcel, error) {
	if l.shut {
		return luabind.Parcel{Kind: "Listener"}, nil
	}
	f, err := l.File()
	key := lua.LValue(lua.LFalse)
	if l.key != nil {
		key = lua.LString(l.key)
	}
	return luabind.Parcel{Kind: "Listener", Value: key, Files: []*os.File{f}}, err
}

func (lib *library) openListeners(L *lua.LState, module *lua.LTable) {
	self := func(L *lua.LState) *listener {
		l := check[*listener](L, 1, "Listener")
		if l.shut || l.lib.closed {
			lib.raise(L, "OSError", "listener is closed")
		}
		return l
	}
	meta := lib.newType(L, "Listener", functions{
		"accept": func(L *lua.LState) int {
			l := self(L)
			c, err := l.Accept(lib.engine.Context())
			lib.failConn(L, err)
			l.last = lib.addressOf(c.RemoteAddr())
			lib.push(L, &conn{carrier: stream{c}, lib: lib})
			return 1
		},
		"fileno": func(L *lua.LState) int {
			fd, err := self(L).Fd()
			lib.failConn(L, err)
			L.Push(lua.LNumber(fd))
			return 1
		},
		"close": func(L *lua.LState) int {
			if l := check[*listener](L, 1, "Listener"); !l.shut {
				l.shut = true
				l.Close()
			}
			return 0
		},
	})
	lib.addFields(L, meta, func(L *lua.LState, field string) lua.LValue {
		l := check[*listener](L, 1, "Listener")
		switch field {
		case "address":
			return lib.addressOf(l.Addr())
		case "last_accepted":
			return l.last
		}
		return nil
	})
	module.RawSetString("Listener", L.NewFunction(func(L *lua.LState) int {
		o := lib.connectOptions(L, "Listener")
		own, err := connection.Listen(o.network, o.address, o.backlog, o.key)
		if err != nil {
			lib.failNet(L, err)
		}
		l := &listener{Listener: own, lib: lib, key: o.key, last: lua.LNil}
		lib.listeners = append(lib.listeners, own)
		lib.push(L, l)
		return 1
	}))
	module.RawSetString("Client", L.NewFunction(func(L *lua.LState) int {
		o := lib.connectOptions(L, "Client")
		c, err := connection.Dial(lib.engine.Context(), o.network, o.address, o.key)
		if err != nil {
			lib.failNet(L, err)
		}
		lib.push(L, &conn{carrier: stream{c}, lib: lib})
		return 1
	}))
	lib.engine.RegisterUnpacker("Listener", func(ud *lua.LUserData, p luabind.Parcel) error {
		if len(p.Files) != 1 {
			closeFiles(p.Files)
			ud.Value = &listener{lib: lib, shut: true, last: lua.LNil}
			return nil
		}
		var key []byte
		if k, ok := p.Value.(lua.LString); ok {
			key = []byte(k)
		}
		own, err := connection.OpenListener(p.Files[0], key)
		if err != nil {
			return err
		}
		lib.listeners = append(lib.listeners, own)
		ud.Value = &listener{Listener: own, lib: lib, key: key, last: lua.LNil}
		return nil
	})
}

// failNet words an error of the system's as Lua does: no such file, say.
func (lib *library) failNet(L *lua.LState, err error) {
	var refused syscall.Errno
	var op *net.OpError
	if errors.As(err, &op) && errors.As(err, &refused) {
		class := "OSError"
		if errors.Is(refused, syscall.ECONNREFUSED) || errors.Is(refused, syscall.ECONNRESET) {
			class = "ConnectionError"
		}
		where := ""
		if op.Addr != nil {
			where = op.Addr.String() + ": "
		}
		lib.raise(L, class, where+refused.Error())
	}
	lib.failConn(L, err)
}

// addressOf is what scripts see of an address: {host, port}, or a path.
func (lib *library) addressOf(a net.Addr) lua.LValue {
	switch a := a.(type) {
	case *net.TCPAddr:
		t := lib.engine.State().NewTable()
		t.Append(lua.LString(a.IP.String()))
		t.Append(lua.LNumber(a.Port))
		return t
	case *net.UnixAddr:
		return lua.LString(a.Name)
	}
	return lua.LNil
}

// connectOptions are the keywords of Listener and Client.
type connectOptions struct {
	network, address string
	backlog          int
	key              []byte // nil: none is asked for
}

func (lib *library) connectOptions(L *lua.LState, name string) connectOptions {
	var t *lua.LTable
	switch v := L.Get(1).(type) {
	case *lua.LTable:
		t = v
	case *lua.LNilType:
		t = L.NewTable()
	default:
		luaarg.Error(L, 1, fmt.Sprintf("%s takes keyword arguments only, in a table: %s{address = {'127.0.0.1', 6000}}", name, name))
	}
	o := connectOptions{backlog: 1}
	bad := func(field, what string) {
		luaarg.Error(L, 1, fmt.Sprintf("field '%s': %s", field, what))
	}
	o.key = []byte(lib.authkey())
	family := lua.LVAsString(t.RawGetString("family"))
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		switch key := k.String(); key {
		case "address":
		case "family":
			if family != "AF_INET" && family != "AF_UNIX" {
				bad(key, "'AF_INET' or 'AF_UNIX' is wanted")
			}
		case "backlog":
			n, ok := v.(lua.LNumber)
			if !ok || name == "Client" || n < 0 || n > math.MaxInt32 || n != lua.LNumber(int(n)) {
				bad(key, "a non-negative number of waiting clients is wanted, for a Listener")
			}
			o.backlog = int(n)
		case "authkey":
			switch v := v.(type) {
			case lua.LString:
				o.key = []byte(v)
			case lua.LBool:
				if v {
					bad(key, "a string is wanted, or false for none")
				}
				o.key = nil
			default:
				bad(key, "a string is wanted, or false for none")
			}
		default:
			luaarg.Error(L, 1, fmt.Sprintf("%s() got an unexpected keyword argument '%s'", name, key))
		}
	}
	switch address := t.RawGetString("address").(type) {
	case lua.LString:
		if family == "AF_INET" {
			bad("address", "{host, port} is wanted for AF_INET")
		}
		o.network, o.address = "unix", string(address)
	case *lua.LTable:
		host, ok := address.RawGetInt(1).(lua.LString)
		port, ok2 := address.RawGetInt(2).(lua.LNumber)
		if !ok || !ok2 || port < 0 || port > 65535 || port != lua.LNumber(int(port)) || family == "AF_UNIX" {
			bad("address", "{host, port} or the path of a Unix socket is wanted")
		}
		o.network, o.address = "tcp", net.JoinHostPort(string(host), fmt.Sprint(int(port)))
	case *lua.LNilType:
		if name == "Client" {
			bad("address", "{host, port} or the path of a Unix socket is wanted")
		}
		o.network, o.address = "tcp", "127.0.0.1:0"
		if family == "AF_UNIX" {
			o.network, o.address = "unix", fmt.Sprintf("%s/luaspawn-%d-%d", os.TempDir(), os.Getpid(), time.Now().UnixNano())
		}
	default:
		bad("address", "{host, port} or the path of a Unix socket is wanted")
	}
	return o
}
