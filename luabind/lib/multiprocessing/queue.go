package multiprocessing

import (
	"context"
	"errors"
	"math"
	"os"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/scarce"
	"luaspawn/luabind/lib/multiprocessing/internal/trace"
	"luaspawn/proc/ipc"
)

// A queue is a Queue, a JoinableQueue or a SimpleQueue.
type queue struct {
	*ipc.Queue
	name   string
	shut   bool   // closed by the script
	buffer []byte // of packed values
}

func (q *queue) typeName() string { return q.name }

func (q *queue) Pack() (luabind.Parcel, error) {
	files, err := scarce.Retry(nil, q.Files)
	return luabind.Parcel{Kind: q.name, Files: files, Value: lua.LBool(q.shut)}, err
}

// keptBuffer is up to what size a queue keeps its buffer.
const keptBuffer = 64 << 10

func (lib *sharing) openQueues(L *lua.LState, module *lua.LTable) {
	for _, name := range []string{"Queue", "JoinableQueue", "SimpleQueue"} {
		self := func(L *lua.LState) *queue {
			q := check[*queue](L, 1, name)
			if q.shut {
				lib.raise(L, "ValueError", name+" is closed")
			}
			return q
		}
		methods := lib.queueMethods(name, self)
		if name == "JoinableQueue" {
			methods["task_done"] = func(L *lua.LState) int {
				lib.fail(L, check[*queue](L, 1, name).TaskDone(lib.engine.Context()))
				return 0
			}
			methods["join"] = func(L *lua.LState) int {
				q := check[*queue](L, 1, name)
				_, err := lib.attended(ipc.Forever, subject{why: trace.ForDone, what: name, of: q.Queue}, q.Join)
				lib.fail(L, err)
				return 0
			}
		}
		lib.newType(L, name, methods)
		lib.constructor(L, module, name, func(L *lua.LState) (sharedObject, error) {
			most := 0
			if name != "SimpleQueue" {
				most = max(0, optCount(L, 1, 0, math.MinInt32)) // as in Python, where -1 is what is often written
			}
			own, err := ipc.NewQueue(uint32(most), name == "JoinableQueue")
			if err != nil {
				return nil, err
			}
			return lib.newQueue(name, own), nil
		})
		lib.unpacker(name, func(p luabind.Parcel) (sharedObject, error) {
			own, err := ipc.OpenQueue(p.Files)
			if err != nil {
				return nil, err
			}
			q := lib.newQueue(name, own)
			q.shut = p.Value == lua.LTrue
			return q, nil
		})
	}
}

func (lib *sharing) newQueue(name string, own *ipc.Queue) *queue {
	q := &queue{Queue: own, name: name}
	keep(lib, q, own)
	return q
}

func (lib *sharing) queueMethods(name string, self func(*lua.LState) *queue) functions {
	size := func(L *lua.LState) (n, most int) {
		n, most, err := self(L).Len(lib.engine.Context())
		lib.fail(L, err)
		return n, most
	}
	methods := functions{
		"put": func(L *lua.LState) int { return lib.put(L, self(L), waitTime(L, 3)) },
		"get": func(L *lua.LState) int { return lib.get1(L, self(L), waitTime(L, 2)) },
		"empty": func(L *lua.LState) int {
			n, _ := size(L)
			L.Push(lua.LBool(n == 0))
			return 1
		},
		"close": func(L *lua.LState) int {
			check[*queue](L, 1, name).shut = true
			return 0
		},
	}
	if name == "SimpleQueue" {
		return methods
	}
	methods["put_nowait"] = func(L *lua.LState) int { return lib.put(L, self(L), 0) }
	methods["get_nowait"] = func(L *lua.LState) int { return lib.get1(L, self(L), 0) }
	methods["qsize"] = func(L *lua.LState) int {
		n, _ := size(L)
		L.Push(lua.LNumber(n))
		return 1
	}
	methods["full"] = func(L *lua.LState) int {
		n, most := size(L)
		L.Push(lua.LBool(most > 0 && n >= most))
		return 1
	}
	// put writes at once, so these methods of Python's queues have nothing to do.
	nothing := func(L *lua.LState) int {
		check[*queue](L, 1, name)
		return 0
	}
	methods["join_thread"], methods["cancel_join_thread"] = nothing, nothing
	return methods
}

// waitTime reads [block [, timeout]] from argument n on.
func waitTime(L *lua.LState, n int) time.Duration {
	if L.GetTop() < n {
		return ipc.Forever
	}
	timeout := optTimeout(L, n+1)
	if L.Get(n) != lua.LNil && !lua.LVAsBool(L.Get(n)) {
		return 0
	}
	return timeout
}

// put is put(v [, block [, timeout]]).
func (lib *sharing) put(L *lua.LState, q *queue, timeout time.Duration) int {
	buffer := q.buffer[:0]
	q.buffer = nil // a callback that runs while this waits may put something too
	data, files, err := lib.pack(buffer, &tree, q.name, L.Get(2))
	if err != nil {
		lib.cannotSend(L, err)
	}
	when := lib.seen.time()
	ok, err := lib.attended(timeout, subject{why: trace.ForRoom, what: q.name, of: q.Queue}, func(ctx context.Context, timeout time.Duration) (bool, error) {
		return q.Put(ctx, timeout, data, files)
	})
	if cap(data) <= keptBuffer {
		q.buffer = data
	}
	closeFiles(files)
	switch {
	case err != nil:
		lib.fail(L, err)
	case !ok && timeout > 0:
		lib.raise(L, "Full", "no place within the time")
	case !ok:
		lib.raise(L, "Full", "no place")
	}
	if lib.seen != nil {
		lib.seen.put(when, q)
	}
	return 0
}

// cannotSend raises the error of a value that can't travel.
func (lib *sharing) cannotSend(L *lua.LState, err error) {
	var refused *luabind.SendError
	if errors.As(err, &refused) {
		lib.raise(L, "ValueError", err.Error())
	}
	lib.fail(L, err)
}

// get1 is get([block [, timeout]]).
func (lib *sharing) get1(L *lua.LState, q *queue, timeout time.Duration) int {
	data, files, ok, err := lib.take(L, q, timeout)
	switch {
	case err != nil:
		lib.fail(L, err)
	case !ok && timeout > 0:
		lib.raise(L, "Empty", "no item within the time")
	case !ok:
		lib.raise(L, "Empty", "no item")
	}
	v, err := lib.unpack(data, files, &tree)
	lib.fail(L, err)
	L.Push(v)
	return 1
}

// take takes an item. If it has files and this process can't open more, the item stays in the queue until it
// can.
func (lib *sharing) take(L *lua.LState, q *queue, timeout time.Duration) (data []byte, files []*os.File, ok bool, err error) {
	ok, err = scarce.Retry(L, func() (bool, error) {
		ok, err = lib.attended(timeout, subject{why: trace.ForItem, what: q.name, of: q.Queue}, func(ctx context.Context, timeout time.Duration) (bool, error) {
			data, files, ok, err = q.Get(ctx, timeout)
			return ok, err
		})
		return ok, err
	})
	if lib.seen != nil && ok && err == nil {
		lib.seen.got(q)
	}
	return data, files, ok, err
}
