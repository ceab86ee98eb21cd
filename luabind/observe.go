package luabind

import "time"

// An Event is something that has happened to a script among processes. Module
// multiprocessing tells of those of its process: a program whose children are to be
// observed too has Observe in the Config that these come by.
type Event struct {
	Time    time.Time
	Kind    EventKind
	Pid     int    // of this process
	Process string // its name

	// What it is about: a child by its name, or an object by its type, with a number that
	// tells it from others, the same in all processes. Waits without an object say what
	// for: "sleep", say.
	Of     string
	Object uint64

	Number int           // the child's pid; the item's, which the queue counts; the task's, from 1
	Code   int           // of Exit
	Failed bool          // Resume: in vain, Done: the task raised an error
	Took   time.Duration // Resume and Done: since Wait, since Task; Exit: processor time of the child
	Memory int64         // Exit: of the child, in bytes at most

	File string // of the script, where it is there
	Line int    // 0: not in the script
}

// An EventKind is what an Event is.
type EventKind string

const (
	EventBegin   EventKind = "begin"   // this process begins with what it is there for
	EventEnd     EventKind = "end"     // and is about to end
	EventStart   EventKind = "start"   // a child is there
	EventExit    EventKind = "exit"    // a child has ended
	EventWait    EventKind = "wait"    // the script waits; where it needn't there is no event
	EventResume  EventKind = "resume"  // and goes on
	EventPut     EventKind = "put"     // an item is in a queue
	EventGet     EventKind = "get"     // and has been taken out
	EventAcquire EventKind = "acquire" // a lock or the like has been taken
	EventRelease EventKind = "release" // and given back; an Event set, a Condition notified
	EventTask    EventKind = "task"    // a worker of a pool begins with a task
	EventDone    EventKind = "done"    // and is done with it
)

// A Watcher is told when a script begins to wait for something outside, and when it goes
// on. Both are called in the goroutine of the script.
type Watcher interface {
	Pauses(what string) // a word: "sleep", "socket"
	Resumes()
}

// Watch lets w be told of all waits of modules that know of no processes, instead of who
// was told before. It is for the Open of a module.
func (h *Host) Watch(w Watcher) { h.watcher = w }

// Pauses is called by what begins to wait, and Resumes afterwards, in any case.
func (h *Host) Pauses(what string) {
	if h.watcher != nil {
		h.watcher.Pauses(what)
	}
}

// Resumes ends what Pauses has begun.
func (h *Host) Resumes() {
	if h.watcher != nil {
		h.watcher.Resumes()
	}
}
