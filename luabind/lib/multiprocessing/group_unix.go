//go:build unix

package multiprocessing

import (
	"golang.org/x/sys/unix"

	"luaspawn/proc"
)

// interruptGroup sends SIGINT to p and to what it has started, if p is a group of
// its own, else to p alone. Nothing is sent to one that has ended: it was asked
// just before, and its number is not given away before it is reaped.
func interruptGroup(p *proc.Process) {
	if group, err := unix.Getpgid(p.Pid()); err == nil && group == p.Pid() {
		unix.Kill(-group, unix.SIGINT)
		return
	}
	p.Interrupt()
}
