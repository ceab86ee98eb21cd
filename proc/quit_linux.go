//go:build (amd64 || arm64) && !portable

package proc

import (
	"os"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/fds"
)

// A process that is asked by SIGQUIT (Ctrl-\) to say what it does goes on, as programs in
// other languages with a runtime do. To ask package os/signal takes a thread, for good,
// and with it some percent of a start. So the handler is one of our own, which notes that
// the signal came and writes to an eventfd, if there is one yet.

// These are for the handler, which is written in assembly: it runs at any moment, on any
// thread.
var (
	quitHandler uintptr // its address; set there
	quitCame    uint32  // there was one
	quitFd      int32   = -1
)

// CatchQuit lets SIGQUIT end this process no more; OnQuit says what it does instead. It does
// nothing where the signal is ignored already, and elsewhere than on Linux on amd64 and arm64.
func CatchQuit() {
	var a sigaction
	if setAction(int(unix.SIGQUIT), nil, &a); a.handler == ignored {
		return
	}
	setAction(int(unix.SIGSEGV), nil, &a) // flags, mask and the way back as the runtime has them
	a.handler = quitHandler
	setAction(int(unix.SIGQUIT), &a, nil)
}

// OnQuit lets f be called by a goroutine of its own for each SIGQUIT since CatchQuit; of several
// that come at a time some may be one. It is called once.
func OnQuit(f func()) error {
	fd, err := fds.Event(true)
	if err != nil {
		return err
	}
	file := os.NewFile(uintptr(fd), "quit") // which is in the poller: it is non-blocking
	atomic.StoreInt32(&quitFd, int32(fd))
	go func() {
		var count [8]byte
		for {
			if atomic.SwapUint32(&quitCame, 0) != 0 {
				f()
			}
			if _, err := file.Read(count[:]); err != nil {
				return
			}
		}
	}()
	return nil
}

// SendQuit sends SIGQUIT to a process that has called CatchQuit.
func SendQuit(pid int) { syscall.Kill(pid, syscall.SIGQUIT) }
