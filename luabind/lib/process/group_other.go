//go:build !unix

package process

import "luaspawn/proc"

// leaveGroup makes this process a process group of its own, where there are any.
func leaveGroup() {}

// interruptGroup ends p: there is no SIGINT here.
func interruptGroup(p *proc.Process) { p.Kill() }
