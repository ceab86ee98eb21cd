//go:build !unix

package multiprocessing

import (
	"os"
	"syscall"

	"luaspawn/luabind/lib/signal"
)

// signalName returns SIGTERM for 15; "" for what is no signal. Nothing ends by a signal here, but
// what was terminated has that one's exit code.
func signalName(n int) string {
	if n == int(syscall.SIGTERM) {
		return "SIGTERM"
	}
	return ""
}

// endSignals are those by which somebody ends a program.
var endSignals = []os.Signal{os.Interrupt, signal.Break, syscall.SIGTERM, syscall.SIGHUP}

// asked reports whether a process has ended by one of them.
func asked(int) bool { return false }
