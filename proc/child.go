package proc

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	_ "luaspawn/proc/internal/stack" // large from the start
	"luaspawn/proc/internal/wire"
)

// Self is what a child knows of itself.
type Self struct {
	Payload []byte     // what Command.Head and Payload held; never nil
	Files   []*os.File // duplicates of Command.Files, in order, close-on-exec
	Daemon  bool       // what Command.Daemon held

	Standing *os.File // a duplicate of Command.Standing, close-on-exec; nil: there is none

	parent int
	c      *channel
	watch  sync.Once // lets the starter's end be noticed
	gone   chan struct{}
	close  sync.Once // closes gone
}

// ParentPid returns the process id of the starter. Unlike os.Getppid it stays
// the same when the starter has ended.
func (s *Self) ParentPid() int { return s.parent }

// ParentGone returns a channel that is closed when the starter has ended.
func (s *Self) ParentGone() <-chan struct{} {
	s.watch.Do(func() {
		switch told := atEndOf(s.parent, s.endWithParent); {
		case s.c.waiting(): // nothing more is said, so this is the end
			s.watchParent()
		case !told:
			go s.watchParent()
		}
	})
	return s.gone
}

// Environ returns a copy of environ without what is there for this package only. It is
// for what os.Environ has returned before Init; nil stays nil.
func Environ(environ []string) []string {
	environ = without(environ, cookie)
	if i := slices.Index(environ, oneProc); i >= 0 && startedSingle {
		environ = slices.Delete(environ, i, i+1)
	}
	return environ
}

// startedSingle is a fact about this process: oneProc was added to its environment.
var startedSingle bool

// A Program is what the children of a program do.
type Program struct {
	// Main is what a child does; the low eight bits of the result are its
	// status.
	Main func(*Self) int

	// Prepare is called in a child that is kept ready, before Main, and gets
	// ready what Main will need. Such a child has no standard streams yet,
	// and may never be given a job: it should have no effect outside itself.
	// Nil: there is nothing to prepare.
	Prepare func(*Waiting)
}

// Init is Program.Init for a program whose children have nothing to prepare.
func Init(main func(*Self) int) { Program{Main: main}.Init() }

// Init belongs first in main and in TestMain, before anything that a child
// should not do. In a child it never returns: it receives what Start was given,
// calls Main, and exits with the low eight bits of the result. In any other
// process it notes that Start may be used, and returns.
//
// A child whose starter ends before everything has arrived exits silently with
// status 1, one that can't receive it says why on standard error first.
func (program Program) Init() {
	nonce := os.Getenv(cookie)
	os.Unsetenv(cookie) // also when it isn't for us: it is for nobody below us
	initialized.Store(true)
	noteFirst()
	if len(nonce) != wire.NonceSize {
		return
	}
	c, err := claimChannel(nonce)
	if c == nil && err == nil {
		return
	}
	takeTitle()
	DefaultSignals()
	var self *Self
	if err == nil {
		takeName()
		self, err = program.receive(c, nonce)
	}
	if err != nil {
		if !cutOff(err) {
			fmt.Fprintln(os.Stderr, "proc: receive job:", err)
		}
		os.Exit(1)
	}
	if self.Daemon && (!tie(c) || c.waiting()) { // its starter may have ended before it was tied
		self.ParentGone()
	}
	ready.spare = spared
	status := program.Main(self)
	runtime.KeepAlive(self) // it holds the end of the channel that the kernel watches
	os.Exit(status & 0xff)
}

// Waiting is a child that is kept ready, on its way to its job.
type Waiting struct {
	c        *channel
	standing *os.File // of the Self to be
	group    int      // what it was in; 0: nothing that it could come back to
	procs    int      // GOMAXPROCS of the job
	ready    bool
	order    wire.Order // the job, once it has come
	err      error      // or why it never will
}

// Ready says that the job may come from now on. What is prepared after that is
// prepared while there is time for it.
func (w *Waiting) Ready() {
	if !w.ready {
		w.ready = true
		_, w.err = w.c.Write([]byte{wire.Ready})
	}
}

// Trim lets go of what only the way hither has taken: the pages of the program
// that start it and prepare it, of which there are more than the job needs. Each
// that is mapped takes part of a microsecond at the end of the child. What Prepare
// does after that, those of the job had best be in, brings back what it needs.
func (w *Waiting) Trim() { forgetProgram() }

// Called reports whether there is something that Next would return at once: the
// job may be waiting.
func (w *Waiting) Called() bool { return w.over() || w.c.waiting() }

func (w *Waiting) over() bool { return w.err != nil || w.order.Kind == wire.KindJob }

// Next waits for the next Note of the starter and returns it, or nil if it was woken.
// When the job has come, or the starter is gone, ok is false: Prepare returns then.
func (w *Waiting) Next() (note []byte, ok bool) {
	w.Ready()
	if w.over() {
		return nil, false
	}
	w.order, w.err = wire.ReadOrder(w.c)
	if w.err == nil && w.order.Kind == wire.KindWake {
		w.lookOut()
		return nil, true
	}
	runtime.Gosched() // else the runtime, awake again, takes us for one that has run all the time, and interrupts
	if w.over() {
		return nil, false
	}
	if w.order.Kind != wire.KindNote {
		w.err = fmt.Errorf("%w: told to wait twice", wire.ErrBad)
		return nil, false
	}
	note, w.err = wire.ReadPayload(w.c, uint64(w.order.Size), nil)
	return note, w.err == nil
}

// lookOut waits for what comes next without sleeping, for as long as a starter may
// take to put a small job together. To wake a processor that has gone to sleep again
// takes as long as much of what a start consists of.
func (w *Waiting) lookOut() {
	const moment = 400 * time.Microsecond
	for since := time.Now(); !w.c.waiting() && time.Since(since) < moment; {
		yield()
	}
}

// wait lets the child wait for its job, prepared. While it waits, and before it
// says that it is ready to, it is no part of its starter's process group: what a
// terminal sends to that (Ctrl-C, Ctrl-Z) is for those that have a job.
func (program Program) wait(c *channel, order wire.Order) *Waiting {
	w := &Waiting{c: c, group: processGroup()}
	showReady()
	if order.Standing {
		if c.received() == 0 {
			w.err = fmt.Errorf("%w: no file came", wire.ErrBad)
			return w
		}
		w.standing = c.takeFile()
	}
	if startedSingle = order.Single; startedSingle {
		os.Unsetenv(maxProcs)
		runtime.SetDefaultGOMAXPROCS()
	}
	// What is prepared, memory above all, is in the hands of one of the runtime's
	// processors. So there is only that one, and the job gets it.
	w.procs = runtime.GOMAXPROCS(1)
	if w.group != 0 {
		joinGroup(0)
	}
	if program.Prepare != nil {
		program.Prepare(w)
	}
	for ok := true; ok; {
		_, ok = w.Next()
	}
	return w
}

// await waits until the child may begin with the job that it has read. Until then it is
// to have no effect outside itself: it may be none of those that are wanted.
func (w *Waiting) await() error {
	if os.Getenv(maxProcs) == "" {
		// What was set by a call no longer follows the limits of the control group.
		time.AfterFunc(time.Second, func() {
			if runtime.GOMAXPROCS(0) == w.procs {
				runtime.SetDefaultGOMAXPROCS()
			}
		})
	}
	runtime.GOMAXPROCS(w.procs)
	return wire.ReadGo(w.c)
}

// begin says that the child has got its job.
func (w *Waiting) begin() error {
	showBegun()
	switch {
	case w.order.Job.OwnGroup:
		joinGroup(0)
	case w.group != 0:
		joinGroup(w.group)
	}
	_, err := w.c.Write([]byte{wire.Taken})
	return err
}

// receive reads from the control channel what this child is.
func (program Program) receive(c *channel, nonce string) (*Self, error) {
	said, err := wire.ReadHello(c)
	if err != nil {
		return nil, err
	}
	if said != nonce {
		return nil, fmt.Errorf("%w: not the nonce of this child", wire.ErrBad)
	}
	order, err := wire.ReadOrder(c)
	if err != nil {
		return nil, err
	}
	switch order.Kind {
	case wire.KindJob:
		if !order.Job.Threads {
			c.Write([]byte{wire.Taken}) // for Process.Settle; who doesn't ask doesn't read it
		}
		self, err := receiveJob(c, order.Job, func() error { return nil })
		if err == nil && order.Job.Threads {
			_, err = c.Write([]byte{wire.Taken})
		}
		return self, err
	case wire.KindWait:
		w := program.wait(c, order)
		if w.err != nil {
			return nil, w.err
		}
		self, err := receiveJob(c, w.order.Job, w.await)
		if err == nil {
			self.Standing = w.standing
			err = w.begin()
		}
		return self, err
	}
	return nil, fmt.Errorf("%w: an order %q for a child that doesn't wait", wire.ErrBad, order.Kind)
}

// receiveJob reads what belongs to a job. The descriptors get their numbers when await
// has returned.
func receiveJob(c *channel, job wire.Job, await func() error) (*Self, error) {
	var onto []int
	for range job.Onto {
		number, err := wire.ReadOnto(c)
		if err != nil {
			return nil, err
		}
		if onto = append(onto, number); c.received() < len(onto) {
			return nil, fmt.Errorf("%w: no descriptor %d", wire.ErrBad, number)
		}
	}
	for announced := job.Onto; announced < job.Onto+job.Files; {
		n, err := wire.ReadFiles(c)
		if err != nil {
			return nil, err
		}
		if announced += n; announced > job.Onto+job.Files || c.received() < announced {
			return nil, fmt.Errorf("%w: %d descriptors, %d of %d were announced", wire.ErrBad, c.received(), announced, job.Onto+job.Files)
		}
	}
	makeRoom(int(job.Room))
	payload, err := wire.ReadPayload(c, job.Payload, touchHuge)
	if err != nil {
		return nil, err
	}
	if err := await(); err != nil {
		return nil, err
	}
	if job.Threads {
		if err := makeThreads(toRun); err != nil {
			return nil, err
		}
	}
	for _, number := range onto {
		if err := c.takeOnto(number); err != nil {
			return nil, err
		}
	}
	if c.received() != job.Files {
		return nil, fmt.Errorf("%w: %d descriptors, %d were announced", wire.ErrBad, c.received(), job.Files)
	}
	self := &Self{
		Payload: payload,
		Daemon:  job.Daemon,
		parent:  job.Parent,
		c:       c,
		gone:    make(chan struct{}),
	}
	if job.Standing {
		self.Standing = c.takeFile()
	}
	self.Files = c.takeFiles()
	return self, nil
}

// cutOff reports whether err is what a starter leaves behind that has ended in
// the middle of its sentence.
func cutOff(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || peerGone(err)
}

// watchParent is the lifeline where the system doesn't tell of a parent's end. Nothing more is
// said on the channel, so that a read returns when the other end is closed.
func (s *Self) watchParent() {
	var b [64]byte
	for {
		_, err := s.c.Read(b[:])
		if cutOff(err) || errors.Is(err, os.ErrClosed) {
			break
		}
		if err != nil { // of the system's, which says nothing about the starter
			time.Sleep(100 * time.Millisecond)
		}
	}
	s.endWithParent()
}

// endWithParent does what is to be done at the starter's end. It may be called twice, when it has
// ended while we looked.
func (s *Self) endWithParent() {
	if s.Daemon {
		endNow()
	}
	s.close.Do(func() { close(s.gone) })
}
