package luabind

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"
)

// This file holds what a prompt wants of the engine that it stands on.

// ErrInterrupted is the cause with which a prompt ends the context of a run when
// its user presses Ctrl-C. What the run waits for is interrupted with it; what
// it has started beside itself goes on, which with any other cause ends too.
var ErrInterrupted = errors.New("interrupted")

// Alone calls f while nobody else uses the engine: what looks at its state or changes
// it between two runs belongs there, where other goroutines may run something. While
// a run is under way it returns ErrBusy, unless ctx is that of a Go function that the
// run has called; after Close ErrClosed. It doesn't look whether ctx has ended.
func (h *Host) Alone(ctx context.Context, f func()) error {
	if err := h.enter(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	defer h.leave(h.state.GetTop())
	f()
	return nil
}

// UseTerminal lets scripts, and the processes that they start from now on, write
// to out and errOut in place of Config.Stdout and Stderr. Both must be safe for
// concurrent use, as one of these is where one Write is one piece. A nil errOut leaves
// Stderr as it is. Where in is not nil, scripts read it in place of Config.Stdin.
//
// The lines of what is written to them end in "\n" also where Config.TextMode is set.
//
// Commands of os.execute and io.popen inherit what File() *os.File of the
// three returns, where they have it. Where in is not nil, they stay in the
// foreground of its terminal, whose Ctrl-C reaches them too.
func (h *Host) UseTerminal(in io.Reader, out, errOut io.Writer) {
	if in != nil {
		h.io.SetStdin(in)
		h.io.Foreground = true
	}
	h.stdout.redirect(out)
	if errOut != nil {
		h.stderr.redirect(errOut)
		h.textErrors.Store(false)
	}
	h.io.PlainOutput(errOut != nil)
}

// A Job is something that a script has started and that goes on beside it, such
// as a process.
type Job struct {
	Number   int // 1 for the first that the engine has started
	Name     string
	Pid      int
	Daemon   bool // ends with the engine
	Started  time.Time
	Ended    bool
	ExitCode int // once it has ended; -N: by signal N

	// Object is what a script acts on it with; nil: it has ended, and nothing holds its
	// object any more.
	Object lua.LValue
}

// Jobs is what a module whose functions start jobs offers, see OfferJobs. Its
// methods are called by the goroutine that uses the engine, between two runs.
type Jobs interface {
	// Attend is called once, by whoever will ask for the list. Separate says
	// that he has the terminal, whose signals (Ctrl-C, Ctrl-Z) shall not reach
	// jobs that are started from now on.
	Attend(separate bool)

	// List returns the jobs that were started since, in their order: all that
	// run, and those that ended last.
	List() []Job

	// Report says what all processes do that have come from this one, and what they wait
	// for, in some lines.
	Report() string

	// HeldUp is Report where the run waits, and something that processes share has been waited
	// for for more than a second; else empty. Unlike the others it is called during a run, by
	// any goroutine.
	HeldUp() string

	// Wait waits until all have ended that aren't daemons, or ctx has.
	Wait(ctx context.Context) error

	// Terminate asks all that run to end, soon makes them, and waits until
	// they have.
	Terminate()
}

// OfferJobs is called by the Open of a module that starts jobs.
func (h *Host) OfferJobs(j Jobs) { h.jobs = append(h.jobs, j) }

// Jobs returns what the modules have offered.
func (h *Host) Jobs() []Jobs { return h.jobs }

// Fs returns Config.Fs, or what the engine has in its place where that is nil.
func (h *Host) Fs() afero.Fs { return h.io.Fs }
