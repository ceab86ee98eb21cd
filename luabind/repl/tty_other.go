//go:build !unix

package repl

import (
	"os"

	"golang.org/x/term"
)

// makeRaw lets each key of a terminal come as it is pressed, and returns how the
// terminal was before.
func makeRaw(fd int) (before *term.State, err error) { return term.MakeRaw(fd) }

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
