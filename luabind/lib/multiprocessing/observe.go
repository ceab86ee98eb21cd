package multiprocessing

import (
	"os"
	"sync"
	"sync/atomic"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/lib/multiprocessing/internal/draw"
	"luaspawn/luabind/lib/multiprocessing/internal/trace"
	"luaspawn/proc"
	"luaspawn/proc/ipc"
)

// What scripts do with processes and shared objects is passed on to
//
//	the file of a recording   Record, and all children of that process: package trace
//	the program               Config.Observe
//	whoever asks what hangs   the process's page of the board, for waits alone: see waits.go
//
// If nobody wants it, an observer is nil or has nothing to do, and a fast path costs a look at one
// pointer.

// recording is the recording of this process; nil: it has none. It is a fact about this process.
var recording *trace.Recording

// Record has this process and all its descendants record what they do in a file, from now on. It must be
// called before the engine is made. Ended is called when this process ends, also by a signal other than SIGKILL; the
// file is complete then. Draw draws what the file has, during the run or
// later.
func Record(path string, ended func()) error {
	r, err := trace.Create(path)
	if err != nil {
		return err
	}
	recording = r
	ipc.NumberItems()
	endRecording = sync.OnceFunc(func() {
		mainSeen.end(0)
		ended()
	})
	return nil
}

// EndRecording ends the recording that Record has begun, if there is one. A program calls it before it exits.
func EndRecording() {
	if endRecording != nil {
		endRecording()
	}
}

// CheckDrawing returns an error if Draw couldn't write a file: because its name doesn't end in
// .html, .json or .svg, or because it can't be written. It makes no file.
func CheckDrawing(file string) error { return draw.CheckFile(file) }

// Draw draws what Record has recorded, as a page with .html, for Perfetto with .json, or as a
// still picture with .svg. The file is replaced as a whole.
func Draw(file, recording, title string) error { return draw.File(file, recording, title) }

// These are facts about this process: what EndRecording calls, and the observer of the main
// process.
var (
	endRecording func()
	mainSeen     *observer
)

// adoptRecording has this process, a child, record into the file of its parent.
func adoptRecording(f *os.File) {
	r, err := trace.Open(f)
	if err != nil {
		return // no room for it, say: the run is more than its picture
	}
	recording = r
	ipc.NumberItems()
}

// An observer tells what a script does.
type observer struct {
	engine *luabind.Host
	record *trace.Recording
	tell   func(luabind.Event) // nil: nobody
	name   string

	exits  sync.WaitGroup // of children whose end hasn't been told yet
	number uint16         // of the engine in this process, as Aux has it; see trace.Event
	waited int64          // when the wait that ends has begun
	tasked int64          // and the task
}

// observe gives the engine an observer, if there is a recording or the program watches.
func (lib *library) observe(begin trace.Event) {
	tell := lib.engine.Config().Observe
	if recording == nil && tell == nil {
		return
	}
	if tell != nil {
		ipc.NumberItems() // those of relatives that aren't observed have none
	}
	number := uint16(observers.Add(1)-1) << trace.EngineShift
	lib.seen = &observer{engine: lib.engine, record: recording, tell: tell, name: begin.Text, number: number}
	lib.sharing.seen = lib.seen
	if begin.Aux&trace.FlagMain != 0 {
		mainSeen = lib.seen
	}
	if readySince != 0 {
		lib.seen.record.Add(trace.Event{Kind: trace.Ready, Object: uint64(readySince)})
		readySince = 0 // that was one job's
	}
	begin.Kind, begin.Time = trace.Begin, lib.seen.now()
	lib.seen.add(begin, luabind.EventBegin)
}

// observers counts those of this process.
var observers atomic.Uint32

// now returns the present time as events have it.
func (o *observer) now() int64 {
	if o.record != nil {
		return o.record.Now()
	}
	return time.Since(zero).Nanoseconds()
}

// time returns now if somebody wants events, else 0.
func (o *observer) time() int64 {
	if o == nil {
		return 0
	}
	return o.now()
}

// zero is the time from which events are timed if there is no recording. It is a fact about this process.
var zero = time.Now()

// at adds the place in the script to an event.
func (o *observer) at(e trace.Event) trace.Event {
	e.File, e.Line = place(inside.State(o.engine).G.CurrentThread)
	return e
}

// place returns where L is in the script. L is nil if no script runs.
func place(L *lua.LState) (file string, line int) {
	if L == nil {
		return "", 0
	}
	f := glua.Inside(L).Frame()
	for f != nil && (f.Fn.IsG || f.Pc == 0) {
		f = f.Parent
	}
	if f == nil {
		return "", 0
	}
	return f.Fn.Proto.SourceName, f.Fn.Proto.DbgSourcePositions[f.Pc-1]
}

// add records e, and tells the program.
func (o *observer) add(e trace.Event, kind luabind.EventKind) {
	o.record.Add(e)
	if o.tell != nil {
		o.tell(o.event(e, kind))
	}
}

// event returns e as programs see it.
func (o *observer) event(e trace.Event, kind luabind.EventKind) luabind.Event {
	v := luabind.Event{
		Time: time.Now(), Kind: kind, Pid: os.Getpid(), Process: o.name,
		Of: e.Text, Object: e.Object, Number: int(e.A), File: e.File, Line: e.Line,
	}
	switch kind {
	case luabind.EventResume:
		v.Failed, v.Took = e.Vain(), time.Duration(e.Time-o.waited)
	case luabind.EventDone:
		v.Failed, v.Took = e.Aux != 0, time.Duration(e.Time-o.tasked)
	case luabind.EventExit:
		v.Code = e.Code()
	}
	return v
}

// An object is an object that processes share, of package proc/ipc.
type object interface {
	ID() (uint64, error)
	Descriptor() int
}

// happened records that something was done with an object.
func (o *observer) happened(kind trace.Kind, name luabind.EventKind, when int64, what string, of object, number uint64) {
	id, err := of.ID()
	if err != nil {
		return
	}
	o.add(o.at(trace.Event{Kind: kind, Time: when, A: uint32(number), Object: id, Text: what}), name)
}

// acquired, released, put and got call happened. An event that another process may wait for has the time at which it
// began, so that no effect comes before its cause.
func (o *observer) acquired(what string, of object) {
	o.happened(trace.Acquire, luabind.EventAcquire, o.now(), what, of, 0)
}
func (o *observer) released(when int64, what string, of object) {
	o.happened(trace.Release, luabind.EventRelease, when, what, of, 0)
}
func (o *observer) put(when int64, q *queue) {
	o.happened(trace.Put, luabind.EventPut, when, q.name, q.Queue, q.Number())
}
func (o *observer) got(q *queue) {
	o.happened(trace.Get, luabind.EventGet, o.now(), q.name, q.Queue, q.Number())
}

// starts records that a child is about to be started.
func (o *observer) starts(name string) {
	if o != nil {
		o.record.Add(o.at(trace.Event{Kind: trace.Starts, Aux: o.number, Text: name}))
	}
}

// started records that a child was started, and later that it has ended.
func (o *observer) started(name string, p *proc.Process) {
	if o == nil {
		return
	}
	o.add(trace.Event{Kind: trace.Started, Time: o.now(), Aux: o.number, A: uint32(p.Pid()), Text: name}, luabind.EventStart)
	o.exits.Add(1)
	go func() {
		defer o.exits.Done()
		<-p.Done()
		code, _ := p.ExitCode()
		used, memory := p.Usage()
		now := o.now()
		o.record.Add(trace.Event{Kind: trace.Usage, Time: now, A: uint32(memory >> 10), Object: uint64(used)})
		e := trace.Event{Kind: trace.Exit, Time: now, Aux: uint16(int16(code)), A: uint32(p.Pid()), Text: name}
		o.record.Add(e)
		if o.tell != nil {
			v := o.event(e, luabind.EventExit)
			v.Took, v.Memory = used, memory
			o.tell(v)
		}
	}()
}

// sent records that the script has sent a child a signal.
func (o *observer) sent(p *proc.Process, signal int) {
	if o != nil {
		o.record.Add(o.at(trace.Event{Kind: trace.Signal, Aux: uint16(signal), A: uint32(p.Pid())}))
	}
}

// begins and ends record the beginning and the end of a task. They are small enough to be inlined: most of the time nobody wants the events.
func (o *observer) begins(pool string, index int) {
	if o != nil {
		o.taskBegins(pool, index)
	}
}
func (o *observer) ends(pool string, index int, failed bool) {
	if o != nil {
		o.taskEnds(pool, index, failed)
	}
}

func (o *observer) taskBegins(pool string, index int) {
	o.tasked = o.now()
	o.add(trace.Event{Kind: trace.Task, Time: o.tasked, A: uint32(index + 1), Text: pool}, luabind.EventTask)
}

func (o *observer) taskEnds(pool string, index int, failed bool) {
	e := trace.Event{Kind: trace.Done, Time: o.now(), A: uint32(index + 1), Text: pool}
	if failed {
		e.Aux = 1
	}
	o.add(e, luabind.EventDone)
}

// exitPatience is how long a process that ends waits until the ends of its children are
// recorded.
const exitPatience = 200 * time.Millisecond

// end records that the process is about to end.
func (o *observer) end(code int) {
	if o == nil {
		return
	}
	told := make(chan struct{})
	go func() {
		o.exits.Wait()
		close(told)
	}()
	select {
	case <-told:
	case <-time.After(exitPatience): // one that lives on
	}
	used, memory := proc.OwnUsage()
	now := o.now()
	o.record.Add(trace.Event{Kind: trace.Usage, Time: now, A: uint32(memory >> 10), Object: uint64(used)})
	o.add(trace.Event{Kind: trace.End, Time: now, A: uint32(int32(code))}, luabind.EventEnd)
}
