//go:build unix

package repl

import (
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"
)

// awaitReadable waits until f can be read, and returns true, or wake can. If it
// shall not wait, it says whether f can be read now.
func awaitReadable(f, wake *os.File, wait bool) (bool, error) {
	fds := []unix.PollFd{{Fd: int32(f.Fd()), Events: unix.POLLIN}, {Fd: int32(wake.Fd()), Events: unix.POLLIN}}
	timeout := -1
	if !wait {
		timeout = 0
	}
	for {
		_, err := unix.Poll(fds, timeout)
		if err == unix.EINTR {
			continue
		}
		return fds[0].Revents != 0 && (fds[1].Revents == 0 || !wait), err
	}
}

// suspend stops this program as Ctrl-Z does, its whole process group with it, and
// returns when it goes on; soon, if nobody is there to let it go on.
func suspend() {
	goesOn := make(chan os.Signal, 1)
	signal.Notify(goesOn, unix.SIGCONT)
	defer signal.Stop(goesOn)
	unix.Kill(0, unix.SIGTSTP)
	// The signal is ignored in a group that no shell looks after.
	select {
	case <-goesOn:
	case <-time.After(ignoredStop):
	}
}

// ignoredStop is how long a stop that isn't ignored may take.
const ignoredStop = 100 * time.Millisecond

// Signals that the terminal and whoever controls it send.
var (
	resizeSignals = []os.Signal{unix.SIGWINCH}
	resumeSignals = []os.Signal{unix.SIGCONT}
	endSignals    = []os.Signal{unix.SIGTERM, unix.SIGHUP}
)

// dieOf ends this program as the signal would have.
func dieOf(s os.Signal) {
	signal.Reset(s)
	unix.Kill(os.Getpid(), s.(unix.Signal))
}
