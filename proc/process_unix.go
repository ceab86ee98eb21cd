//go:build unix

package proc

import (
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// terminate is the signal that asks a process to end.
const terminate = syscall.SIGTERM

// sendSignal sends a signal to a child.
func sendSignal(child *os.Process, s os.Signal) error { return child.Signal(s) }

// exitCode returns the status of a process, or -N if signal N ended it.
func exitCode(state *os.ProcessState) int {
	if s, ok := state.Sys().(syscall.WaitStatus); ok && s.Signaled() {
		return -int(s.Signal())
	}
	return state.ExitCode()
}

// launchInOwnGroup lets the process that attr is for be a process group of its own
// from its first moment.
func launchInOwnGroup(attr *os.ProcAttr) { attr.Sys.Setpgid = true }

// processGroup returns the number of this process's group; 0: it has none here,
// since it comes from outside of this namespace.
func processGroup() int { return unix.Getpgrp() }

// joinGroup makes this process part of a group; 0 is one of its own. A group that
// nobody is in any more, its starter has ended, can't be joined.
func joinGroup(group int) { unix.Setpgid(0, group) }

// endNow ends this process, without asking anybody in it.
func endNow() {
	unix.Kill(os.Getpid(), unix.SIGKILL)
	os.Exit(128 + int(unix.SIGKILL)) // the first process of a pid namespace survives its own signals
}

// DieOf ends this process by a signal that by default ends one, whoever has asked
// package os/signal for it.
func DieOf(s os.Signal) {
	n, ok := s.(syscall.Signal)
	if ok && os.Getpid() != 1 { // the first process of a pid namespace survives its own signals
		signal.Reset(n)
		unix.Kill(os.Getpid(), n)
		time.Sleep(time.Second) // the signal may reach another thread, a moment later
	}
	os.Exit(128 + int(n))
}
