package repl

import (
	"os"
	"time"

	"luaspawn/luabind/repl/internal/wincon"
)

// openInput returns what reads f. Resized is called when its window has changed its size.
func openInput(f *os.File, resized func()) (terminalInput, error) {
	if !IsTerminal(f) {
		return newFileInput(f)
	}
	c, err := wincon.Open(f)
	if err != nil {
		return nil, err
	}
	c.Resized = resized
	return &consoleInput{Console: c, file: f}, nil
}

// consoleInput reads a console.
type consoleInput struct {
	*wincon.Console
	readAhead
	file *os.File
}

// File is what commands of the script inherit.
func (in *consoleInput) File() *os.File { return in.file }

func (in *consoleInput) ReadByte() (byte, error) { return in.takeByte(in.Console.Read) }

func (in *consoleInput) Read(p []byte) (int, error) { return in.take(p, in.Console.Read) }

func (in *consoleInput) Pending() bool {
	if len(in.unread) == 0 && in.ByKey() {
		in.unread, _ = in.Keys(false)
	}
	return len(in.unread) > 0
}

func (in *consoleInput) interrupted() bool {
	keys, _ := in.Keys(false)
	in.unread = append(in.unread, keys...)
	return in.dropInterrupted()
}

func (in *consoleInput) SetDeadline(t time.Time) error {
	return in.Wake(!t.IsZero() && !t.After(time.Now()))
}

// pressInterrupt is called at a Ctrl-C that came as a signal while a text is edited: a Ctrl-Break, or where
// the console makes one of each Ctrl-C.
func pressInterrupt(in input) {
	if console, ok := in.(*consoleInput); ok {
		console.Press(ctrlC)
	}
}

// escapes says whether a terminal does what escape codes say, and returns what puts it back as it was.
func escapes(f *os.File) (restore func(), ok bool) {
	if os.Getenv("TERM") == "dumb" {
		return nil, false
	}
	return wincon.Escapes(f)
}

// makeRaw lets each key of a terminal come as it is pressed, and returns what puts the
// terminal back as it was.
func makeRaw(f *os.File) (restore func(), err error) { return wincon.ByKey(f) }

// awaitReadable waits until f can be read, and returns true, or wake can. If it
// shall not wait, it says whether f can be read now. Here it can't look at either:
// the read itself waits.
func awaitReadable(f, wake *os.File, wait bool) (bool, error) { return wait, nil }

// watchHangUp calls hangUp when the terminal that is read is gone. Here that is
// noticed when it is read next.
func (c *console) watchHangUp(hangUp func(error)) {}

// suspend stops this program as Ctrl-Z does, where there is such a thing.
func suspend() {}

// Signals that the terminal and whoever controls it send.
var resizeSignals, resumeSignals, endSignals []os.Signal

// dieOf ends this program as the signal would have.
func dieOf(os.Signal) { os.Exit(1) }
