// Package ipc has objects by which processes communicate and synchronize: locks,
// events, barriers and queues in memory that they share, and pipes. A process may be
// killed at any instruction: the others go on.
//
// # Segments
//
// Every object is a segment, two descriptors: a memfd, which each holder maps,
// and an eventfd. They travel to other processes like any descriptor, there is
// no name anywhere, and the kernel frees all of it with the last holder.
//
//	segment = header slots data
//	header  = magic kind namespace     what it is, and whose process ids are in it
//	          monitor                  who changes the segment now
//	          sleeping                 somebody waits for a change
//	          claims high              slots ever claimed, and in use at most
//	          journal                  what the words were before the change
//	          words                    the state of the object, by its kind
//	slots   = 4,096 {identity words}   the processes that have the object open
//	data    = what a queue or an array holds
//
// # Who is alive
//
// A process is known by its pid and its start time together, 64 bits that are
// put into a slot by one atomic instruction. Whoever has to wait for another
// process watches it by a pidfd in the runtime's poller: no polling, no thread.
//
// # Changes
//
// A Lock is one word that holds its owner. If the owner dies, the Acquire of a waiter
// puts itself into the word and returns Abandoned. All other state is changed by
// whoever holds the monitor, also such a word, and each word that changes is written
// into the journal first. If the monitor's owner dies, the next one takes it over,
// undoes the change by the journal, and gives back what the dead process held. A change
// has happened as a whole or not at all.
//
// # Waiting
//
// A waiter sleeps in the runtime's poller until something is written to the
// eventfd. No process reads it, so none can take a wake-up and die with it: the
// poller is edge-triggered, and each write wakes all who sleep. Who changes something that others wait for writes before the
// change, with the monitor in hand. If it dies then, those who were woken find
// the monitor taken, watch its owner, and learn of its death.
//
// A pipe has no segment. Its receiver blocks a thread in the kernel for 10 ms, the
// fastest way to wait, and then waits in the poller. Where many goroutines of a
// process receive, most wait in the poller at once.
//
// # Platforms
//
// Segments, changes, and who gets what back are the same everywhere. Below them stand
//
//	          Linux 5.4           portable, unix      Windows           for
//	memory    memfd, sealed       unlinked file       file, deleted     segment, window: shared pages
//	                                                  on close
//	waker     eventfd             pair of sockets     event of a slot   notifier: wakes all who sleep
//	sleeper   the poller          the poller          a thread          segment.sleep
//	peer      pidfd               kqueue, start       process handle,   gone: has that process ended
//	                              time                start time
//	courier   packets, peeked at  datagrams           handles of a      Queue: files of items
//	                                                  process that
//	                                                  never runs
//	Pipe      packets             two queues, a line  two queues,       messages, the end of the other
//	                                                  a line            side
//
// A line is a pair of sockets (on Windows two pipes) to which nobody writes: the kernel counts who
// has an end, also one that is on its way in an argument. Elsewhere than on Linux what a queue once
// took on the disk stays until its end. Where files are datagrams an item with files that a process
// has received when it dies is gone with it, and a queue holds so many items with files as a socket
// does (ErrInFlight).
//
// On Linux the portable code is built by the tag portable, for tests. Where a system has
// none of this New returns ErrUnsupported.
package ipc

import (
	"errors"
)

// Forever is the timeout that never expires; so is any below zero. Zero only
// looks.
const Forever = -1

var (
	// ErrUnsupported is returned where the system can't share memory, pass
	// descriptors and tell who is alive.
	ErrUnsupported = errors.New("ipc: objects that processes share need Linux 5.4 or newer, macOS or Windows")

	// ErrReleased is returned by Release of what isn't held.
	ErrReleased = errors.New("semaphore or lock released too many times")

	// ErrNotOwner is returned by Release of an RLock of another one's.
	ErrNotOwner = errors.New("attempt to release recursive lock not owned by this process")

	// ErrWaiting is returned by a Condition at which this process waits already.
	ErrWaiting = errors.New("this process waits at the condition already")

	// ErrNotOwned is returned by a Condition whose lock isn't held here.
	ErrNotOwned = errors.New("lock is not owned")

	// ErrBroken is returned by a Barrier that was broken, or reset under way.
	ErrBroken = errors.New("the barrier is broken")

	// ErrClosed is returned by what was closed here.
	ErrClosed = errors.New("handle is closed")

	// ErrCrowded is returned by Open where 4,096 processes have the object.
	ErrCrowded = errors.New("ipc: 4096 processes have it open already")

	// ErrForeign is returned by Open where the process ids in the segment
	// are another namespace's: nobody could tell who is alive.
	ErrForeign = errors.New("ipc: it belongs to another pid namespace")

	// ErrBad is returned by Open of descriptors that are no such segment.
	ErrBad = errors.New("ipc: not an object of this kind")

	// ErrReadOnly is returned by Send where only the other end can.
	ErrReadOnly = errors.New("connection is read-only")

	// ErrWriteOnly is returned by Recv where only the other end can.
	ErrWriteOnly = errors.New("connection is write-only")
)

// A RoomError says that this process has no room for the files of a message or an item, which
// stays where it is: it is still the next one.
type RoomError struct{ Err error }

func (e *RoomError) Error() string { return e.Err.Error() }
func (e *RoomError) Unwrap() error { return e.Err }
