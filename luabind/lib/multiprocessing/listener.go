package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/scarce"
	"luaspawn/luabind/lib/multiprocessing/internal/trace"
	"luaspawn/proc/ipc"
	"luaspawn/proc/mpconn"
)

// listener is a Listener of a script.
type listener struct {
	*mpconn.Listener // nil: it was closed before it came here
	lib              *sharing
	key              []byte
	shut             bool
	last             lua.LValue // address of the last one accepted

	address lua.LValue // where there is no Listener to ask
}

func (l *listener) typeName() string { return "Listener" }

func (l *listener) Pack() (luabind.Parcel, error) {
	if l.shut {
		return luabind.Parcel{Kind: "Listener", Value: l.where()}, nil
	}
	f, err := scarce.Retry(nil, l.File)
	key := lua.LValue(lua.LFalse)
	if l.key != nil {
		key = lua.LString(l.key)
	}
	return luabind.Parcel{Kind: "Listener", Value: key, Files: []*os.File{f}}, err
}

func (l *listener) where() lua.LValue {
	if l.Listener == nil {
		return l.address
	}
	return l.lib.addressOf(l.Addr())
}

// AwaitReadable lets multiprocessing.wait wait for a client.
func (l *listener) AwaitReadable(ctx context.Context) error {
	if l.shut {
		return mpconn.ErrClosed
	}
	return l.Listener.AwaitReadable(ctx)
}

func (lib *sharing) openListeners(L *lua.LState, module *lua.LTable) {
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
			c, err := scarce.Retry(L, func() (*mpconn.Conn, error) { return lib.accept(l) })
			lib.failConn(L, err)
			l.last = lib.addressOf(c.RemoteAddr())
			lib.push(L, lib.newConn(newStream(c)))
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
			return l.where()
		case "last_accepted":
			return l.last
		}
		return nil
	})
	glua.SetNamed(module, "Listener", L.NewFunction(func(L *lua.LState) int {
		o := lib.connectOptions(L, "Listener")
		own, err := scarce.Retry(L, func() (*mpconn.Listener, error) {
			return mpconn.Listen(o.network, o.address, o.backlog, o.key)
		})
		if err != nil {
			lib.failNet(L, err)
		}
		l := &listener{Listener: own, lib: lib, key: o.key, last: lua.LNil}
		lib.listeners = append(lib.listeners, own)
		lib.push(L, l)
		return 1
	}))
	glua.SetNamed(module, "Client", L.NewFunction(func(L *lua.LState) int {
		o := lib.connectOptions(L, "Client")
		c, err := scarce.Retry(L, func() (*mpconn.Conn, error) { return lib.dial(o) })
		if err != nil {
			lib.failNet(L, err)
		}
		lib.push(L, lib.newConn(newStream(c)))
		return 1
	}))
	lib.engine.RegisterUnpacker("Listener", func(ud *lua.LUserData, p luabind.Parcel) error {
		if len(p.Files) != 1 {
			closeFiles(p.Files)
			ud.Value = &listener{lib: lib, shut: true, last: lua.LNil, address: p.Value}
			return nil
		}
		var key []byte
		if k, ok := p.Value.(lua.LString); ok {
			key = []byte(k)
		}
		own, err := mpconn.OpenListener(p.Files[0], key)
		if err != nil {
			return err
		}
		lib.listeners = append(lib.listeners, own)
		ud.Value = &listener{Listener: own, lib: lib, key: key, last: lua.LNil}
		return nil
	})
}

// failNet raises an error of the network with the system's message, such as "connection refused", and the address.
func (lib *sharing) failNet(L *lua.LState, err error) {
	var refused syscall.Errno
	var op *net.OpError
	if errors.As(err, &op) && errors.As(err, &refused) {
		class := "OSError"
		if mpconn.IsRefused(refused) || mpconn.IsReset(refused) {
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

// addressOf returns an address as scripts see it: {host, port}, or a path.
func (lib *sharing) addressOf(a net.Addr) lua.LValue {
	switch a := a.(type) {
	case *net.TCPAddr:
		t := glua.NewTable(0, 0)
		glua.Append(t, lua.LString(a.IP.String()))
		glua.Append(t, lua.LNumber(a.Port))
		return t
	case *net.UnixAddr:
		return lua.LString(a.Name)
	}
	return lua.LNil
}

// accept waits for a client, and until the two have shown their keys, which a client may put off. Callbacks and handlers run
// meanwhile.
func (lib *sharing) accept(l *listener) (c *mpconn.Conn, err error) {
	lib.waits.begin(subject{why: trace.ForSocket, what: "Listener"}, ipc.Forever)
	defer func() { lib.waits.end(c == nil) }()
	lib.attendedReady(l.AwaitReadable)
	lib.engine.Wait(func(ctx context.Context) error {
		if c, err = l.Accept(ctx); err != nil && errors.Is(err, ctx.Err()) {
			return err
		}
		return nil // an error of the client's is one of this accept, whatever else has come meanwhile
	})
	return c, err
}

// dial connects. Callbacks and handlers run meanwhile, since the listener may wait for something that one of them does.
func (lib *sharing) dial(o connectOptions) (c *mpconn.Conn, err error) {
	returned := false
	defer func() {
		if !returned && c != nil { // one has raised an error
			c.Close()
		}
	}()
	lib.beside(func(ctx context.Context) { c, err = mpconn.Dial(ctx, o.network, o.address, o.key) })
	returned = true
	return c, err
}

// connectOptions are the keywords of Listener and Client.
type connectOptions struct {
	network, address string
	backlog          int
	key              []byte // nil: none is asked for
}

// defaultBacklog is how many clients wait at a listener that is busy. Python's
// listener takes one by default; others wait before that on Linux, but elsewhere are refused.
const defaultBacklog = 128

func (lib *sharing) connectOptions(L *lua.LState, name string) connectOptions {
	takes := fmt.Sprintf("%s takes keyword arguments only, in a table: %s{address = {'127.0.0.1', 6000}}", name, name)
	if L.Get(2) != lua.LNil {
		arg.Error(L, 2, takes)
	}
	var t *lua.LTable
	switch v := L.Get(1).(type) {
	case *lua.LTable:
		t = v
	case *lua.LNilType:
		t = glua.NewTable(0, 0)
	default:
		arg.Error(L, 1, takes)
	}
	o := connectOptions{backlog: defaultBacklog}
	bad := func(field, what string) {
		arg.Error(L, 1, fmt.Sprintf("field '%s': %s", field, what))
	}
	o.key = []byte(lib.authkey())
	family := lua.LVAsString(glua.Named(t, "family"))
	for k, v := glua.Next(t, lua.LNil); k != lua.LNil; k, v = glua.Next(t, k) {
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
			arg.Error(L, 1, fmt.Sprintf("%s() got an unexpected keyword argument '%s'", name, key))
		}
	}
	switch address := glua.Named(t, "address").(type) {
	case lua.LString:
		if family == "AF_INET" {
			bad("address", "{host, port} is wanted for AF_INET")
		}
		o.network, o.address = "unix", string(address)
	case *lua.LTable:
		host, ok := glua.Item(address, 1).(lua.LString)
		port, ok2 := glua.Item(address, 2).(lua.LNumber)
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
	if err := lib.engine.Config().Network.Check(o.network); err != nil {
		lib.raise(L, "OSError", err.Error())
	}
	return o
}
