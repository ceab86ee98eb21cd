package multiprocessing

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/proc/pool"
)

// callOptions are the options of map and of the methods like it.
type callOptions struct {
	chunk    int
	timeout  time.Duration
	progress lua.LValue // nil or false: none; true, or a label
}

// options reads argument n.
func (lib *library) options(L *lua.LState, n int, method string) callOptions {
	o := callOptions{progress: lua.LNil}
	chunk := func(v lua.LValue) {
		size, ok := v.(lua.LNumber)
		if !ok || size != lua.LNumber(int(size)) {
			L.RaiseError("chunksize must be a whole number")
		}
		if size < 1 {
			lib.sharing.raise(L, "ValueError", fmt.Sprintf("Chunksize must be 1+, not %d", int(size)))
		}
		o.chunk = int(size)
	}
	switch v := L.Get(n).(type) {
	case *lua.LNilType:
	case lua.LNumber:
		chunk(v)
	case *lua.LTable:
		for k, x := glua.Next(v, lua.LNil); k != lua.LNil; k, x = glua.Next(v, k) {
			switch k.String() {
			case "chunksize":
				chunk(x)
			case "timeout":
				o.timeout = seconds(L, x, "timeout")
			case "progress":
				o.progress = x
			default:
				L.RaiseError("%s() got an unexpected keyword argument '%s'", method, k.String())
			}
		}
	default:
		arg.TypeError(L, n, "number or table")
	}
	return o
}

// A poolCall is a call of a Pool by a script.
type poolCall struct {
	*pool.Call
	workers *workers
	over    chan struct{} // closed when nothing more will come
	took    int           // outcomes, when there were some last

	mu       sync.Mutex
	pool     *luaPool       // which stays as long as the call does, even if no script refers to it; nil: it is over
	turn     int64          // which one it was to be over; 0: it isn't
	watchers []*completions // are told when it is
}

// turns counts the calls that are over, in this process.
var turns atomic.Int64

// begin begins a call of f. first says that only the first result of each task is wanted.
func (lib *library) begin(L *lua.LState, p *luaPool, f lua.LValue, o callOptions, first, keepGoing bool) *poolCall {
	if !arg.IsCallable(L, f) {
		L.RaiseError("function must be callable, not a %s value", f.Type())
	}
	if p.State() != pool.Running {
		lib.sharing.raise(L, "ValueError", "Pool not running")
	}
	s, err := lib.engine.Pack("pool '"+p.name+"'", luabind.Root{Name: "function", Value: f})
	if err != nil {
		L.RaiseError("%s", err.Error())
	}
	if p.far != nil && len(s.Files) > 0 {
		s.Close()
		L.RaiseError("%s", lib.cannotLeave(functionName, []lua.LValue{f}))
	}
	if p.far == nil {
		tellSources(s.Sources)
	}
	flags := byte(0)
	if first {
		flags = blobFirst
	}
	c := &poolCall{workers: p.workers, pool: p, over: make(chan struct{})}
	call, err := p.Call(pool.Blob{Data: append(s.Data, flags), Files: s.Files}, pool.Options{
		Chunk:     o.chunk,
		Timeout:   o.timeout,
		KeepGoing: keepGoing,
		Ready:     lib.engine.News(),
		Over: func() {
			s.Close()
			c.finished()
		},
	})
	if err != nil {
		s.Close()
		lib.cannotCall(L, err)
	}
	c.Call = call
	return c
}

// finished is called when no further outcome will come.
func (c *poolCall) finished() {
	c.mu.Lock()
	c.turn = turns.Add(1)
	watchers := c.watchers
	c.watchers, c.pool = nil, nil
	c.mu.Unlock()
	for _, w := range watchers {
		w.add(c)
	}
	close(c.over)
}

// A completions collects calls that are over.
type completions struct {
	mu   sync.Mutex
	over []*poolCall
}

func (w *completions) add(c *poolCall) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = append(w.over, c)
}

// watch has w collect c when it is over.
func (w *completions) watch(c *poolCall) {
	c.mu.Lock()
	over := c.turn != 0
	if !over {
		c.watchers = append(c.watchers, w)
	}
	c.mu.Unlock()
	if over {
		w.add(c)
	}
}

// take returns the calls that are over since take was called last, in the order in which they ended.
func (w *completions) take() []*poolCall {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.over
	w.over = nil
	slices.SortFunc(list, func(a, b *poolCall) int { return cmp.Compare(a.turn, b.turn) })
	return list
}

// cannotCall raises the error with which a pool has refused a call.
func (lib *library) cannotCall(L *lua.LState, err error) {
	var broken *pool.BrokenError
	if errors.As(err, &broken) {
		lib.raiseError(L, lib.brokenError(broken))
	}
	lib.sharing.raise(L, "ValueError", "Pool not running")
}

func (lib *library) brokenError(err *pool.BrokenError) *lua.LTable {
	reason := err.Reason
	if err.Setup {
		reason = "the initializer failed: " + reason
	}
	return lib.newError("BrokenPoolError", reason)
}

// newError makes an error of a class, without the place where it is raised.
func (lib *library) newError(class, message string) *lua.LTable {
	e := glua.NewTable(0, 8)
	glua.SetNamed(e, "name", lua.LString(class))
	glua.SetNamed(e, "message", lua.LString(message))
	e.Metatable = lib.sharing.classes[class]
	return e
}

// raiseError raises an error, with the place where the script has called this function.
func (lib *library) raiseError(L *lua.LState, e *lua.LTable) {
	glua.SetNamed(e, position, lua.LString(arg.Where(L)))
	glua.Raise(L, e)
}

// raiseOutcome raises the error of an outcome that isn't Done.
func (lib *library) raiseOutcome(L *lua.LState, o pool.Outcome) {
	lib.awaitInterrupt(interruptedBy(o))
	lib.raiseError(L, lib.errorOf(o))
}

// interruptedBy says whether a worker was ended by a signal that this process most likely gets too.
func interruptedBy(o pool.Outcome) bool {
	return o.Kind == pool.Lost && o.Extra.Err == nil && asked(o.Extra.Code)
}

// errorOf makes the error of an outcome that isn't Done.
func (lib *library) errorOf(o pool.Outcome) *lua.LTable {
	var e *lua.LTable
	who := ""
	if o.Worker != nil {
		who = o.Worker.Name
	}
	var files []*os.File
	if o.Extra != nil {
		files = o.Extra.Files
	}
	switch o.Kind {
	case pool.Failed:
		f, err := lib.sharing.unpackFailure(o.Data, files)
		if err != nil {
			f.message += "\n(" + err.Error() + ")"
		}
		e = lib.newError("TaskError", f.message)
		if f.value != nil {
			glua.SetNamed(e, "value", f.value)
		}
		glua.SetNamed(e, "traceback", lua.LString(f.traceback))
	case pool.Unsent:
		e = lib.newError("TaskError", "the result cannot be sent: "+o.Extra.Err.Error())
		glua.SetNamed(e, "traceback", lua.LString(""))
	case pool.Undelivered:
		to := ""
		if o.Worker != nil {
			to = fmt.Sprintf(" to %s (%s)", who, placeOf(o.Worker))
		}
		e = lib.newError("TaskError", fmt.Sprintf("item %d cannot be sent%s: %v", o.Index+1, to, o.Extra.Err))
		glua.SetNamed(e, "traceback", lua.LString(""))
	case pool.Lost:
		if o.Extra.Err != nil {
			e = lib.newError("WorkerLostError", fmt.Sprintf("%s (%s) can't be reached, and may have run item %d: %s", who, placeOf(o.Worker), o.Index+1, o.Extra.Err.Error()))
			glua.SetNamed(e, "pid", lua.LNumber(o.Worker.Pid))
			break
		}
		code := o.Extra.Code
		e = lib.newError("WorkerLostError", fmt.Sprintf("%s (%s) has ended with exit code %s while it ran item %d", who, placeOf(o.Worker), exitName(code), o.Index+1))
		glua.SetNamed(e, "exitcode", lua.LNumber(code))
		glua.SetNamed(e, "pid", lua.LNumber(o.Worker.Pid))
	case pool.TimedOut:
		e = lib.newError("TimeoutError", fmt.Sprintf("item %d took longer than its timeout", o.Index+1))
	default:
		var broken *pool.BrokenError
		if errors.As(o.Extra.Err, &broken) {
			e = lib.brokenError(broken)
		} else {
			e = lib.newError("ProcessError", "the pool was terminated")
		}
	}
	glua.SetNamed(e, "index", lua.LNumber(o.Index+1))
	if who != "" {
		glua.SetNamed(e, "worker", lua.LString(who))
		if o.Worker.Host != "" {
			glua.SetNamed(e, "host", lua.LString(o.Worker.Host))
		}
	}
	return e
}

// placeOf returns, in words, where a worker is.
func placeOf(w *pool.Worker) string {
	if w.Host == "" {
		return fmt.Sprintf("pid %d", w.Pid)
	}
	return fmt.Sprintf("pid %d on %s", w.Pid, w.Host)
}

// valuesOf appends the results of a task that is Done.
func (lib *library) valuesOf(values []lua.LValue, o pool.Outcome) ([]lua.LValue, error) {
	var files []*os.File
	if o.Extra != nil {
		files = o.Extra.Files
	}
	return lib.sharing.unpackList(values, o.Data, files)
}

// items are the items of a call of map or a method like it.
type items struct {
	lib    *library
	method string
	star   bool // each is a list of arguments
	far    bool // they go to another machine
	list   *lua.LTable
	n      int // of list
	next   lua.LValue
	at     int // how many were taken
	over   bool
	values []lua.LValue
}

// maxItems is how many a list holds at most: its field n may be any number.
const maxItems = 1<<31 - 1

// items reads argument n.
func (lib *library) items(L *lua.LState, p *luaPool, n int, method string, star bool) *items {
	it := &items{lib: lib, method: method, star: star, far: p.far != nil}
	switch v := L.Get(n).(type) {
	case *lua.LTable:
		it.list = v
		it.n = glua.Len(v)
		if count, ok := glua.Named(v, "n").(lua.LNumber); ok && count >= 0 {
			if count > maxItems {
				L.RaiseError("too many items: %s, at most %d are possible", count.String(), maxItems)
			}
			it.n = int(count)
		} else if it.n == 0 && arg.IsCallable(L, v) {
			it.list, it.next = nil, v
		}
	default:
		if !arg.IsCallable(L, v) {
			arg.TypeError(L, n, "table or function")
		}
		it.next = v
	}
	return it
}

// maxTask is how many bytes a task can have.
const maxTask = 1<<32 - 1

// A batch has tasks that are packed, to be added to a call.
type batch struct {
	tasks []byte
	n     int
	files map[int][]*os.File
}

// fill packs the next items: up to n, or, of a list, up to the given number of bytes.
func (it *items) fill(L *lua.LState, n, bytes int) (b batch) {
	defer func() {
		if r := recover(); r != nil { // of an iterator, or of what can't be packed
			b.close()
			panic(r)
		}
	}()
	it.fillInto(L, &b, n, bytes)
	return b
}

// fillInto does what fill does, into b. After an error b holds the items that were packed before it.
func (it *items) fillInto(L *lua.LState, b *batch, n, bytes int) {
	if it.over {
		return
	}
	if it.list != nil {
		b.tasks = make([]byte, 0, min(bytes, 16*min(n, it.n-it.at))+64)
	}
	whole := 0
	defer func() { b.tasks = b.tasks[:whole] }()
	for b.n < n && (it.list == nil || len(b.tasks) < bytes) {
		if it.fillScalars(b, n, bytes) {
			whole = len(b.tasks)
			continue
		}
		values, ok := it.take(L)
		if !ok {
			it.over = true
			break
		}
		var at int
		b.tasks, at = pool.BeginTask(b.tasks)
		var files []*os.File
		b.tasks, files = it.lib.packTask(L, it.far, b.tasks, it.name, values)
		if len(b.tasks)-at > maxTask {
			closeFiles(files)
			L.RaiseError("item %d is too large", it.at)
		}
		pool.EndTask(b.tasks, at)
		if len(files) > 0 {
			if b.files == nil {
				b.files = map[int][]*os.File{}
			}
			b.files[b.n] = files
		}
		b.n++
		whole = len(b.tasks)
		clear(values)
		it.values = values[:0]
	}
	if it.list != nil && it.at >= it.n {
		it.over = true
	}
}

// fillScalars does what fillInto does, for items of a list up to the first that is no scalar. It reports whether it packed one.
func (it *items) fillScalars(b *batch, n, bytes int) bool {
	if it.list == nil || it.star {
		return false
	}
	list, before := glua.InsideTable(it.list), b.n
	for b.n < n && len(b.tasks) < bytes && it.at < it.n {
		v := list.Item(it.at + 1)
		if v.IsString() && len(v.String()) >= maxTask {
			break
		}
		tasks, at := pool.BeginTask(b.tasks)
		tasks, ok := packScalar(tasks, &v)
		if !ok {
			break
		}
		pool.EndTask(tasks, at)
		b.tasks = tasks
		it.at++
		b.n++
	}
	return b.n > before
}

func (b *batch) close() {
	for _, list := range b.files {
		closeFiles(list)
	}
}

// name is what the current item is called in errors.
func (it *items) name(bool) string { return fmt.Sprintf("items[%d]", it.at) }

// packTask appends the arguments of a task.
func (lib *library) packTask(L *lua.LState, far bool, b []byte, name listName, values []lua.LValue) ([]byte, []*os.File) {
	b, files, err := lib.sharing.packList(b, definitionsFor(far), receiverOf(far), name, values)
	if err != nil {
		var refused *luabind.SendError
		if errors.As(err, &refused) {
			L.RaiseError("%s", err.Error())
		}
		lib.sharing.fail(L, err)
	}
	if far && len(files) > 0 {
		closeFiles(files)
		L.RaiseError("%s", lib.cannotLeave(name, values))
	}
	if tooManyFiles(files) {
		closeFiles(files)
		L.RaiseError("a task has too many files")
	}
	return b, files
}

// take returns the arguments that the next item stands for.
func (it *items) take(L *lua.LState) (values []lua.LValue, ok bool) {
	values = it.values[:0]
	if it.list != nil {
		if it.at >= it.n {
			return nil, false
		}
		it.at++
		v := glua.Item(it.list, it.at)
		if it.star {
			return it.spread(L, values, v), true
		}
		return append(values, v), true
	}
	top := L.GetTop()
	L.Push(it.next)
	glua.Call(L, 0, lua.MultRet)
	for i := top + 1; i <= L.GetTop(); i++ {
		values = append(values, L.Get(i))
	}
	L.SetTop(top)
	if len(values) == 0 || values[0] == lua.LNil {
		return nil, false
	}
	it.at++
	if it.star {
		return it.spread(L, values[:0], values[0]), true
	}
	return values, true
}

// spread appends the items of a list of arguments.
func (it *items) spread(L *lua.LState, values []lua.LValue, v lua.LValue) []lua.LValue {
	t, ok := v.(*lua.LTable)
	if !ok {
		L.RaiseError("item %d of %s must be a table of arguments, not a %s value", it.at, it.method, v.Type())
	}
	return appendArgs(L, values, t)
}
