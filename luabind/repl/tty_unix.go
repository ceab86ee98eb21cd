//go:build unix

package repl

import (
	"io"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// openInput returns what reads f. Resized is for terminals that say so themselves; here
// SIGWINCH does.
func openInput(f *os.File, _ func()) (terminalInput, error) { return newFileInput(f) }

// pressInterrupt is called at a Ctrl-C that came as a signal while a text is edited. Here somebody has sent
// that: it doesn't interrupt anything.
func pressInterrupt(input) {}

// escapes says whether a terminal does what escape codes say, and returns what puts it back as it was.
func escapes(*os.File) (restore func(), ok bool) {
	kind := os.Getenv("TERM")
	return func() {}, kind != "" && kind != "dumb"
}

// makeRaw lets each key of a terminal come as it is pressed, and returns what puts the
// terminal back as it was. It still begins a new line at each line feed, as it did:
// commands that the script has left in the background write to it, which know
// nothing of the mode.
func makeRaw(f *os.File) (restore func(), err error) {
	fd := int(f.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return nil, err
	}
	mode, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil, err
	}
	mode.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	mode.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	mode.Cflag = mode.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	mode.Oflag |= unix.OPOST | unix.ONLCR
	mode.Cc[unix.VMIN], mode.Cc[unix.VTIME] = 1, 0
	// In one call: between two of them somebody may print.
	return func() { term.Restore(fd, before) }, unix.IoctlSetTermios(fd, setTermios, mode)
}

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

// watchHangUp calls hangUp when the terminal that is read is gone, unless whoever has
// started this program lets it ignore that. Where it is the one that controls this
// program, SIGHUP comes first.
func (c *console) watchHangUp(hangUp func(error)) {
	if signal.Ignored(unix.SIGHUP) {
		return
	}
	closed, closer, err := os.Pipe()
	if err != nil {
		return // it is noticed when it is read next
	}
	ended := make(chan struct{})
	c.close = append(c.close, func() {
		closer.Close()
		<-ended
		closed.Close()
	})
	fds := []unix.PollFd{{Fd: int32(c.file.Fd())}, {Fd: int32(closed.Fd())}}
	go func() {
		defer close(ended)
		for {
			if _, err := unix.Poll(fds, -1); err != unix.EINTR {
				break
			}
		}
		if fds[1].Revents == 0 && fds[0].Revents&unix.POLLHUP != 0 {
			unix.Poll(fds[1:], int(hangUpGrace.Milliseconds()))
			hangUp(io.EOF)
		}
	}()
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
