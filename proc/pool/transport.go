package pool

import (
	"context"
	"errors"
	"iter"
	"os"
	"time"

	"luaspawn/proc/ipc"
)

// A Transport is how a Pool comes to workers. Its methods may be called from any
// goroutine.
type Transport interface {
	// Start starts a worker and returns when it is on its way; ctx governs the
	// starting only. What comes from it is told to events until Gone.
	Start(ctx context.Context, w WorkerSpec, events Events) (Link, error)

	// Depth is how many chunks a worker holds at most, at least 1: the one that it
	// runs and those that wait.
	Depth() int

	// CarriesFiles says whether blobs, tasks and results can have files.
	CarriesFiles() bool

	// LookOut is called by who waits for an outcome, which may be about to come: it tells
	// Events, in its own goroutine, what comes from workers within the next moment, and
	// reports whether there was anything. It saves the waking of a goroutine; a
	// transport that has nothing to save returns false at once.
	LookOut() bool

	// Close is called when all workers are gone.
	Close()
}

// An Elastic transport has workers that come and go by themselves: on other machines,
// say. Its pool begins with none, and has as many as it is told, but no more than
// Config.Workers, if that isn't 0. It keeps the time of tasks itself, see Chunk.Timeout.
type Elastic interface {
	Transport

	// Follow is called once, before any other method. resize is to be called whenever
	// there is room for another number of workers, from any goroutine but not from within
	// a method of the transport or of a link.
	Follow(resize func(workers int))

	// Ahead is how much work a worker is given beside what it runs: as much as it does
	// while it waits for more. What it was given is lost with its machine.
	Ahead() time.Duration
}

// A Wide is what a Link implements whose worker can hold more chunks than Depth, if they are short. It is for transports
// that hand on what another machine's pool has sent: that has gone a long way, so it had better be with its worker.
type Wide interface {
	Full() bool // it takes no further chunk now
}

// A Machine is what a Link implements whose worker may be on another machine.
type Machine interface {
	Host() string // its name
}

// A WorkerSpec is what a worker is told at its start.
type WorkerSpec struct {
	Name  string
	Setup *Blob // what it does before anything else; nil: nothing
	First bool  // the pool begins with it; else it takes the place of one that has gone
}

// A Blob is bytes and the files that belong to them. The files are closed by
// whoever has made it.
type Blob struct {
	Data  []byte
	Files []*os.File
}

// A Link is the way to one worker. Its methods don't wait for the worker, and are
// called by one goroutine at a time. What is sent to a worker that is gone comes to
// nothing, and its Gone says so.
type Link interface {
	// Send hands over a chunk, which runs after those that were sent before. blob is
	// that of its call where this is the first chunk of it that the worker gets.
	Send(c Chunk, blob *Blob) error

	// Forget says that no chunk of a call will come any more.
	Forget(call uint64)

	// TakeBack takes n tasks at most from the end of a chunk, and returns how many:
	// the worker has not begun them, and won't. One that can't tell at once returns 0,
	// and tells Returned.
	TakeBack(chunk uint64, n int) int

	// Running returns which task the worker runs and since when. ok is false if it
	// runs none, or nobody knows.
	Running() (r Task, ok bool)

	// Stop ends the worker when it has done what it has got.
	Stop()

	// Terminate ends it soon: it may end in order first.
	Terminate()

	// Kill ends it now, also if it is stopped.
	Kill()

	// Pid is the worker's process id, on its machine.
	Pid() int
}

// A Dropper is a Link that is asked for all that its worker has not begun of a call at once. It tells Returned of
// each chunk of which there is something.
type Dropper interface{ Drop(call uint64) }

// A Chunk is tasks of one call that travel together.
type Chunk struct {
	ID      uint64 // no other one of this pool has the same
	Call    uint64
	First   int // index of the first task
	N       int
	Tasks   []byte             // as AppendTask has them
	Files   map[int][]*os.File // those of the n-th task, counted from 0; nil: none has any
	Exact   bool               // the worker tells Running of each task when it begins
	Timeout time.Duration      // of each task; 0: none. For an Elastic transport, which tells TimedOut
	More    bool               // more chunks are likely to follow at once
	Only    bool               // no other chunk of its call will come to this worker
	Body    *ipc.Body          // holds Tasks from BodyAt to its end, and nothing else there; nil: none does. It stays its owner's
	BodyAt  int
}

// A Task is one that a worker runs.
type Task struct {
	Chunk uint64
	At    int // in the chunk, from 0
	Since time.Time
}

// Events is what a Link tells of its worker, from one goroutine at a time.
type Events interface {
	// Ready is told once, when the setup is over.
	Ready()

	// Failed is told when the setup failed, and why. The worker ends.
	Failed(reason []byte)

	// Reported is told of tasks that are done. The front has r.Data for as long as
	// it likes; the slice itself it has not.
	Reported(list []Report)

	// Finished is told when nothing more comes of a chunk, and how long the worker
	// took for its tasks.
	Finished(chunk uint64, spent time.Duration)

	// Gone is told last: the worker has ended, and all that it had reported was told.
	// running is the task that it ran then, if it ran one.
	Gone(code int, running Task, ran bool)

	// Returned is told of tasks that were asked back and come now, see TakeBack.
	Returned(chunk uint64, n int)

	// TimedOut is told of a task whose worker is about to be killed for it.
	TimedOut(late Task)

	// Vanished is told last, instead of Gone, where nobody knows what the worker has
	// begun: all tasks that it held may have been.
	Vanished(why error)
}

// A Report is what became of a task, or of several.
type Report struct {
	Chunk  uint64
	Task   int  // in the chunk, from 0
	N      int  // of tasks from that one on, which are done: Data is a list of their results, as AppendTask has them. 0: it is that task alone, and Data its result
	Failed bool // by the function of the call, Data says how
	Unsent bool // done, but its result couldn't be sent, for the reason in Data
	Data   []byte
	Files  []*os.File

	Body *ipc.Body // has the data instead, and is its receiver's; see Processes.TakeBodies

	Undelivered bool // not begun: it couldn't be handed to the worker, for the reason in Data
}

// All returns reports of one task each.
func (r Report) All() iter.Seq[Report] {
	return func(yield func(Report) bool) {
		if r.N == 0 {
			yield(r)
			return
		}
		one, list := r, r.Data
		one.N = 0
		for range r.N {
			one.Data, list = cutTask(list)
			if !yield(one) {
				return
			}
			one.Task++
		}
	}
}

// ErrUnsupported is returned where there are no processes to be workers.
var ErrUnsupported = errors.New("pool: workers need memory that processes share, which this system has not")
