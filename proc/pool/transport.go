package pool

import (
	"context"
	"errors"
	"iter"
	"os"
	"time"

	"luaspawn/proc/ipc"
)

// A Transport gives a Pool its workers. Its methods may be called from any
// goroutine.
type Transport interface {
	// Start begins to start a worker, and returns before the worker is ready; ctx is for the start
	// only. The transport calls events with what comes from the worker, the last of it Gone or Vanished.
	Start(ctx context.Context, w WorkerSpec, events Events) (Link, error)

	// Depth returns how many chunks a worker can hold, with the one that it runs: at least
	// 1.
	Depth() int

	// CarriesFiles says whether blobs, tasks and results can have files.
	CarriesFiles() bool

	// LookOut is called by a goroutine that waits for an outcome. If something comes from workers within the next moment
	// LookOut calls Events in that goroutine, and returns true. That saves waking the goroutine. A transport
	// that would save nothing returns false at once.
	LookOut() bool

	// Close is called when all workers are gone.
	Close()
}

// An Elastic transport has room for a number of workers that changes: its machines come and go. Its pool begins with
// no worker, and has as many as resize says, but at most Config.Workers if that isn't 0. The transport watches the
// timeouts of tasks itself, see Chunk.Timeout.
type Elastic interface {
	Transport

	// Follow is called once, before any other method. The transport must call resize whenever the number of workers
	// that it has room for changes. It may do so from any goroutine, but not within a method of the transport or of a
	// link.
	Follow(resize func(workers int))

	// Ahead returns how much work a worker is given beside what it runs: as much as it does
	// while further work is on its way. More would be lost when the machine is.
	Ahead() time.Duration
}

// A Link is Wide if its worker can hold more chunks than Depth, as long as they are short. Hosts of package remote use it: chunks
// that have come from another machine had better wait at the worker than in the host.
type Wide interface {
	Full() bool // it takes no further chunk now
}

// A Link is a Machine if its worker may be on another machine.
type Machine interface {
	Host() string // its name
}

// A WorkerSpec is what a worker is told at its start.
type WorkerSpec struct {
	Name  string
	Setup *Blob // what it does before anything else; nil: nothing
	First bool  // the pool begins with it; else it takes the place of one that has gone
}

// A Blob is bytes and the files that belong to them. Whoever has made the blob closes
// the files.
type Blob struct {
	Data  []byte
	Files []*os.File
}

// A Link leads to one worker. Its methods don't wait for the worker, and are
// called by one goroutine at a time. What is sent to a worker that is gone is
// dropped; Gone was called, or will be.
type Link interface {
	// Send hands over a chunk, which runs after the chunks that were sent before. blob is
	// the call's blob if the worker has got no chunk of this call before, else nil.
	Send(c Chunk, blob *Blob) error

	// Forget says that no chunk of a call will come any more.
	Forget(call uint64)

	// TakeBack takes back up to n tasks from the end of a chunk, and returns how many:
	// the worker has not begun them, and won't. A link that can't know at once returns 0,
	// and calls Returned later.
	TakeBack(chunk uint64, n int) int

	// Running returns which task the worker runs and since when. ok is false if it
	// runs none, or nobody knows.
	Running() (r Task, ok bool)

	// Stop ends the worker when it has done all tasks that it has got.
	Stop()

	// Terminate ends it soon: it may end in order first.
	Terminate()

	// Kill ends it now, also if it is stopped.
	Kill()

	// Pid is the worker's process id, on its machine.
	Pid() int
}

// A Link is a Dropper if it can be asked at once for all tasks of a call that its worker has not begun. It calls Returned for each
// chunk that has such tasks.
type Dropper interface {
	Drop(call uint64)

	// Abort does what Drop does, and ends the worker if it runs a task of the call: then all other tasks that
	// it has not begun come back too.
	Abort(call uint64)
}

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

// A Task is a task that a worker runs.
type Task struct {
	Chunk uint64
	At    int // in the chunk, from 0
	Since time.Time
}

// A Link calls the methods of Events to report on its worker, from one goroutine at a time.
type Events interface {
	// Ready is called once, when the setup is over.
	Ready()

	// Failed is called when the setup failed, with the reason. The worker ends then.
	Failed(reason []byte)

	// Reported is called with outcomes of tasks. The front may keep the Data of the reports, but not the slice
	// list.
	Reported(list []Report)

	// Finished is called when no more reports of a chunk come, with the time that the worker has
	// spent on its tasks.
	Finished(chunk uint64, spent time.Duration)

	// Gone is called last: the worker has ended, and Reported has had all its reports. If ran is true
	// running is the task that it ran when it ended.
	Gone(code int, running Task, ran bool)

	// Returned is called with tasks that TakeBack has asked for, when they come later.
	Returned(chunk uint64, n int)

	// TimedOut is called with a task that took too long: its worker is about to be killed.
	TimedOut(late Task)

	// Vanished is called last, instead of Gone, if nobody knows which tasks the worker has
	// begun: it may have begun all that it held.
	Vanished(why error)
}

// A Report has the outcome of one task, or of several.
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
			one.Data, list = CutTask(list)
			if !yield(one) {
				return
			}
			one.Task++
		}
	}
}

// ErrUnsupported is returned on systems where processes can't be workers.
var ErrUnsupported = errors.New("pool: workers need memory that processes share, which this system has not")
