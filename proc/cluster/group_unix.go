//go:build unix

package cluster

import (
	"os/exec"
	"syscall"
)

// ownGroup lets a process have a process group of its own, so that it gets no signals of a
// terminal.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
