package draw

import (
	"fmt"
	"io"
	"path/filepath"
	"strconv"

	"luaspawn/proc/trace"
)

// Formats are the endings of names that Write knows.
var formats = map[string]func(*picture, io.Writer) error{
	".html": (*picture).html,
	".json": (*picture).json,
	".svg":  (*picture).svg,
}

// Check returns an error for the name of a file that Write can't make.
func Check(name string) error {
	if formats[filepath.Ext(name)] == nil {
		return fmt.Errorf("a timeline is a file whose name ends with .html, .json or .svg, not %q", name)
	}
	return nil
}

// Write draws a run, in the format that the ending of name says.
func Write(w io.Writer, name string, run *trace.Run, title string) error {
	if err := Check(name); err != nil {
		return err
	}
	return formats[filepath.Ext(name)](build(run, title), w)
}

// notWhole is what a picture says of a recording that has ended before the run did.
const notWhole = "there was no room for all events: the picture is not whole"

// signalNames are those that end programs, as Linux numbers them.
var signalNames = map[int]string{
	1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL",
	10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM", 24: "SIGXCPU", 25: "SIGXFSZ",
}

func signalName(n int) string {
	if name, ok := signalNames[n]; ok {
		return name
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
