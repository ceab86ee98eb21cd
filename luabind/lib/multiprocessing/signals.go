package multiprocessing

import (
	"context"
	"os"
	"time"

	"luaspawn/luabind"
	"luaspawn/proc"
)

// DefaultSignals gives signals in the main process the effect that they have in
// children: see [proc.DefaultSignals].
func DefaultSignals() { proc.DefaultSignals() }

// End ends a program by a signal that has come while a script runs. It must be called once only. What
// the script prints from then on is thrown away, the buffers of its files are written,
// and the signal is sent to its children and, on Linux, to commands and to all that the children have
// started. Some seconds later, or when ctx ends, the program ends by the signal. A
// script that joins or starts a child meanwhile stops there for ever.
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

// endGrace is how long processes that get a signal may take to end: an exit must not wait for
// a process that ignores the signal.
const endGrace = 3 * time.Second

// salvage calls Engine.Salvage, but waits for a second at most: a pipe that nobody reads must not keep a
// program from ending.
func salvage(ctx context.Context, e *luabind.Engine) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	e.Host().Salvage(ctx)
}

// Salvage calls Engine.Salvage, for a second at most. It is for a program that is about to be ended by Interrupt.
func Salvage(e *luabind.Engine) { salvage(context.Background(), e) }
