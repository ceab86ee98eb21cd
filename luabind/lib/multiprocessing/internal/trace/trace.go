// Package trace records what the processes of a run do, and reads it back.
//
// # Design
//
// A run has one file. Each of its processes has a piece of it mapped, its front, and writes
// there; what is full is copied to the end of the file, so that few pages are ever touched.
//
//	file    = header {piece}               in units of 16 KiB
//	header  = magic end processes full wall clock room
//	piece   = {cell}, the first one says whose it is and which of its owner's
//	cell    = word time object names line  40 bytes: an event, or a string that events name
//
// The first word of a cell is written last, so a process that is killed, by SIGKILL too,
// loses the one cell that it was writing; what is written the kernel has, whoever dies. Room
// is allocated before it is mapped, and of the disk's free room half is left: where there is no
// more, recording ends, and nothing else does. An event costs the time of day and five stores. A process that records nothing has a
// nil *Recording, whose methods do nothing.
//
// Who does something says so (package luabind/lib/multiprocessing: it knows file and line);
// package draw makes pages of what was read.
package trace

import (
	"errors"
	"time"
)

// ErrBad is the error of a file that is no recording.
var ErrBad = errors.New("not a recording of a run")

// MaxSize is how large a recording may become, in bytes: some 25 million events. What comes
// after that isn't recorded.
const MaxSize = 1 << 30

const (
	unit      = 16 << 10
	cellSize  = 40
	fileMagic = 0x3143415254534c // "LSTRAC1"
	cellMagic = 0x4354534c       // "LSTC"

	atMagic = 0
	atEnd   = 8
	atCount = 16
	atFull  = 24
	atWall  = 32
	atClock = 40
	atRoom  = 48

	maxText = 1000
)

// cellsOf returns how many cells a string of n bytes takes: its first word is that of other
// cells.
func cellsOf(n int) int { return 1 + (max(n-(cellSize-8), 0)+cellSize-1)/cellSize }

// A Kind is what an event is.
type Kind uint8

// The kinds of events. Object is a number that tells a shared object from all others.
const (
	kindString Kind = iota + 1 // text of the number A

	Begin   // a process begins with its job: Text is its name, A its parent's pid, Aux flags
	End     // it is about to end, with code A: CPU and Memory follow as those of Exit
	Starts  // a child is being started: Text is its name; see Engine
	Started // it has been, with pid A; see Engine
	Exit    // a child has ended: A is its pid, Code how
	Usage   // of Exit or End before: Object is processor time in ns, A memory in KiB at most
	Wait    // the script waits: Aux is for what, Object which, Text says it in words, A a pid; see Engine
	Resume  // it waits no more; Aux 1: in vain; see Engine
	Put     // an item was put into Object, as number A
	Get     // an item was taken, number A
	Acquire // a lock or the like was taken
	Release // and given back; or an event was set, a condition notified
	Task    // a task of a pool begins: Text is the pool, A the index
	Done    // and is over; Aux 1: failed
	Signal  // this process has sent signal Aux to process A
	Ready   // the process has been kept ready since Object, a time
	last
)

// Whatever is waited for.
const (
	ForOther   = iota // Text says
	ForProcess        // the end of process A
	ForLock
	ForSemaphore
	ForEvent
	ForCondition
	ForBarrier
	ForItem   // of a queue
	ForRoom   // in one
	ForDone   // all items of a queue to be done
	ForPool   // results of a pool
	ForTask   // a worker, for work
	ForSocket // also connections
	ForSleep
)

// Flags of Begin.
const (
	FlagDaemon = 1 << iota
	FlagWorker // of a pool
	FlagMain
)

// An Event is something that a process has done. Which fields mean something, Kind says.
type Event struct {
	Kind   Kind
	Aux    uint16
	A      uint32
	Time   int64 // ns of the clock that all processes of the system share
	Object uint64
	Text   string
	File   string // of the script; empty: not said
	Line   int
}

// Code is what Exit holds: an exit code as Process.ExitCode returns it.
func (e *Event) Code() int { return int(int16(e.Aux)) }

// What several engines of one process wait for and start is told apart by the upper byte of Aux.
const (
	EngineShift = 8
	engineLess  = 1<<EngineShift - 1
)

// Engine tells whose Wait, Resume, Starts or Started e is. The first engine of a process is 0.
func (e *Event) Engine() int { return int(e.Aux >> EngineShift) }

// Why is what a Wait is for.
func (e *Event) Why() int { return int(e.Aux & engineLess) }

// Vain says that a Resume comes after the wait was given up.
func (e *Event) Vain() bool { return e.Aux&engineLess != 0 }

// A Process is what one process has recorded.
type Process struct {
	Pid    int
	Number int // the n-th of the run that recorded something, from 1
	Events []Event
}

// A Run is a recording that was read.
type Run struct {
	Wall      time.Time // when Clock was
	Clock     int64
	Full      bool // recording ended before the run did: there was no room on the disk
	Processes []*Process
}
