// Package proc starts real processes that run a function of this program.
//
// # When
//
// Go can't fork, so a piece of a program that shall have its own pid, its own
// memory and its own end is started anew: the child is this same executable,
// told over an inherited socket what to do. For other programs there is os/exec.
//
// # How
//
//	                 this process                          the child, same executable
//
//	Start(ctx, c)    socketpair, pipes, fork+exec  ----->  Init sees that it is a child
//	                 hello, job                    ----->  and reads who it is,
//	                 descriptors of c.Files        ----->  Self.Files,
//	                 c.Payload                     ----->  Self.Payload,
//	                                                       then runs main(self)
//	                 our end of the socket stays open ...  the end of file at the other:
//	                                                       ParentGone is closed,
//	                                                       and a daemon ends at once
//	c.Stdout         whole lines                   <-----  pipe on descriptor 1
//	c.Stderr         whole lines                   <-----  pipe on descriptor 2
//	Done, ExitCode   reaped, output delivered      <-----  os.Exit(main(self) & 0xff)
//
// A program says once, first in main and in TestMain, what its children do:
//
//	func main() {
//		proc.Init(func(self *proc.Self) int {
//			fmt.Printf("%s from process %d\n", self.Payload, os.Getpid())
//			return 0
//		})
//		p, err := proc.Start(ctx, &proc.Command{Payload: []byte("hello")})
//		...
//		err = p.Join(ctx)
//	}
//
// # What a child is
//
// A process knows that it is a child by three things that have to agree: a
// variable in its environment, a socket as its standard input, and what is said
// first on that socket. Init removes both before main runs, so a child reads an
// empty standard input, and nothing that it starts in turn takes itself for
// that child. The name in argv[0] plays no part.
//
// A child inherits environment, working directory, umask and the signals that
// are ignored here. It catches none, see [DefaultSignals].
//
// # Children kept ready
//
// Loading a program takes a hundred times as long as waking one. So a few
// children are kept that have been started and wait for their job (Linux only):
//
//	 this process                          a child kept ready
//
//	socketpair, fork+exec  ------------>  Init
//	wait                   ------------>  Program.Prepare: what every job needs
//	                       <------------  Waiting.Ready
//	Note(b)                ------------>  Waiting.Next, as often as there is one
//	 ...
//	Wake                  ------------>  wakes up
//	Start: job, streams    ------------>
//	compare, go            ------------>  is taken
//	                       <------------  yes
//	                                      Program.Main(self)
//
// The first Start begins to prestart workers, a few milliseconds later. A Start
// that finds none starts a child as before and doubles the number that is kept, up to a bound that follows the processors, the memory and the limit of
// open files ([KeepReady]); after a second without a Start half of them are let go,
// the last after a minute. One that dies is replaced. In a child
// that begins with the third Start.
//
// A child that is kept ready is no child of the program yet: it isn't among
// [Children], its pid is no Process's, and it has neither its standard streams nor
// the other descriptors that this process hands down. It gets these with its job.
// Everything else it has inherited when it was made. So Start compares
// that, while the child reads its job, with what this process has now: environment,
// directory, root, umask, user, group, capabilities, resource limits, ignored
// signals, priorities, processors, control group, namespaces, process group and
// session. If anything differs, Start ends the workers that wait and starts
// a new child, which behaves the same. What can't be compared are descriptors
// above 2 that the program makes inheritable by hand, after the first Start, and
// files that Prepare reads: a program that does such things calls KeepReady(0).
//
// Start returns when the child has said that it has the job. One that is killed
// before that did not begin with it, and another one gets it.
//
// A child that waits runs with GOMAXPROCS 1, so that its job gets the processor of the
// runtime that has been warmed up; it has all of them when Main is called. Until Init
// its environment says so, unless GOMAXPROCS was set: a program that takes its
// environment before Init takes it through [Environ].
//
// A child that waits is a process group of its own, so that no Ctrl-C ends it. It
// has come back into this process's group before Start returns, unless
// [Command].OwnGroup says otherwise.
//
// A child that waits ends when this process ends, however that happens.
//
// # The lifeline
//
// The control channel is open for as long as its starter lives, for whatever reason
// that ends: the kernel closes it, also after SIGKILL. It doesn't matter which
// thread did the starting, unlike with PR_SET_PDEATHSIG. On Linux the kernel
// also acts on it, so that a daemon ends that is stopped or short of processor
// time; elsewhere a goroutine of the daemon does. On macOS and the BSDs a kqueue
// says that the starter has ended, so that it doesn't matter either who else has
// its end of the channel.
//
// # Platforms
//
// Linux has all of it. Waiting for a child holds no thread where the kernel has
// pidfds (Linux 5.4) or kqueues (macOS, the BSDs). What these have is tested on
// Linux by the tag portable. On Windows a plain pipe
// stands in for the socket, Terminate is Kill, there is no Interrupt, and output
// has been delivered when its last writer has closed the pipe, grandchildren
// included.
package proc

import (
	"errors"
	"io"
	"os"
	"sync/atomic"
)

// ErrNoInit is returned by Start in a program that did not call Init. The
// child of such a program would not know that it is one, and start the next.
var ErrNoInit = errors.New("proc: Init was not called: call it first in main")

// initialized is a fact about this process: Init was called.
var initialized atomic.Bool

// cookie is the variable that tells a process it may be a child. Its value is
// the nonce which the hello on the control channel repeats.
const cookie = "LUASPAWN_CHILD"

// Command describes a child. The zero Command is a child with an empty payload
// that writes where this process writes.
type Command struct {
	// Payload is handed to the child as Self.Payload; nil is an empty one.
	// At most a tebibyte. Start is done with it when it returns.
	Payload []byte

	// Head stands before Payload in Self.Payload, so that what says how to read
	// a large payload needs no copy of it; nil is nothing. Start is done with it
	// too when it returns.
	Head []byte

	// Room is how many bytes of memory the child will need at once, beside
	// those of Payload: a hint, by which they are made ready, and taken, in
	// larger pieces than one page. At most 128 times the length of both
	// counts, and at most 256 MiB; 0 is nothing to make ready.
	Room int

	// Files are handed to the child as Self.Files, in this order; nil is
	// none. At most 65,536, within the child's limit of open files. The
	// child gets duplicates that share offset and flags with ours, so that
	// a pipe from os.Pipe is non-blocking on both sides. The caller keeps
	// its own and may close them when Start has returned.
	Files []*os.File

	// Standing is a file that all children get, always the same, as
	// Self.Standing. One that is kept ready has it before there is a job, so
	// that it delays no start. It must stay open; nil is none.
	Standing *os.File

	// Daemon says that the child ends, at once, when this process ends,
	// however it ends.
	Daemon bool

	// Lasting says that the child is one of a few that this process starts once and
	// keeps, so that it is no sign of starts to come: none is prestarted for its sake,
	// which would take the processors that it needs to begin.
	Lasting bool

	// OwnGroup says that the child is a process group of its own, from its
	// beginning: what is sent to this process's group, as a terminal's Ctrl-C
	// is, doesn't reach it. False: it belongs to this process's group.
	OwnGroup bool

	// Stdout and Stderr are where the child writes. Nil is this process's
	// os.Stdout or os.Stderr. An *os.File is inherited as it is.
	//
	// Any other Writer is written to by a goroutine, in whole lines, one or
	// more with each Write; only a line longer than a mebibyte comes in
	// pieces, and the unfinished one when the child has ended. Stdout and
	// Stderr of one Command that are equal are never written to at the same
	// time. A Writer that several children share has to be safe for
	// concurrent use, and also one that grandchildren write to, since they
	// may do so after the child has ended. After an error of the Writer's
	// all further output is read and thrown away, so that the child doesn't
	// block.
	Stdout, Stderr io.Writer
}
