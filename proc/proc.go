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
//	                 our end of the socket stays open ...  a goroutine reads the other:
//	                                                       end of file: ParentGone,
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
// are ignored here. It catches none.
//
// # The lifeline
//
// The control channel is open for as long as its starter lives, however that
// one ends: the kernel closes it, also after SIGKILL. It doesn't matter which
// thread did the starting, unlike with PR_SET_PDEATHSIG. On Linux the kernel
// also acts on it, so that a daemon ends that is stopped or short of processor
// time; elsewhere a goroutine of the daemon does.
//
// # Platforms
//
// Linux has all of it; waiting for a child there holds no thread where the
// kernel has pidfds (5.4). On macOS it holds one. On Windows a plain pipe
// stands in for the socket, files can't be passed, Terminate is Kill, there is
// no Interrupt, and output has been delivered when its last writer has closed
// the pipe, grandchildren included.
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

	// Files are handed to the child as Self.Files, in this order; nil is
	// none. At most 65,536, within the child's limit of open files. The
	// child gets duplicates that share offset and flags with ours, so that
	// a pipe from os.Pipe is non-blocking on both sides. The caller keeps
	// its own and may close them when Start has returned.
	Files []*os.File

	// Daemon says that the child ends, at once, when this process ends,
	// however it ends.
	Daemon bool

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
