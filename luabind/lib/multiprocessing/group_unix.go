//go:build unix

package multiprocessing

import (
	"golang.org/x/sys/unix"

	"luaspawn/proc"
)

// interruptGroup sends SIGINT to p, and to the processes that p has started if p has a process group of
// its own. It can't reach a process that got p's number later: p has just been seen to run, and no other process gets its
// number before p is reaped.
func interruptGroup(p *proc.Process) {
	if group, err := unix.Getpgid(p.Pid()); err == nil && group == p.Pid() {
		unix.Kill(-group, unix.SIGINT)
		return
	}
	p.Interrupt()
}
