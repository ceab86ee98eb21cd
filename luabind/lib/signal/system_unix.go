//go:build unix

package signal

import (
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// Break is the signal of Ctrl-Break, which other systems have.
const Break = syscall.Signal(0)

// notify is signal.Notify.
func notify(ch chan<- os.Signal, s os.Signal) { signal.Notify(ch, s) }

// ignore lets nothing happen at s.
func ignore(s syscall.Signal) { signal.Ignore(s) }

// names are the signals of this system.
var names = sync.OnceValue(func() map[string]syscall.Signal {
	m := make(map[string]syscall.Signal, 32)
	for n := syscall.Signal(1); n <= lastSignal; n++ {
		if name := unix.SignalName(n); name != "" {
			m[name] = n
		}
	}
	return m
})

// refused says why a signal can't be caught; empty: it can.
func refused(s syscall.Signal) string {
	switch s {
	case unix.SIGKILL, unix.SIGSTOP:
		return "the system lets nobody"
	case unix.SIGURG:
		return "this program sends it to itself"
	}
	if s == 32 || s == 33 {
		return "it belongs to threads"
	}
	return ""
}

// send sends s to this process: to this thread, so that what it does by default is done
// when send returns.
func send(s syscall.Signal) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return sendThread(s)
}
