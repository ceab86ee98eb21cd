package luabind

import (
	"io/fs"
	"strings"
)

// Network says which sockets scripts may make; the zero Network: none. It counts where a
// socket is made, bound or connected. One that comes from another process, an argument
// of a Process say, may be used: whoever made it had the right.
type Network struct {
	TCP  bool // connect to any address, listen at any, look up hosts
	UDP  bool // send to any address, receive at any, look up hosts
	Unix bool // the same by Unix sockets, whose paths are the machine's, whatever Fs is
}

// Check returns nil if scripts may make sockets of a network, "tcp", "udp" or "unix" and
// their kind, as package net calls them. Its error is fs.ErrPermission, and says which
// field isn't set. A module that has sockets for scripts calls it first:
//
//	err := e.Config().Network.Check("tcp")
func (n Network) Check(network string) error {
	missing := ""
	switch {
	case strings.HasPrefix(network, "tcp"):
		if n.TCP {
			return nil
		}
		missing = "Config.Network.TCP is not set"
	case strings.HasPrefix(network, "udp"):
		if n.UDP {
			return nil
		}
		missing = "Config.Network.UDP is not set"
	case strings.HasPrefix(network, "unix"):
		if n.Unix {
			return nil
		}
		missing = "Config.Network.Unix is not set"
	default:
		missing = network + " is not allowed"
	}
	return deniedError(missing)
}

// deniedError says why something is denied.
type deniedError string

func (e deniedError) Error() string { return "permission denied: " + string(e) }

func (deniedError) Is(target error) bool { return target == fs.ErrPermission }
