package signal

import (
	"os"
	"syscall"
)

// lastSignal is the largest number of a signal.
const lastSignal = 31

// names are the signals that can come here: Ctrl-C, Ctrl-Break, the end of the console or of the session.
func names() map[string]syscall.Signal {
	return map[string]syscall.Signal{"SIGINT": syscall.SIGINT, "SIGBREAK": Break, "SIGTERM": syscall.SIGTERM}
}

// refused says why a signal can't be caught; empty: it can.
func refused(s syscall.Signal) string {
	switch s {
	case syscall.SIGINT, syscall.SIGTERM, Break:
		return ""
	}
	return "there is no such signal on this system"
}

// An action is nothing here: package os/signal keeps what there is to know.
type action struct{}

func actionOf(syscall.Signal) action { return action{} }

// send sends s to this process: it ends, as by C's raise, with its status, unless s is ignored.
func send(s syscall.Signal) error {
	if !isIgnored(s) {
		const status = 3
		os.Exit(status)
	}
	return nil
}
