// Package board is where the processes of a tree say what they wait for, and whoever asks
// finds out who waits for whom.
//
//	board   = header {entry} {page}        memory that all of them share
//	header  = high                         entries that were ever used; as large as an entry
//	entry   = pid flags parent started name     written by who starts the process
//	page    = turn wait place traceback         written by the process itself
//
// A process writes its page when its script really begins to wait, which takes less than
// the waiting costs in any case, and who holds what it waits for the shared object knows
// itself: whoever asks opens it by the descriptor that is named there. So what doesn't wait
// costs nothing, and processes that are stopped, or stuck, are seen as well as others.
//
// The turn of a page grows with each change of it. Nobody's wait has changed between two
// looks that have found the same turn: so a circle that was seen between them is there, and
// was not put together from moments that never were one.
package board

import (
	"time"

	"luaspawn/luabind/lib/multiprocessing/internal/trace"
)

const (
	entries   = 8191
	entrySize = 256
	pageSize  = 4096
	pagesAt   = (1 + entries) * entrySize

	// Size is how many bytes a board takes, of which most are never touched.
	Size = pagesAt + entries*pageSize
)

// Flags of a process.
const (
	Daemon = 1 << iota
	Worker // of a pool
	Main
)

// A Wait is what a script waits for.
type Wait struct {
	Why    int    // as package trace has it: trace.ForLock
	What   string // in a word: the type of the object, the name of the process or of the pool
	Object uint64 // tells the object from others; 0: it is none
	Fd     int    // a descriptor of its memory in the process that waits; -1: none
	Pid    int    // of the process that is waited for
	Limit  bool   // it doesn't wait for ever
	Aux    uint64 // of an event: how often it had been set
	File   string
	Line   int
	Since  time.Duration // for how long
}

// A Process is one on the board.
type Process struct {
	Slot    int
	Pid     int
	Parent  int
	Flags   int
	Name    string
	Age     time.Duration
	Waiting bool
	Wait    Wait
	Turn    uint64
	Text    string // the traceback that it has left there
	TextAt  uint64 // which one that is; 0: there is none

	State   byte          // as ps has it: T is stopped; 0: there is no such process any more
	Running time.Duration // processor time so far
	Begun   bool          // it has its job in hand

	Why Reason // why it doesn't go on, if it waits
}

// objects are waits for what processes share.
func isObject(why int) bool {
	switch why {
	case trace.ForLock, trace.ForSemaphore, trace.ForEvent, trace.ForCondition, trace.ForBarrier, trace.ForItem, trace.ForRoom, trace.ForDone:
		return true
	}
	return false
}
