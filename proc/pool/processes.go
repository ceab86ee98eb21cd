package pool

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"luaspawn/proc"
	"luaspawn/proc/ipc"
)

// Processes is the Transport to processes of this machine, which are children of this one. A worker and its parent pass
// chunks and results through memory that they share; see
// segment. Beside it there are
//
//	notifiers  one of the worker, and one of the parent for all workers, eventfds on Linux.
//	           A side that is about to sleep says so in the memory; the other one notifies it then.
//	pipe       takes long messages, as files, and files that go with tasks and results
//
// Linux only.
type Processes struct {
	start    func(ctx context.Context, w WorkerSpec, files []*os.File) (*proc.Process, error)
	bodies   bool     // reports have bodies
	notifier *os.File // pump sleeps at it
	waker    *os.File // others notify pump by it
	clock    clock
	spares   ipc.Spares // files of large tasks that were sent to workers: the last four stay for a second, to be used again

	mu     sync.Mutex
	links  []*link       // never changed in place
	pumped chan struct{} // closed when pump has returned
	closed atomic.Bool

	telling  sync.Mutex  // held while what has come is passed on, by pump or LookOut
	reports  []Report    // memory that is used again
	left     []byte      // memory for the results that come next, see room
	asleep   uint64      // what pump does: awake, dozing or parked
	lookouts int         // calls of LookOut
	relieved atomic.Bool // lookouts isn't 0: pump needn't look out
}

// NewProcesses returns a transport. It calls start to start a worker: a process that passes files, in their order, to
// [Work], and that ends when this process does. start may be called by several goroutines at a
// time.
func NewProcesses(start func(ctx context.Context, w WorkerSpec, files []*os.File) (*proc.Process, error)) (*Processes, error) {
	notifier, waker, err := newNotifier()
	if err != nil {
		return nil, fmt.Errorf("pool: %w", err)
	}
	t := &Processes{start: start, notifier: notifier, waker: waker, clock: newClock(), spares: ipc.Spares{Most: 4}, pumped: make(chan struct{})}
	go t.pump()
	return t, nil
}

func (t *Processes) Depth() int         { return depth }
func (t *Processes) CarriesFiles() bool { return true }

// Close ends the goroutine that listens to workers.
func (t *Processes) Close() {
	t.closed.Store(true)
	notify(t.waker)
	<-t.pumped
	t.spares.Close()
	t.notifier.Close()
	t.waker.Close()
}

// TakeBodies leaves the data of a report in its file if the worker has sent it as a file. It is for callers that pass the data
// on. It must be called before any Start.
func (t *Processes) TakeBodies() { t.bodies = true }

// link is the parent's side of one worker.
type link struct {
	events   Events
	process  *proc.Process
	clock    *clock
	spares   *ipc.Spares
	pipe     *ipc.Pipe
	notifier *os.File // the worker's
	results  ring
	dead     chan struct{} // closed when the process has ended

	mu       sync.Mutex
	segment  *segment // nil: the worker is gone
	requests ring
	sent     uint64 // how many chunks were sent
	finished uint64 // how many of them are finished
	held     [slots]held
}

// held is a chunk that the worker has: the n-th that was sent is in slot n%slots.
type held struct {
	id     uint64
	got    int  // results
	inFile bool // it went through the pipe: it is a file, or files go with it
}

// Start implements Transport.
func (t *Processes) Start(ctx context.Context, w WorkerSpec, events Events) (Link, error) {
	s, memory, err := newSegment()
	if err != nil {
		return nil, err
	}
	defer memory.Close()
	l := &link{events: events, clock: &t.clock, spares: &t.spares, segment: s, requests: s.requests(), results: s.results(), dead: make(chan struct{})}
	files := []*os.File{memory, t.waker}
	defer func() {
		for _, f := range files[2:] {
			f.Close()
		}
	}()
	fail := func(err error) (Link, error) {
		l.close().unmap()
		return nil, err
	}
	notifier, theirs, err := newWorkerNotifier()
	if err != nil {
		return fail(err)
	}
	l.notifier = notifier
	files = append(files, theirs)
	ours, pipe, err := ipc.NewPipe(true)
	if err != nil {
		return fail(err)
	}
	l.pipe = ours
	pipeFiles, err := pipe.Files()
	pipe.Close()
	if err != nil {
		return fail(err)
	}
	files = append(files, pipeFiles...)
	if w.Setup != nil {
		if err := l.write(tagSetup, nil, w.Setup.Data, w.Setup.Files, nil); err != nil {
			return fail(err)
		}
	}
	if l.process, err = t.start(ctx, w, files); err != nil {
		return fail(err)
	}
	t.mu.Lock()
	t.links = append(slices.Clip(t.links), l)
	t.mu.Unlock()
	go func() {
		<-l.process.Done()
		close(l.dead)
		t.tell()
	}()
	notify(t.waker) // the worker may have written something before it was in the list
	return l, nil
}

// write writes a request. Long ones, and files, go through the pipe. If c isn't nil its body is in the file that c
// has.
func (l *link) write(tag uint32, head, body []byte, files []*os.File, c *Chunk) error {
	if len(body) > largeRecord || len(files) > 0 {
		message := body
		if len(body) > largeRecord {
			tag, body = tag|inFile, nil
		} else {
			message = nil
		}
		if len(files) > 0 {
			tag |= withFiles
		}
		var err error
		if c != nil && c.Body != nil && message != nil {
			err = l.pipe.SendBody(context.Background(), c.Body, c.BodyAt, files)
		} else {
			err = sendLong(l.pipe, l.spares, message, files, nil)
		}
		if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
			return nil // the worker has ended; Gone tells so, and its tasks are lost or go to others
		}
		if err != nil {
			return err
		}
	}
	if !l.requests.write(tag, head, body) {
		return errFull
	}
	return nil
}

var errFull = errors.New("pool: a worker was sent more than it holds")

// wake notifies the worker, if it sleeps.
func (l *link) wake() {
	if l.segment.shared(wordWorkerSleeps).Swap(0) != 0 {
		notify(l.notifier)
	}
}

func (l *link) Pid() int { return l.process.Pid() }

// Flags of a chunk.
const (
	flagExact = 1 << iota
	flagOnly
	flagMore // more is to come soon
)

// Send implements Link.
func (l *link) Send(c Chunk, blob *Blob) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.segment == nil {
		return nil
	}
	if l.sent-l.finished >= slots {
		return errFull
	}
	if blob != nil {
		head := binary.LittleEndian.AppendUint64(nil, c.Call)
		if err := l.write(tagDefine, head, blob.Data, blob.Files, nil); err != nil {
			return err
		}
	}
	slot := int(l.sent % slots)
	flags := byte(0)
	set := func(flag byte, on bool) {
		if on {
			flags |= flag
		}
	}
	set(flagExact, c.Exact)
	set(flagOnly, c.Only)
	set(flagMore, c.More)
	var room [64]byte
	head := binary.LittleEndian.AppendUint64(room[:0], c.Call)
	head = append(binary.LittleEndian.AppendUint32(head, uint32(c.N)), flags)
	head = binary.LittleEndian.AppendUint32(head, uint32(c.First))
	var files []*os.File
	if len(c.Files) > 0 {
		head, files = appendFiles(head, c.Files)
	}
	l.segment.claims(slot).Store(claimsOf(0, c.N))
	if err := l.write(tagOf(tagChunk, slot, 0), head[:len(head):len(head)], c.Tasks, files, &c); err != nil {
		return err
	}
	l.held[slot] = held{id: c.ID, inFile: len(c.Tasks) > largeRecord || len(files) > 0}
	l.sent++
	l.wake()
	return nil
}

// Full implements Wide.
func (l *link) Full() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	held := l.sent - l.finished
	if held < depth || l.segment == nil {
		return false
	}
	for at := l.finished; at < l.sent; at++ {
		if l.held[at%slots].inFile { // the descriptors under way are limited, for all processes of a user together
			return true
		}
	}
	return held >= slots || l.requests.room() < 3*(largeRecord+recordHead+64) // a blob, a chunk, and a gap at the ring's end
}

// appendFiles appends which tasks have how many files: count {task count}.
func appendFiles(b []byte, of map[int][]*os.File) ([]byte, []*os.File) {
	var files []*os.File
	b = binary.LittleEndian.AppendUint32(b, uint32(len(of)))
	tasks := make([]int, 0, len(of))
	for task := range of {
		tasks = append(tasks, task)
	}
	slices.Sort(tasks)
	for _, task := range tasks {
		b = binary.LittleEndian.AppendUint32(b, uint32(task))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(of[task])))
		files = append(files, of[task]...)
	}
	return b, files
}

// Forget implements Link. It wakes nobody.
func (l *link) Forget(call uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.segment != nil {
		l.requests.write(tagForget, binary.LittleEndian.AppendUint64(nil, call), nil)
	}
}

// TakeBack implements Link.
func (l *link) TakeBack(chunk uint64, n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.segment == nil {
		return 0
	}
	for at := l.finished; at < l.sent; at++ {
		if slot := int(at % slots); l.held[slot].id == chunk {
			return l.segment.takeBack(slot, n)
		}
	}
	return 0
}

// Running implements Link.
func (l *link) Running() (Task, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.running()
}

func (l *link) running() (Task, bool) {
	if l.segment == nil {
		return Task{}, false
	}
	for at := l.finished; at < l.sent; at++ {
		slot := int(at % slots)
		begun, _ := takeClaims(l.segment.claims(slot).Load())
		if begun > l.held[slot].got {
			// Only now: the worker says since when before it claims a task.
			since := l.segment.shared(wordSince).Load()
			return Task{l.held[slot].id, begun - 1, l.clock.time(int64(since))}, true
		}
	}
	return Task{}, false
}

// Stop implements Link.
func (l *link) Stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.segment != nil {
		l.requests.write(tagStop, nil, nil)
		l.wake()
	}
}

// grace is how long a worker has from SIGTERM to SIGKILL.
const grace = time.Second

// Terminate implements Link.
func (l *link) Terminate() {
	l.process.Terminate()
	time.AfterFunc(grace, func() { l.process.Kill() })
}

func (l *link) Kill() { l.process.Kill() }

// close frees all that the link has, except the memory, which it returns. The process is gone, or was never
// there.
func (l *link) close() (memory *segment) {
	l.mu.Lock()
	defer l.mu.Unlock()
	memory, l.segment = l.segment, nil
	if l.pipe != nil {
		l.pipe.Close()
	}
	if l.notifier != nil {
		l.notifier.Close()
	}
	return memory
}
