package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/lib/multiprocessing/internal/trace"
	"luaspawn/proc"
	"luaspawn/proc/ipc"
)

// cpuCount returns how many processors this process may use. Go's own default for GOMAXPROCS depends on the processors that
// it may run on and, on Linux, on the limit of its control group.
func cpuCount() int { return runtime.GOMAXPROCS(0) }

// sentinelOf returns a number that stands for o in wait.
func (lib *library) sentinelOf(o *processState) int {
	if o.sentinel == 0 {
		// The pid would do, if it were not used again some day.
		lib.lastSentinel++
		o.sentinel = lib.lastSentinel
		lib.sentinels[o.sentinel] = o
	}
	return o.sentinel
}

// A waitable is an item of wait's list. await returns nil when the item is ready, or
// the error of ctx. If ctx has ended already await only looks whether the item is ready. One goroutine at a time calls
// it.
type waitable struct {
	value   lua.LValue
	object  any // what value stands for, as others may
	await   func(ctx context.Context) error
	process *processState // nil: it is something else
	of      *proc.Process // that of process
}

// anyOf names what a script waits for that waits for one of n things.
func anyOf(n int) subject {
	return subject{why: trace.ForOther, what: fmt.Sprintf("any of %d", n)}
}

// wait is wait(list [, timeout]).
func (lib *library) wait(L *lua.LState) int {
	list := L.CheckTable(1)
	timeout := optTimeout(L, 2)
	items := make([]waitable, glua.Len(list))
	for i := range items {
		items[i] = lib.waitable(L, i+1, glua.Item(list, i+1))
	}
	lib.engine.Attended()
	ready := lib.readyOf(L, items)
	end := time.Now().Add(timeout)
	if glua.Len(ready) == 0 && timeout != 0 && (len(items) > 0 || timeout > 0) {
		lib.waits.begin(anyOf(len(items)), timeout)
		defer func() { lib.waits.end(glua.Len(ready) == 0) }()
	}
	for glua.Len(ready) == 0 && timeout != 0 && (len(items) > 0 || timeout > 0) {
		ctx := lib.engine.Context()
		objects := distinct(items)
		awaitFirst(ctx, objects, lib.engine.News(), timeout)
		if err := ctx.Err(); err != nil {
			for _, it := range objects {
				if it.process != nil {
					lib.interrupted(ctx, it.process)
				}
			}
			L.RaiseError("%s", err.Error())
		}
		lib.engine.Attended()
		ready = lib.readyOf(L, items)
		if timeout > 0 {
			timeout = max(0, time.Until(end))
		}
	}
	L.Push(ready)
	return 1
}

// readyOf returns a list of the items that are ready now.
func (lib *library) readyOf(L *lua.LState, items []waitable) *lua.LTable {
	looks, cancel := context.WithCancel(context.Background())
	cancel()
	ready := glua.NewTable(0, 0)
	for i, it := range items {
		switch err := it.await(looks); {
		case err == nil:
			if it.process != nil {
				it.process.awaitInterrupt(it.of)
			}
			glua.Append(ready, it.value)
		case !errors.Is(err, context.Canceled):
			L.RaiseError("bad argument #1 to 'wait' (item %d: %s)", i+1, err.Error())
		}
	}
	return ready
}

// distinct returns the first item for each object: an object may stand in a list
// twice, and a process beside its sentinel.
func distinct(items []waitable) []waitable {
	seen := make(map[any]bool, len(items))
	var list []waitable
	for _, it := range items {
		if !seen[it.object] {
			seen[it.object] = true
			list = append(list, it)
		}
	}
	return list
}

// awaitFirst returns when one of the items is ready, news has come, timeout is over, or ctx has ended. No goroutine
// waits for an item any more then.
func awaitFirst(ctx context.Context, items []waitable, news <-chan struct{}, timeout time.Duration) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	first := make(chan struct{}, len(items))
	var waiting sync.WaitGroup
	for _, it := range items {
		waiting.Go(func() {
			it.await(ctx) // its error is told when it is asked again
			first <- struct{}{}
		})
	}
	expired, stop := after(timeout)
	defer stop()
	select {
	case <-first:
	case <-news:
	case <-expired:
	case <-ctx.Done():
	}
	cancel()
	waiting.Wait()
}

// waitable returns what item i of wait's list stands for: a process, a sentinel,
// a shared object, or a socket.
func (lib *library) waitable(L *lua.LState, i int, v lua.LValue) waitable {
	var o *processState
	switch v := v.(type) {
	case lua.LNumber:
		if lib.parent != nil && int(v) == lib.parentSentinel {
			return waitableParent(v)
		}
		o = lib.sentinels[int(v)]
	case *lua.LTable:
		if lib.parent != nil && v == lib.parent {
			return waitableParent(v)
		}
		o = stateOf(v)
	case *lua.LUserData:
		if x, ok := v.Value.(interface{ AwaitReadable(context.Context) error }); ok {
			return waitable{value: v, object: x, await: x.AwaitReadable}
		}
		// The methods getfd and dirty are not used: a script can give a userdata methods of these names, and
		// could so find out about descriptors that the program has open for itself.
		if x, ok := v.Value.(interface{ Descriptor() (fd int, ready bool) }); ok {
			return waitable{value: v, object: x, await: func(ctx context.Context) error {
				fd, ready := x.Descriptor() // a handler may read from it meanwhile, or close it
				if ready {
					return nil
				}
				return ipc.AwaitDescriptor(ctx, fd)
			}}
		}
	}
	switch {
	case o == nil:
		L.RaiseError("bad argument #1 to 'wait' (item %d is nothing that can be waited for)", i)
	case o.closed:
		L.RaiseError("process object is closed")
	case o.process == nil:
		L.RaiseError("process not started")
	}
	process := o.process // a handler may close o while the script waits
	return waitable{value: v, object: o, process: o, of: process, await: func(ctx context.Context) error {
		select {
		case <-process.Done():
			return nil
		default:
		}
		select {
		case <-process.Done():
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}
}
