package multiprocessing

import (
	"context"
	"errors"
	"os"
	"time"
	"weak"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/multiprocessing/internal/board"
	"luaspawn/proc"
)

// jobs tells a prompt about the children. It implements luabind.Jobs.
type jobs struct {
	lib      *library
	attended bool  // somebody will ask for the list
	separate bool  // children are process groups of their own
	list     []job // those that run, and the last ones that have ended; only if attended
}

// job is a child in the list. It lets go of the child's object when the child ends, so that the script alone decides how
// long the object lives.
type job struct {
	luabind.Job
	object  *processState // nil: it has ended
	process *proc.Process
	ended   weak.Pointer[processState] // once it has
}

// endedJobs is how many children that have ended are remembered.
const endedJobs = 100

func (j *jobs) Attend(separate bool) { j.attended, j.separate = true, separate }

// add enters a child that was started just now.
func (j *jobs) add(o *processState) {
	if !j.attended {
		return
	}
	j.update()
	j.list = append(j.list, job{Job: luabind.Job{Number: o.serial, Started: time.Now()}, object: o, process: o.process})
}

// update finds out which children have ended, and forgets the ones that ended first if there are too many.
func (j *jobs) update() {
	ended := 0
	for i := len(j.list) - 1; i >= 0; i-- {
		entry := &j.list[i]
		if o := entry.object; o != nil {
			entry.Name, entry.Pid, entry.Daemon = o.name, entry.process.Pid(), o.daemon
			if entry.ExitCode, entry.Ended = entry.process.ExitCode(); entry.Ended {
				entry.object, entry.process, entry.ended = nil, nil, weak.Make(o)
			}
		}
		if entry.Ended {
			ended++
		}
	}
	kept := j.list[:0]
	for _, entry := range j.list {
		if entry.Ended && ended > endedJobs {
			ended--
			continue
		}
		kept = append(kept, entry)
	}
	clear(j.list[len(kept):])
	j.list = kept
}

func (j *jobs) List() []luabind.Job {
	j.update()
	list := make([]luabind.Job, len(j.list))
	for i, entry := range j.list {
		o := entry.object
		if o == nil {
			o = entry.ended.Value()
		}
		if list[i] = entry.Job; o != nil && o.table != nil {
			list[i].Object = o.table
		}
	}
	return list
}

func (j *jobs) Report() string {
	j.lib.prune()
	return board.Report(look(), board.Options{})
}

func (j *jobs) HeldUp() string {
	all := theBoard().Look()
	for _, p := range all {
		if p.Pid == os.Getpid() && p.Waiting {
			return heldUp(all)
		}
	}
	return ""
}

func (j *jobs) Wait(ctx context.Context) error {
	for _, o := range j.lib.children {
		if o.daemon {
			continue
		}
		if err := o.process.Join(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (j *jobs) Terminate() {
	j.lib.prune()
	terminateAll(j.lib.children, daemonGrace)
	j.lib.prune()
}

// interrupted is called when the context of a run ends while the script waits for children. At a prompt's Ctrl-C they get the
// signal that the terminal would have sent them if they had no process groups of their own.
func (lib *library) interrupted(ctx context.Context, waited ...*processState) {
	if !errors.Is(context.Cause(ctx), luabind.ErrInterrupted) {
		return
	}
	for _, o := range waited {
		if o.alive() {
			o.signalled = true
			interruptGroup(o.process)
		}
	}
}
