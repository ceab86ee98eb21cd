package process

import (
	"reflect"
	"runtime"

	lua "github.com/yuin/gopher-lua"
)

// cpuCount follows the processors that this process may run on and, on Linux,
// the limit of its control group: Go's own default for GOMAXPROCS does.
func cpuCount() int { return runtime.GOMAXPROCS(0) }

// sentinelOf returns a number that stands for o in wait.
func (lib *library) sentinelOf(o *object) int {
	if o.sentinel == 0 {
		// The pid would do, but for the day when it is used again.
		lib.lastSentinel++
		o.sentinel = lib.lastSentinel
		lib.sentinels[o.sentinel] = o
	}
	return o.sentinel
}

// wait is wait(list [, timeout]).
func (lib *library) wait(L *lua.LState) int {
	list := L.CheckTable(1)
	timeout := optTimeout(L, 2)
	n := list.Len()
	objects := make([]*object, n)
	for i := range objects {
		objects[i] = lib.waitable(L, i+1, list.RawGetInt(i+1))
	}
	ready := func() *lua.LTable {
		ended := L.NewTable()
		for i, o := range objects {
			if !o.alive() {
				o.awaitInterrupt()
				ended.Append(list.RawGetInt(i + 1))
			}
		}
		return ended
	}
	if ended := ready(); ended.Len() > 0 || n == 0 && timeout == forever {
		L.Push(ended)
		return 1
	}
	ctx := lib.engine.Context()
	expired, stop := after(timeout)
	defer stop()
	cases := []reflect.SelectCase{
		{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ctx.Done())},
		{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(expired)},
	}
	for _, o := range objects {
		cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(o.process.Done())})
	}
	if chosen, _, _ := reflect.Select(cases); chosen == 0 {
		lib.interrupted(ctx, objects...)
		L.RaiseError("%s", ctx.Err().Error())
	}
	L.Push(ready())
	return 1
}

// waitable returns what item i of wait's list stands for.
func (lib *library) waitable(L *lua.LState, i int, v lua.LValue) *object {
	var o *object
	switch v := v.(type) {
	case lua.LNumber:
		o = lib.sentinels[int(v)]
	case *lua.LTable:
		o = stateOf(v)
	}
	switch {
	case o == nil:
		L.RaiseError("bad argument #1 to 'wait' (item %d is neither a process nor a sentinel)", i)
	case o.closed:
		L.RaiseError("process object is closed")
	case o.process == nil:
		L.RaiseError("process not started")
	}
	return o
}
