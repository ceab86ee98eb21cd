package draw

import (
	"fmt"
	"io"
	"path/filepath"
	"strconv"

	"luaspawn/luabind/lib/multiprocessing/internal/trace"
)

// format returns what writes a picture into a file of that name; nil: its ending isn't known.
// (No table: one is made at the start of each process.)
func format(name string) func(*picture, io.Writer) error {
	switch filepath.Ext(name) {
	case ".html":
		return (*picture).html
	case ".json":
		return (*picture).json
	case ".svg":
		return (*picture).svg
	}
	return nil
}

// Check returns an error for the name of a file that Write can't make.
func Check(name string) error {
	if format(name) == nil {
		return fmt.Errorf("a timeline is a file whose name ends with .html, .json or .svg, not %q", name)
	}
	return nil
}

// Write draws a run, in the format that the ending of name says.
func Write(w io.Writer, name string, run *trace.Run, title string) error {
	if err := Check(name); err != nil {
		return err
	}
	return format(name)(build(run, title), w)
}

// notWhole is what a picture says of a recording that has ended before the run did.
const notWhole = "there was no room for all events: the picture is not whole"

// signalNames are those that end programs, as Linux numbers them.
var signalNames = [...]string{
	1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL",
	10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM", 24: "SIGXCPU", 25: "SIGXFSZ",
}

func signalName(n int) string {
	if n >= 0 && n < len(signalNames) && signalNames[n] != "" {
		return signalNames[n]
	}
	return "signal " + strconv.Itoa(n)
}

// endOf says how a process has ended.
func endOf(code int) string {
	if code < 0 {
		return "ended by " + signalName(-code)
	}
	return fmt.Sprintf("ended with exit code %d", code)
}
