//go:build darwin || (linux && portable)

package ipc

import (
	"os"

	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/ends"
)

const pidBits = 22

func (id identity) pid() int { return int(id & (1<<pidBits - 1)) }

func identifyMyself() (id identity, namespace uint64, err error) {
	id, _, err = identify(os.Getpid())
	return id, 1, err
}

// A watch calls a function at the end of a process.
type watch struct{ of *ends.Watch }

// begin begins it; alive is false if the process has ended.
func (w *watch) begin(id identity, over func()) (alive bool, err error) {
	of, alive, err := ends.Begin(id.pid(), over)
	if !alive || err != nil {
		return false, err
	}
	// Looked at afterwards: an end before that is seen here, one after that told.
	if hasEnded(id) {
		of.End()
		return false, nil
	}
	w.of = of
	return true, nil
}

func (*watch) ended(id identity) bool { return hasEnded(id) }

func (w *watch) end(identity) { w.of.End() }

// hasEnded says whether a process has ended, as far as that can be seen.
func hasEnded(id identity) bool {
	now, zombie, err := identify(id.pid())
	if err != nil {
		return unix.Kill(id.pid(), 0) == unix.ESRCH
	}
	return now != id || zombie
}
