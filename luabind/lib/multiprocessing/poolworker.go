package multiprocessing

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/internal/vm"
	"luaspawn/luabind/lib/multiprocessing/internal/trace"
	"luaspawn/proc"
	"luaspawn/proc/pool"
)

// A worker of a Pool is a child that has neither target nor run. Its payload has, between the rights and the
// snapshot,
//
//	worker = "POOL" far length name
//
// far is 1 if the pool is on another machine, else 0. The last of the worker's files belong to the link
// to the pool.
const workerMark = "POOL"

// appendWorker appends this to a payload. A worker knows by it that it is one.
func appendWorker(b []byte, name string, far bool) []byte {
	b = append(b, workerMark...)
	if far {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(len(name)))
	return append(b, name...)
}

// cutWorker takes what appendWorker has appended off the payload; ok is false if self is no worker.
func cutWorker(self *proc.Self) (name string, far bool, link []*os.File, ok bool) {
	b, ok := bytes.CutPrefix(self.Payload, []byte(workerMark))
	if !ok || len(b) == 0 || len(self.Files) < pool.LinkFiles {
		return "", false, nil, false
	}
	text, rest, err := cutBytes(b[1:])
	if err != nil {
		return "", false, nil, false
	}
	far = b[0] == 1
	self.Payload = rest
	at := len(self.Files) - pool.LinkFiles
	link, self.Files = self.Files[at:], self.Files[:at]
	return string(text), far, link, true
}

// Flags of a blob, its last byte.
const blobFirst = 1 // only the first result of the function is wanted

// poolWorker is the pool.Handler of a worker.
type poolWorker struct {
	lib    *library
	far    bool           // the pool is on another machine
	loop   *lua.LFunction // runs the tasks of a chunk
	call   *workerCall    // whose chunk is run
	tasks  *pool.Tasks
	values []lua.LValue
	plain  []glua.Value
	buffer []byte
	exit   int // the code of os.exit
	pool   string
}

// workerCall is a call in a worker: what Define returns.
type workerCall struct {
	f     lua.LValue
	one   *lua.LFunction // f, if it is a function of which only the first result is wanted; else nil
	first bool
	err   error // it can't be unpacked
}

// work runs a worker, and returns its exit code.
func (lib *library) work(link []*os.File, far bool) int {
	w := &poolWorker{lib: lib, far: far, pool: poolOf(lib.current.name)}
	w.loop = inside.State(lib.engine).NewFunction(w.run)
	if err := pool.Work(link, w); err != nil {
		lib.engine.WriteError(fmt.Sprintf("Process %s: %v\n", lib.current.name, err))
		return 1
	}
	return w.exit
}

// Idle implements pool.Idler.
func (w *poolWorker) Idle(idle bool) {
	if idle {
		w.lib.waits.begin(subject{why: trace.ForTask, what: w.pool}, -1)
	} else {
		w.lib.waits.end(false)
	}
}

// poolOf returns the name of the pool to which a worker belongs: Pool-1 of Pool-1-Worker-3.
func poolOf(worker string) string {
	if at := strings.LastIndex(worker, "-Worker-"); at > 0 {
		return worker[:at]
	}
	return worker
}

// Setup calls the initializer.
func (w *poolWorker) Setup(b pool.Blob) error {
	e := w.lib.engine
	roots, err := e.Unpack(&luabind.Snapshot{Data: b.Data, Files: b.Files})
	if err != nil {
		return err
	}
	args, _ := roots[1].(*lua.LTable)
	_, err = inside.Do(context.Background(), e, inside.State(e).NewFunction(func(L *lua.LState) int {
		L.Push(roots[0])
		glua.Call(L, pushArgs(L, args), 0)
		return 0
	}), 0)
	var exit *luabind.ExitError
	var failed *luabind.Error
	switch {
	case errors.As(err, &exit):
		w.exit = exit.Code
		return fmt.Errorf("the initializer called os.exit(%d)", exit.Code)
	case errors.As(err, &failed):
		w.exit = 1
		return errors.New(failed.Traceback())
	}
	return err
}

// Define unpacks the function of a call.
func (w *poolWorker) Define(b pool.Blob) any {
	last := len(b.Data) - 1
	c := &workerCall{first: b.Data[last]&blobFirst != 0}
	roots, err := w.lib.engine.Unpack(&luabind.Snapshot{Data: b.Data[:last], Files: b.Files})
	if err != nil {
		c.err = err
		return c
	}
	c.f = roots[0]
	if f, ok := c.f.(*lua.LFunction); ok && c.first {
		c.one = f
	}
	return c
}

// Run runs tasks. Each of them runs as if it were a call from outside, but takes less time.
func (w *poolWorker) Run(call any, t *pool.Tasks) (stop bool) {
	w.call, w.tasks = call.(*workerCall), t
	for {
		_, err := inside.Do(context.Background(), w.lib.engine, w.loop, 0)
		var exit *luabind.ExitError
		var failed *luabind.Error
		switch {
		case err == nil:
			return false
		case errors.As(err, &exit):
			w.exit = exit.Code
			return true
		case errors.As(err, &failed):
			w.fail(failure{failed.Message, stackOfTask(failed.Stack), failed.Value})
		default:
			w.fail(failure{message: err.Error()})
		}
	}
}

// stackOfTask returns a traceback without the functions that have called the task.
func stackOfTask(stack string) string {
	for range 2 { // our loop, and what had called it
		stack = strings.TrimSuffix(stack, "\n\t[C]: ?")
	}
	return stack
}

// fail returns the failure of the task that was begun last to the pool.
func (w *poolWorker) fail(f failure) {
	w.lib.seen.ends(w.pool, w.tasks.Index(), true)
	b, files := w.lib.sharing.packFailure(definitionsFor(w.far), receiverOf(w.far), f)
	w.tasks.Return(true, b, files)
	closeFiles(files)
}

// run runs tasks until one raises an error, or none is left.
func (w *poolWorker) run(L *lua.LState) int {
	call, t := w.call, w.tasks
	top := L.GetTop()
	for {
		task, files, ok := t.Next()
		if !ok {
			return 0
		}
		w.lib.seen.begins(w.pool, t.Index())
		if call.err != nil {
			closeFiles(files)
			w.fail(failure{message: call.err.Error()})
			continue
		}
		if call.one != nil {
			if args, ok, err := w.lib.sharing.unpackPlain(w.plain[:0], task); ok && err == nil {
				closeFiles(files)
				result := vm.First(L, call.one, args...)
				clear(args)
				w.plain = args[:0]
				if b, ok := packScalar(w.buffer[:0], &result); ok {
					w.give(b, nil)
				} else {
					w.answer(append(w.values[:0], result.LValue(nil)))
				}
				continue
			}
		}
		args, err := w.lib.sharing.unpackList(w.values[:0], task, files)
		if err != nil {
			w.fail(failure{message: err.Error()})
			continue
		}
		L.Push(call.f)
		for _, v := range args {
			L.Push(v)
		}
		n := len(args)
		clear(args)
		w.values = args[:0]
		if call.first {
			glua.Call(L, n, 1)
		} else {
			glua.Call(L, n, lua.MultRet)
		}
		results := w.values[:0]
		for i := top + 1; i <= L.GetTop(); i++ {
			results = append(results, L.Get(i))
		}
		L.SetTop(top)
		w.answer(results)
	}
}

// answer packs the results of the task that was begun last. results is w.values, made longer.
func (w *poolWorker) answer(results []lua.LValue) {
	b, files, err := w.lib.sharing.packList(w.buffer[:0], definitionsFor(w.far), receiverOf(w.far), resultName, results)
	left := ""
	if w.far && len(files) > 0 {
		left = w.lib.cannotLeave(resultName, results)
	}
	clear(results)
	w.values = results[:0]
	switch {
	case err != nil:
		w.fail(failure{message: err.Error()})
	case left != "":
		closeFiles(files)
		w.fail(failure{message: left})
	case tooManyFiles(files):
		closeFiles(files)
		w.fail(failure{message: "the result has too many files"})
	default:
		w.give(b, files)
	}
}

// give returns the packed results of the task that was begun last to the pool. b is w.buffer, made longer.
func (w *poolWorker) give(b []byte, files []*os.File) {
	w.lib.seen.ends(w.pool, w.tasks.Index(), false)
	w.tasks.Return(false, b, files)
	closeFiles(files)
	if cap(b) <= keptBuffer {
		w.buffer = b
	}
}
