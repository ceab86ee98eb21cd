//go:build unix

package iolib

import (
	"os"

	"golang.org/x/sys/unix"
)

// killTree kills a process that has not been waited for, and what it has started: all are
// stopped first, since one whose parent has ended is nobody's.
func killTree(root *os.Process) {
	found := map[int]bool{root.Pid: true}
	unix.Kill(root.Pid, unix.SIGSTOP)
	for again := true; again; {
		again = false
		for pid, parent := range parents() {
			if found[parent] && !found[pid] {
				found[pid], again = true, true
				unix.Kill(pid, unix.SIGSTOP)
			}
		}
	}
	for pid := range found {
		unix.Kill(pid, unix.SIGKILL)
	}
}
