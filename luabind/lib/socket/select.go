package socket

import (
	"context"
	"fmt"
	"slices"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/vm"
)

// setSize is how many sockets a list may hold, socket._SETSIZE.
const setSize = 1024

// selection is what one call of select looks at: a socket, or any object with a
// method getfd, stands for its descriptor.
type selection struct {
	lib     *library
	objects map[handle]lua.LValue // the last one with that descriptor
	wanted  map[handle]int16      // what is awaited of a descriptor
}

// selectSockets is socket.select(readers, writers [, timeout]). Readers that
// hold bytes which were read ahead are ready.
func (lib *library) selectSockets(L *lua.LState) int {
	limit := -1.0
	if L.Get(3) != lua.LNil {
		limit = arg.Number(L, 3)
	}
	s := &selection{lib, map[handle]lua.LValue{}, map[handle]int16{}}
	s.collect(L, 1, pollIn)
	s.collect(L, 2, pollOut)
	readers, writers := glua.NewTable(0, 0), glua.NewTable(0, 0)
	dirty := s.collectDirty(L, 1)
	for _, v := range dirty {
		glua.Append(readers, v)
	}
	wait := seconds(limit)
	switch {
	case len(dirty) > 0:
		wait = 0
	case limit < 0:
		wait = -1
	}

	fds := make([]handle, 0, len(s.wanted))
	for fd := range s.wanted {
		fds = append(fds, fd)
	}
	slices.Sort(fds)
	p, n, ends := &lib.poller, 0, time.Now().Add(wait)
	if wait != 0 {
		lib.engine.Pauses("socket")
		defer lib.engine.Resumes()
	}
	err := lib.engine.Wait(func(ctx context.Context) (err error) {
		if wait > 0 {
			wait = max(0, time.Until(ends)) // a handler of a signal may have run
		}
		p.reset()
		for _, fd := range fds {
			p.add(fd, s.wanted[fd])
		}
		n, err = p.wait(ctx, wait)
		return err
	})
	if err != nil {
		arg.Raise(L, "%s", text(err))
	}
	for i, fd := range fds {
		happened := p.happened(i)
		if happened&pollInvalid != 0 {
			arg.Raise(L, "select failed")
		}
		if s.wanted[fd]&pollIn != 0 && happened&(pollIn|pollHup|pollErr) != 0 {
			glua.Append(readers, s.objects[fd])
		}
		if s.wanted[fd]&pollOut != 0 && happened&(pollOut|pollErr) != 0 {
			glua.Append(writers, s.objects[fd])
		}
	}
	index(readers)
	index(writers)
	L.Push(readers)
	L.Push(writers)
	if n == 0 && len(dirty) == 0 {
		L.Push(lua.LString(errTimeout.Error()))
		return 3
	}
	return 2
}

// index gives a list a second way in: t[object] is its place.
func index(t *lua.LTable) {
	for i := 1; i <= glua.Len(t); i++ {
		glua.Set(t, glua.Item(t, i), lua.LNumber(i))
	}
}

// items lists argument n, a table or nil.
func items(L *lua.LState, n int) []lua.LValue {
	if L.Get(n) == lua.LNil {
		return nil
	}
	t, ok := L.Get(n).(*lua.LTable)
	if !ok {
		arg.TypeError(L, n, "table")
	}
	var list []lua.LValue
	for i := 1; ; i++ {
		v := vm.GetTable(L, t, lua.LNumber(i))
		if v == lua.LNil {
			return list
		}
		list = append(list, v)
	}
}

func (s *selection) collect(L *lua.LState, n int, events int16) {
	count := 0
	for _, v := range items(L, n) {
		if fd := descriptorOf(L, v); fd != invalid {
			if count++; count > setSize {
				arg.Error(L, n, "too many sockets")
			}
			if !s.lib.mayAwait(fd) {
				arg.Error(L, n, fmt.Sprintf("descriptor %d is not that of a socket", fd))
			}
			s.objects[fd] = v
			s.wanted[fd] |= events
		}
	}
}

// mayAwait says whether a script may learn of what happens to a descriptor: to one of
// the engine's sockets, or any where it has a shell, and so all that the program has.
// Elsewhere an object's getfd could name what the program has open for itself.
func (lib *library) mayAwait(fd handle) bool {
	return lib.engine.Config().Shell || lib.descriptors.has(fd)
}

// collectDirty returns the objects of argument n that hold bytes, and doesn't
// wait for these.
func (s *selection) collectDirty(L *lua.LState, n int) []lua.LValue {
	var dirty []lua.LValue
	for _, v := range items(L, n) {
		if fd := descriptorOf(L, v); fd != invalid && isDirty(L, v) {
			dirty = append(dirty, v)
			if s.wanted[fd] &^= pollIn; s.wanted[fd] == 0 {
				delete(s.wanted, fd)
			}
		}
	}
	return dirty
}

// descriptorOf returns invalid for an object that has no descriptor.
func descriptorOf(L *lua.LState, v lua.LValue) handle {
	if ud, ok := v.(*lua.LUserData); ok {
		if s, ok := ud.Value.(*socket); ok {
			return s.fd()
		}
	}
	result := ask(L, v, "getfd")
	if !isNumber(result) {
		return invalid
	}
	fd := lua.LVAsNumber(result)
	if !(fd >= 0 && fd < 1<<31) {
		return invalid
	}
	return handle(fd)
}

func isDirty(L *lua.LState, v lua.LValue) bool {
	if ud, ok := v.(*lua.LUserData); ok {
		if s, ok := ud.Value.(*socket); ok {
			return s.dirty()
		}
	}
	return lua.LVAsBool(ask(L, v, "dirty"))
}

// ask calls a method that an object may have.
func ask(L *lua.LState, v lua.LValue, method string) lua.LValue {
	if v.Type() != lua.LTTable && glua.Metamethod(L, v, "__index") == lua.LNil {
		L.Error(lua.LString("attempt to index a "+v.Type().String()+" value"), 0)
	}
	f := vm.Field(L, v, method)
	if f == lua.LNil {
		return lua.LNil
	}
	L.Push(f)
	L.Push(v)
	glua.Call(L, 1, 1)
	result := L.Get(-1)
	L.Pop(1)
	return result
}
