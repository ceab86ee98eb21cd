//go:build unix

package cluster

import (
	"os/exec"
	"syscall"
)

// ownGroup puts a process into a process group of its own, so that signals of a terminal don't reach
// it.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
