//go:build !unix

package multiprocessing

import "luaspawn/proc"

// interruptGroup ends p: there is no SIGINT here.
func interruptGroup(p *proc.Process) { p.Kill() }
