//go:build unix

package multiprocessing

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// signalName returns SIGTERM for 15; "" for what is no signal.
func signalName(n int) string { return unix.SignalName(syscall.Signal(n)) }

// endSignals are those by which somebody ends a program.
var endSignals = []os.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP}

// asked reports whether a process has ended by one of them.
func asked(code int) bool {
	return code == -int(unix.SIGINT) || code == -int(unix.SIGTERM) || code == -int(unix.SIGHUP)
}
