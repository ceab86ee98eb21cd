package socket

import (
	"context"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/lualib/arg"
	luatime "luaspawn/luabind/lib/time"
)

// timeout limits how long a call may wait. Negative seconds are no limit.
type timeout struct {
	block float64 // of one wait; alone: of the call
	total float64 // of the call
	start time.Time
}

// mark begins a call.
func (t *timeout) mark() {
	if t.block > 0 || t.total >= 0 {
		t.start = time.Now()
	}
}

// left is how long the next wait may be; negative: for ever.
func (t *timeout) left() time.Duration {
	rest := func(limit float64) time.Duration {
		return max(0, seconds(limit)-time.Since(t.start))
	}
	switch {
	case t.total < 0 && t.block < 0:
		return -1
	case t.total < 0:
		return rest(t.block)
	case t.block < 0:
		return rest(t.total)
	default:
		return min(seconds(t.block), rest(t.total))
	}
}

// seconds converts; what isn't positive is nothing.
func seconds(s float64) time.Duration {
	if !(s > 0) {
		return 0
	}
	return luatime.Duration(s)
}

// settimeout is s:settimeout([seconds [, mode]]); modes are 'b', and 't' or 'r'.
func (lib *library) settimeout(L *lua.LState) int {
	s := lib.checkAny(L)
	limit := -1.0
	if L.Get(2) != lua.LNil {
		limit = arg.Number(L, 2)
	}
	mode := "b"
	if L.Get(3) != lua.LNil {
		mode = arg.String(L, 3)
	}
	switch {
	case mode != "" && mode[0] == 'b':
		s.timeout.block = limit
	case mode != "" && (mode[0] == 't' || mode[0] == 'r'):
		s.timeout.total = limit
	default:
		arg.Error(L, 3, "invalid timeout mode")
	}
	return succeed(L)
}

func (lib *library) gettimeout(L *lua.LState) int {
	s := lib.checkAny(L)
	L.Push(lua.LNumber(s.timeout.block))
	L.Push(lua.LNumber(s.timeout.total))
	return 2
}

// checkFree refuses to receive (pollIn) or to send (pollOut) where a handler is called while the socket waits for that:
// each would get a part of what belongs together. TLS does one thing at a time.
func (s *socket) checkFree(L *lua.LState, events int16) {
	if s.awaited&events != 0 || s.tls != nil && s.awaited != 0 {
		arg.Raise(L, "attempt to use a socket that is being received from or sent to")
	}
}

// await waits until one of events happens to the socket. What the script runs meanwhile, as a handler of a signal,
// may close the socket: that is errClosed. Where await returns no error the socket has a descriptor.
func (s *socket) await(events int16) (happened int16, err error) {
	if s.timeout.block == 0 { // without asking the system
		return 0, errTimeout
	}
	p, n := &s.lib.poller, 0
	defer func(before int16) { s.awaited = before }(s.awaited)
	s.awaited |= events
	s.lib.engine.Pauses("socket")
	defer s.lib.engine.Resumes()
	err = s.lib.engine.Wait(func(ctx context.Context) (err error) {
		if s.descriptor == nil {
			return errClosed
		}
		p.reset() // a handler of a signal may have used it
		p.add(s.descriptor.fd, events)
		n, err = p.wait(ctx, s.timeout.left())
		return err
	})
	switch {
	case err != nil:
		return 0, err
	case n == 0:
		return 0, errTimeout
	}
	return p.happened(0), nil
}
