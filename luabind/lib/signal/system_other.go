//go:build unix && !linux

package signal

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// lastSignal is the largest number of a signal.
const lastSignal = 31

// An action is nothing here: package os/signal keeps what there is to know.
type action struct{}

func actionOf(syscall.Signal) action { return action{} }

// restore lets the system do again what it did, but no longer ignore s.
func restore(s syscall.Signal, _ action) { signal.Reset(s) }

// isIgnored reports whether s is ignored.
func isIgnored(s os.Signal) bool { return signal.Ignored(s) }

func sendThread(s syscall.Signal) error { return unix.Kill(os.Getpid(), s) }
