//go:build !portable

package socket

import (
	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"luaspawn/luabind/internal/lualib/arg"
)

func newSocket(domain, kind int) (int, error) {
	return unix.Socket(domain, kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
}

func accept(fd int) (int, error) {
	c, _, err := unix.Accept4(fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
	return c, err
}

// systemOptions are those that not every system has.
func systemOptions() map[string]option {
	return map[string]option{
		"bindtodevice":         {getDevice, setDevice},
		"reuseport":            flag(unix.SOL_SOCKET, unix.SO_REUSEPORT),
		"tcp-keepidle":         number(unix.IPPROTO_TCP, unix.TCP_KEEPIDLE),
		"tcp-keepcnt":          number(unix.IPPROTO_TCP, unix.TCP_KEEPCNT),
		"tcp-keepintvl":        number(unix.IPPROTO_TCP, unix.TCP_KEEPINTVL),
		"tcp-defer-accept":     {nil, number(unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT).set},
		"tcp-fastopen":         {nil, number(unix.IPPROTO_TCP, unix.TCP_FASTOPEN).set},
		"tcp-fastopen-connect": {nil, number(unix.IPPROTO_TCP, unix.TCP_FASTOPEN_CONNECT).set},
	}
}

func getDevice(L *lua.LState, fd handle) error {
	name, err := unix.GetsockoptString(int(fd), unix.SOL_SOCKET, unix.SO_BINDTODEVICE)
	L.Push(lua.LString(name))
	return err
}

func setDevice(L *lua.LState, fd handle) error {
	return unix.BindToDevice(int(fd), arg.String(L, 3))
}
