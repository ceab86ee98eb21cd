package pool

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"luaspawn/proc/internal/fds"
	"luaspawn/proc/ipc"
)

// A Handler is the program of a worker. One goroutine calls its methods. They may keep what they are given, and must close
// the files.
type Handler interface {
	// Setup is called first, if the pool has a setup. If it returns an error the worker ends, and
	// the front is told the text.
	Setup(b Blob) error

	// Define prepares a call, given the call's blob. What it returns is passed to Run.
	Define(b Blob) (call any)

	// Run runs the tasks of a chunk: it calls Next for a task and Return with its result, until Next has
	// none. If it returns stop instead of calling Return, the worker ends, and the
	// task is lost.
	Run(call any, t *Tasks) (stop bool)
}

// A Handler that implements Idler is told when there is nothing to do: Idle is called before the worker sleeps, and
// after that.
type Idler interface{ Idle(idle bool) }

// Functions is a Handler of Go functions: the blob of a call is the name of a function. If that returns an error the
// task has failed, with the error's text.
type Functions map[string]func(task []byte) (result []byte, err error)

// Setup calls the function of this name, with nil.
func (f Functions) Setup(b Blob) error {
	do, ok := f[string(b.Data)]
	if !ok {
		return fmt.Errorf("pool: no function %q", b.Data)
	}
	_, err := do(nil)
	return err
}

// Define returns the function of this name.
func (f Functions) Define(b Blob) any {
	if do, ok := f[string(b.Data)]; ok {
		return do
	}
	return func([]byte) ([]byte, error) { return nil, fmt.Errorf("pool: no function %q", b.Data) }
}

// Run calls the function for each task.
func (Functions) Run(call any, t *Tasks) bool {
	do := call.(func([]byte) ([]byte, error))
	for {
		task, files, ok := t.Next()
		if !ok {
			return false
		}
		closeAll(files)
		result, err := do(task)
		if err != nil {
			result = []byte(err.Error())
		}
		t.Return(err != nil, result, nil)
	}
}

// Work runs a worker of the transport [Processes], which was started with these files. It returns nil when the worker is to
// end.
func Work(files []*os.File, h Handler) error {
	w, err := openWorker(files)
	if err != nil {
		return err
	}
	return w.serve(h)
}

// LinkFiles is how many files a worker of Processes gets.
const LinkFiles = 3 + ipc.PipeFiles

// worker is the worker's side of a link.
type worker struct {
	segment    *segment
	requests   ring
	results    ring
	parent     *os.File // its notifier
	notifier   *os.File // ours
	notifierFd int
	pipe       *ipc.Pipe
	spares     ipc.Spares
	clock      clock
	calls      map[uint64]any
	notified   int64 // when we notified the parent last
	finished   uint64
	idle       func(bool) // of an Idler; nil: it is none
	every      int        // how many tasks there are from one look at the clock to the next
}

func openWorker(files []*os.File) (*worker, error) {
	if len(files) != LinkFiles {
		return nil, errors.New("pool: these are not the files of a worker")
	}
	s, err := openSegment(files[0])
	files[0].Close()
	if err != nil {
		return nil, fmt.Errorf("pool: %w", err)
	}
	pipe, err := ipc.OpenPipe(files[3:], true, true)
	if err != nil {
		return nil, fmt.Errorf("pool: %w", err)
	}
	w := &worker{segment: s, requests: s.requests(), results: s.results(), parent: files[1], notifier: files[2],
		pipe: pipe, spares: ipc.Spares{Most: 1}, clock: newClock(), calls: map[uint64]any{}, every: 1}
	w.notifierFd = int(w.notifier.Fd())
	return w, nil
}

// request is a request that was read.
type request struct {
	kind, slot int
	head, body []byte // body is what went through the pipe, or part of head's memory
	files      []*os.File
}

// rest returns what follows the first head bytes.
func (q *request) rest(head int) []byte {
	if q.body != nil {
		return q.body
	}
	return q.head[head:]
}

// next waits for a request.
func (w *worker) next() (q request, err error) {
	sleeps := w.segment.shared(wordWorkerSleeps)
	for {
		tag, body, ok := w.requests.read()
		if ok {
			q.kind, q.slot, _ = takeTag(tag)
			q.head = append([]byte(nil), body...)
			w.requests.free()
			if tag&(inFile|withFiles) != 0 {
				data, files, err := w.pipe.Recv(context.Background())
				if err != nil {
					return q, err
				}
				q.files = files
				if tag&inFile != 0 {
					q.body = data
				}
			}
			return q, nil
		}
		if w.finished > 0 && w.lookOut() {
			continue
		}
		sleeps.Store(forRequests)
		if w.requests.empty() {
			if w.idle != nil {
				w.idle(true)
			}
			awaitNotifier(w.notifierFd)
			if w.idle != nil {
				w.idle(false)
			}
		}
		sleeps.Store(0)
	}
}

// lookOut spins for a moment until the next request is there, and reports whether it is: to be woken would take longer
// than most tasks that come one by one. Meanwhile it gives way to other processes
// that want the processor.
func (w *worker) lookOut() bool {
	for until := w.clock.now() + moment; w.clock.now() < until; {
		if !w.requests.empty() {
			return true
		}
		fds.Yield()
	}
	return false
}

const moment = 50_000 // ns

func (w *worker) serve(h Handler) error {
	began := false
	if h, ok := h.(Idler); ok {
		w.idle = h.Idle
	}
	for {
		if !began && w.requests.empty() {
			// There is no setup. The parent isn't notified, as it doesn't wait for this: it reads it with the next record, or
			// when this process has ended, which is then no failed start.
			w.write(uint32(tagReady), nil, nil)
			began = true
		}
		q, err := w.next()
		if err != nil {
			return err
		}
		if !began && q.kind != tagSetup {
			w.write(uint32(tagReady), nil, nil)
			w.notify(w.clock.now())
		}
		began = true
		switch q.kind {
		case tagSetup:
			if err := h.Setup(Blob{q.rest(0), q.files}); err != nil {
				w.write(uint32(tagFailed), []byte(err.Error()), nil)
				w.notify(w.clock.now())
				return nil
			}
			w.write(uint32(tagReady), nil, nil)
			w.notify(w.clock.now())
		case tagDefine:
			w.calls[binary.LittleEndian.Uint64(q.head)] = h.Define(Blob{q.rest(8), q.files})
		case tagForget:
			delete(w.calls, binary.LittleEndian.Uint64(q.head))
		case tagStop:
			return nil
		case tagChunk:
			t := w.tasks(q)
			call := w.calls[t.call]
			if t.flags&flagOnly != 0 {
				delete(w.calls, t.call)
			}
			if h.Run(call, t) {
				return nil
			}
			t.finish()
		}
	}
}

// write writes a record for the parent, and waits for room. Long data, and files, go through the
// pipe, before the record that says so.
func (w *worker) write(tag uint32, data []byte, files []*os.File) {
	if len(data) > largeRecord || len(files) > 0 {
		message := data
		if len(data) <= largeRecord {
			message = nil
		}
		err := w.send(message, files)
		switch {
		case err != nil:
			_, slot, task := takeTag(tag)
			tag, data, files = tagOf(tagUnsent, slot, task), []byte(err.Error()), nil
		case message != nil:
			tag, data = tag|inFile, nil
		}
		if len(files) > 0 {
			tag |= withFiles
		}
	}
	for !w.results.write(tag, data, nil) {
		sleeps := w.segment.shared(wordWorkerSleeps)
		sleeps.Store(forRoom)
		if _, _, ok := w.results.place(len(data)); !ok {
			w.notify(w.clock.now())
			awaitNotifier(w.notifierFd)
		}
		sleeps.Store(0)
	}
}

// send sends a message through the pipe.
func (w *worker) send(message []byte, files []*os.File) error {
	return sendLong(w.pipe, &w.spares, message, files, func() { // until the parent has taken some
		w.notify(w.clock.now())
		time.Sleep(time.Millisecond)
	})
}

// worthSpare is the length from which on the file of a message is kept, to be used again.
const worthSpare = 1 << 20

// sendLong sends a message as Pipe.Send does, in a file that was used before if that is worth it. As long as too many files are
// under way it calls wait, which may be nil, and tries again.
func sendLong(p *ipc.Pipe, spares *ipc.Spares, message []byte, files []*os.File, wait func()) error {
	send := func() error { return p.Send(context.Background(), message, files) }
	if len(message) >= worthSpare {
		if b, err := spares.Body(); err == nil {
			defer spares.Keep(b)
			if _, err := b.Write(message); err != nil {
				return err
			}
			send = func() error { return p.SendBody(context.Background(), b, 0, files) }
		}
	}
	err := send()
	for wait != nil && errors.Is(err, ipc.ErrInFlight) {
		wait()
		err = send()
	}
	return err
}

// notify wakes the parent, if it sleeps.
func (w *worker) notify(now int64) {
	w.notified = now
	if w.segment.shared(wordParentSleeps).Swap(awake) != awake {
		notify(w.parent)
	}
}

// Tasks gives a Handler the tasks of a chunk.
type Tasks struct {
	w     *worker
	slot  int
	call  uint64
	n     int
	first int // index of the first
	flags byte
	rest  []byte
	files map[int][]*os.File
	begun int // of them
	done  int
	since int64 // when it began
	look  int   // how many more tasks until the clock is looked at
	now   int64 // what it said
}

func (w *worker) tasks(q request) *Tasks {
	t := &Tasks{w: w, slot: q.slot, call: binary.LittleEndian.Uint64(q.head), n: int(binary.LittleEndian.Uint32(q.head[8:])), flags: q.head[12], first: int(binary.LittleEndian.Uint32(q.head[13:]))}
	head := 17
	if len(q.files) > 0 {
		t.files = map[int][]*os.File{}
		count := binary.LittleEndian.Uint32(q.head[head:])
		head += 4
		for range count {
			task, n := binary.LittleEndian.Uint32(q.head[head:]), binary.LittleEndian.Uint32(q.head[head+4:])
			head += 8
			t.files[int(task)], q.files = q.files[:n:n], q.files[n:]
		}
	}
	t.rest = q.rest(head)
	t.now = w.clock.now()
	t.since = t.now
	w.segment.shared(wordSince).Store(uint64(t.now))
	t.look = w.every
	if t.flags&flagMore != 0 && w.requests.empty() && w.segment.shared(wordParentSleeps).Load() != awake {
		w.notify(t.now) // so that the next chunk is there when this one is done
	}
	return t
}

// Looking at the clock takes as long as a tiny task, so it isn't done for each.
const (
	lookSoon   = 20_000  // ns; less often, where they come faster than this
	lookLate   = 100_000 // more often, where they come slower
	notifyEach = 2_000_000
)

// Next claims a task: from then on the task is lost if this process dies. files are the files
// that came with it.
func (t *Tasks) Next() (task []byte, files []*os.File, ok bool) {
	w := t.w
	if t.look--; t.look <= 0 || t.flags&flagExact != 0 {
		now := w.clock.now()
		switch passed := now - t.now; {
		case passed < lookSoon:
			w.every = min(2*w.every, 1024)
		case passed > lookLate:
			w.every = max(1, w.every/8)
		}
		t.now, t.look = now, w.every
		w.segment.shared(wordSince).Store(uint64(now))
		if now-w.notified > notifyEach && t.done > 0 && w.segment.shared(wordParentSleeps).Load() != awake {
			w.notify(now)
		}
	}
	if !w.segment.claim(t.slot) {
		return nil, nil, false
	}
	task, t.rest = CutTask(t.rest)
	if t.files != nil {
		files = t.files[t.begun]
		delete(t.files, t.begun)
	}
	t.begun++
	return task, files, true
}

// Index returns the index, in its call, of the task that Next returned last; the first one is
// 0.
func (t *Tasks) Index() int { return t.first + t.begun - 1 }

// Return gives the outcome of the task that Next returned last. After that the task can't be lost any
// more. The files stay the caller's.
func (t *Tasks) Return(failed bool, data []byte, files []*os.File) {
	kind := tagResult
	if failed {
		kind = tagFailure
	}
	t.w.write(tagOf(kind, t.slot, t.begun-1), data, files)
	t.done++
	if t.done < t.n && t.w.segment.shared(wordParentSleeps).Load() == parked || len(data) > largeRecord {
		t.w.notify(t.now)
	}
}

// finish says that the chunk is over.
func (t *Tasks) finish() {
	w := t.w
	for _, files := range t.files {
		closeAll(files) // of tasks that were taken back
	}
	now := w.clock.now()
	w.segment.spent(t.slot).Store(uint64(now - t.since))
	w.finished++
	w.segment.shared(wordFinished).Store(w.finished)
	if state := w.segment.shared(wordParentSleeps).Load(); state == parked || state == dozing && (w.requests.empty() || now-w.notified > notifyEach) {
		w.notify(now)
	}
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}
