//go:build unix

package multiprocessing

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// signalName returns SIGTERM for 15; "" if there is no such signal.
func signalName(n int) string { return unix.SignalName(syscall.Signal(n)) }

// endSignals are the signals by which people end a program.
var endSignals = []os.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP}

// asked reports whether a process with this exit code has ended by one of endSignals.
func asked(code int) bool {
	return code == -int(unix.SIGINT) || code == -int(unix.SIGTERM) || code == -int(unix.SIGHUP)
}
