package signal

import (
	"errors"
	"os/signal"
	"syscall"
)

// lastSignal is the largest number of a signal.
const lastSignal = 31

// names are the signals that can come here.
func names() map[string]syscall.Signal {
	return map[string]syscall.Signal{"SIGINT": syscall.SIGINT, "SIGTERM": syscall.SIGTERM}
}

// refused says why a signal can't be caught; empty: it can.
func refused(s syscall.Signal) string {
	if s != syscall.SIGINT && s != syscall.SIGTERM {
		return "there is no such signal on this system"
	}
	return ""
}

// An action is nothing here: package os/signal keeps what there is to know.
type action struct{}

func actionOf(syscall.Signal) action { return action{} }

// restore lets the system do again what it did, but no longer ignore s.
func restore(s syscall.Signal, _ action) { signal.Reset(s) }

// isIgnored reports whether s is ignored.
func isIgnored(s syscall.Signal) bool { return signal.Ignored(s) }

// send sends s to this process.
func send(syscall.Signal) error { return errors.New("not supported on this system") }
