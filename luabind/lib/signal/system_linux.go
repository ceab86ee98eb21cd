package signal

import (
	"os"
	"os/signal"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// lastSignal is the largest number of a signal.
const lastSignal = 64

// An action is the kernel's struct sigaction. Package os/signal knows only what the Go
// runtime does with a signal, not that a program (see package proc, DefaultSignals) has put
// the system's default in its place.
type action struct {
	handler  uintptr
	flags    uint64
	restorer uintptr
	mask     uint64
}

// actionOf returns what the system does with s.
func actionOf(s syscall.Signal) (a action) {
	unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(s), 0, uintptr(unsafe.Pointer(&a)), 8, 0, 0)
	return a
}

// restore lets the system do again what it did, but no longer ignore s.
func restore(s syscall.Signal, a action) {
	signal.Reset(s)
	const ignore = 1
	if a.handler > ignore { // the runtime's, or package proc's before it
		return
	}
	signal.Ignore(s) // so that the runtime knows that it has no handler there
	a = action{}
	unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(s), uintptr(unsafe.Pointer(&a)), 0, 8, 0, 0)
}

// isIgnored reports whether s is ignored. Package os/signal would say so of a default that
// restore has put back.
func isIgnored(s os.Signal) bool { return actionOf(s.(syscall.Signal)).handler == 1 }

func sendThread(s syscall.Signal) error { return unix.Tgkill(os.Getpid(), unix.Gettid(), s) }
