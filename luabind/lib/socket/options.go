package socket

import (
	"maps"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/vm"
)

// An option is read by get and set by set; nil: it can't be. get pushes the
// value, set takes it from argument 3.
type option struct {
	get func(*lua.LState, handle) error
	set func(*lua.LState, handle) error
}

// newOptions returns those of a protocol.
func newOptions(p protocol) map[string]option {
	all := tcpOptions()
	switch p {
	case udp:
		return udpOptions()
	case unixStream: // as LuaSocket has it, and one that getoption knows
		return map[string]option{"keepalive": all["keepalive"], "reuseaddr": all["reuseaddr"], "linger": all["linger"], "error": all["error"]}
	case unixDatagram:
		return map[string]option{"reuseaddr": all["reuseaddr"], "error": all["error"]}
	}
	return all
}

// tcpOptions returns those that every system has, and those of this one.
func tcpOptions() map[string]option {
	all := map[string]option{
		"keepalive":        flag(syscall.SOL_SOCKET, syscall.SO_KEEPALIVE),
		"reuseaddr":        flag(syscall.SOL_SOCKET, syscall.SO_REUSEADDR),
		"tcp-nodelay":      flag(syscall.IPPROTO_TCP, syscall.TCP_NODELAY),
		"ipv6-v6only":      {nil, flag(syscall.IPPROTO_IPV6, syscall.IPV6_V6ONLY).set},
		"recv-buffer-size": number(syscall.SOL_SOCKET, syscall.SO_RCVBUF),
		"send-buffer-size": number(syscall.SOL_SOCKET, syscall.SO_SNDBUF),
		"linger":           {getLinger, setLinger},
		"error":            {getError, nil},
	}
	maps.Copy(all, systemOptions())
	return all
}

// flag is an option that is true or false.
func flag(level, name int) option {
	return option{
		get: func(L *lua.LState, fd handle) error {
			n, err := getOption(fd, level, name)
			L.Push(lua.LBool(n != 0))
			return err
		},
		set: func(L *lua.LState, fd handle) error {
			on, ok := L.Get(3).(lua.LBool)
			if !ok {
				arg.TypeError(L, 3, "boolean")
			}
			n := 0
			if on {
				n = 1
			}
			return setOption(fd, level, name, n)
		},
	}
}

// number is an option that is a whole number.
func number(level, name int) option {
	return option{
		get: func(L *lua.LState, fd handle) error {
			n, err := getOption(fd, level, name)
			L.Push(lua.LNumber(n))
			return err
		},
		set: func(L *lua.LState, fd handle) error {
			return setOption(fd, level, name, int(int32(arg.Int(L, 3))))
		},
	}
}

func getLinger(L *lua.LState, fd handle) error {
	on, timeout, err := getLingerOption(fd)
	t := glua.NewTable(0, 0)
	glua.SetNamed(t, "on", lua.LBool(on))
	glua.SetNamed(t, "timeout", lua.LNumber(timeout))
	L.Push(t)
	return err
}

func setLinger(L *lua.LState, fd handle) error {
	t, ok := L.Get(3).(*lua.LTable)
	if !ok {
		arg.TypeError(L, 3, "table")
	}
	on, ok := vm.Field(L, t, "on").(lua.LBool)
	if !ok {
		arg.Error(L, 3, "boolean 'on' field expected")
	}
	timeout := vm.Field(L, t, "timeout")
	if !isNumber(timeout) {
		arg.Error(L, 3, "number 'timeout' field expected")
	}
	return setLingerOption(fd, bool(on), int(uint16(arg.ToInt(float64(lua.LVAsNumber(timeout))))))
}

// getError pushes the error that is pending, and clears it.
func getError(L *lua.LState, fd handle) error {
	n, err := getOption(fd, syscall.SOL_SOCKET, soError)
	if n == 0 {
		L.Push(lua.LNil)
	} else {
		L.Push(lua.LString(text(syscall.Errno(n))))
	}
	return err
}

func (lib *library) getoption(L *lua.LState) int {
	s := lib.checkAny(L)
	get := lib.checkKnown(L, s, func(o option) func(*lua.LState, handle) error { return o.get })
	if s.closed {
		return lib.fail(L, errClosed)
	}
	if err := get(L, s.fd()); err != nil {
		L.Push(lua.LNil)
		L.Push(lua.LString("getsockopt failed"))
		return 2
	}
	return 1
}

func (lib *library) setoption(L *lua.LState) int {
	s := lib.checkAny(L)
	set := lib.checkKnown(L, s, func(o option) func(*lua.LState, handle) error { return o.set })
	if s.closed {
		return lib.fail(L, errClosed)
	}
	if err := set(L, s.fd()); err != nil {
		L.Push(lua.LNil)
		L.Push(lua.LString("setsockopt failed"))
		return 2
	}
	return succeed(L)
}

// checkKnown returns what is to be done with the option at argument 2.
func (lib *library) checkKnown(L *lua.LState, s *socket, of func(option) func(*lua.LState, handle) error) func(*lua.LState, handle) error {
	name := arg.String(L, 2)
	if lib.options[s.protocol] == nil {
		lib.options[s.protocol] = newOptions(s.protocol)
	}
	do := of(lib.options[s.protocol][name])
	if do == nil {
		arg.Error(L, 2, "unsupported option `"+name[:min(len(name), 35)]+"'")
	}
	return do
}
