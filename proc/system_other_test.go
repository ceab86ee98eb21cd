//go:build !linux

package proc_test

import "luaspawn/proc"

// linuxRoles are roles that there are on Linux only.
var linuxRoles map[string]func(*proc.Self, []byte) int

// process is what /proc says of one. There is no such thing here.
type process struct {
	pid   int
	state string
}

// ownProcesses returns the processes whose parent is this one, zombies too.
func ownProcesses() []process { return nil }

// stopSelf stops this process until somebody continues it.
func stopSelf() {}
