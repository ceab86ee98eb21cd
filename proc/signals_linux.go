//go:build (amd64 || arm64) && !portable

package proc

import (
	"os"
	"os/signal"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sigaction is the kernel's struct of that name.
type sigaction struct {
	handler  uintptr
	flags    uint64
	restorer uintptr
	mask     uint64
}

func setAction(n int, action, old *sigaction) {
	unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(n), uintptr(unsafe.Pointer(action)), uintptr(unsafe.Pointer(old)), 8, 0, 0)
}

// ignored is the largest number that stands for something else than a handler.
const ignored = 1

// lastSignal is the largest number of a signal.
const lastSignal = 64

// DefaultSignals lets a signal that another process sends do what it does in a
// program that catches none: the Go runtime catches all of them, prints its
// goroutines for some and takes no notice of others. A signal that this program
// was started with as ignored, or that it has asked package os/signal for, is left
// alone, and os/signal works for all of them afterwards. What the runtime sends
// itself and a fault of this program are still the runtime's.
//
// Init does it in a child. In another process it is for the program to say.
// It does nothing but on Linux on amd64 and arm64.
//
//	by default the process ends                    no handler any more
//	the same, and faults, or what the runtime or   the handler of this package, and the one
//	libc send (SEGV, BUS, FPE, ILL, PROF, 33 ...)  before it where no other process has sent it
//	ends the process, in Go too (HUP, INT, TERM)   left alone
//	nothing happens (CHLD, URG, WINCH), stops      left alone
//	PIPE                                           left alone: a write that fails ends the
//	                                               process, the signal alone does not
func DefaultSignals() {
	var runtimes, old sigaction
	setAction(int(unix.SIGSEGV), nil, &runtimes)
	self = uint64(os.Getpid())
	for n := 1; n <= lastSignal; n++ {
		switch s := syscall.Signal(n); s {
		case unix.SIGHUP, unix.SIGINT, unix.SIGTERM, unix.SIGPIPE, unix.SIGCHLD, unix.SIGURG, unix.SIGWINCH:
		case unix.SIGSEGV, unix.SIGBUS, unix.SIGFPE, unix.SIGILL, unix.SIGTRAP, unix.SIGSTKFLT, unix.SIGSYS, unix.SIGPROF, 32, perThread:
			setAction(n, nil, &old)
			if old.handler > ignored {
				handlers[n] = old.handler
				old.handler = handler
				setAction(n, &old, nil)
			}
		default:
			setAction(n, nil, &old)
			if old.handler == runtimes.handler {
				signal.Ignore(s) // so that the runtime knows that it has no handler there
				setAction(n, new(sigaction), nil)
			}
		}
	}
}

// perThread is the signal by which the runtime, or libc, lets all threads make a system
// call; libc ends threads by 32.
const perThread = syscall.Signal(33)

// These are for the handler, which is written in assembly: it runs at any moment, on
// any thread, and ends in the handler before it as if that had been called.
var (
	handlers [lastSignal + 1]uintptr // those before it
	self     uint64                  //lint:ignore U1000 our pid, which only the handler reads
	handler  uintptr                 // its address; set there
)
