package luabind_test

import (
	"errors"
	"io/fs"
	"testing"

	"luaspawn/luabind"
)

func TestNetworkCheck(t *testing.T) {
	tcp, unix := luabind.Network{TCP: true}, luabind.Network{Unix: true}
	for _, c := range []struct {
		allowed luabind.Network
		network string
		want    string
	}{
		{luabind.Network{}, "tcp", "permission denied: Config.Network.TCP is not set"},
		{luabind.Network{}, "unix", "permission denied: Config.Network.Unix is not set"},
		{tcp, "tcp", ""},
		{tcp, "tcp6", ""},
		{tcp, "unix", "permission denied: Config.Network.Unix is not set"},
		{unix, "tcp4", "permission denied: Config.Network.TCP is not set"},
		{unix, "unixpacket", ""},
		{luabind.Network{TCP: true, Unix: true}, "udp", "permission denied: Config.Network.UDP is not set"},
		{luabind.Network{UDP: true}, "udp6", ""},
		{luabind.Network{UDP: true}, "tcp", "permission denied: Config.Network.TCP is not set"},
		{luabind.Network{TCP: true, UDP: true, Unix: true}, "ip", "permission denied: ip is not allowed"},
	} {
		err := c.allowed.Check(c.network)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want || err != nil && !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%+v, %s: got %q, want %q", c.allowed, c.network, got, c.want)
		}
	}
}
