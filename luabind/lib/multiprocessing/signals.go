package multiprocessing

import (
	"context"
	"os"
	"time"

	"luaspawn/luabind"
	"luaspawn/proc"
)

// DefaultSignals is for a program that wants it in its main process as it is in
// children: see [proc.DefaultSignals].
func DefaultSignals() { proc.DefaultSignals() }

// End is what a program does, once, when a signal ends it while a script runs: what
// the script prints from now on is thrown away, what its files hold back is written,
// and the signal goes to its children and, on Linux, to all that these have started
// and to commands. Some seconds later, or when ctx ends, the program ends by the signal. A
// script that joins or starts a child meanwhile is stopped there for ever.
func End(ctx context.Context, e *luabind.Engine, s os.Signal) {
	ctx, cancel := context.WithTimeout(ctx, endGrace)
	defer cancel()
	e.Host().Mute()
	salvage(ctx, e)
	stopScripts()
	proc.EndAll(ctx, s)
	EndRecording()
	proc.DieOf(s)
}

// endGrace is how long what a signal ends may take to end: an exit must not wait for
// a process that ignores the signal.
const endGrace = 3 * time.Second

// salvage is Engine.Salvage, for a second: a pipe that nobody reads must not keep a
// program from its end.
func salvage(ctx context.Context, e *luabind.Engine) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	e.Host().Salvage(ctx)
}

// Salvage is Engine.Salvage, for a second at most, of a program that Interrupt is about to end.
func Salvage(e *luabind.Engine) { salvage(context.Background(), e) }
