//go:build !unix

package multiprocessing

import (
	"os"
	"syscall"

	"luaspawn/luabind/lib/signal"
)

// signalName returns SIGTERM for 15; "" for other numbers. No process ends by a signal here, but one that was
// terminated has the exit code that it would have elsewhere.
func signalName(n int) string {
	if n == int(syscall.SIGTERM) {
		return "SIGTERM"
	}
	return ""
}

// endSignals are the signals by which people end a program.
var endSignals = []os.Signal{os.Interrupt, signal.Break, syscall.SIGTERM, syscall.SIGHUP}

// asked reports whether a process with this exit code has ended by one of endSignals.
func asked(int) bool { return false }
