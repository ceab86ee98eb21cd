package glua

import (
	"context"
	"runtime"

	lua "github.com/yuin/gopher-lua"
)

// apart is a fact about the process: how many functions run apart. So many may have been
// left behind when contexts ended; who comes next waits for one of them.
var apart = make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))

// Apart calls f and is true, or false soon after ctx has ended. It is for pure functions
// over large inputs that can't look at the context themselves: with one that can end, f
// runs on a goroutine of its own, and is left behind. What it makes is then to be dropped.
func Apart(ctx context.Context, f func()) bool {
	if ctx == nil || ctx.Done() == nil {
		f()
		return true
	}
	if ctx.Err() != nil {
		return false
	}
	select {
	case apart <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	done := make(chan struct{})
	var panicked any
	go func() {
		defer func() {
			panicked = recover()
			<-apart
			close(done)
		}()
		f()
	}()
	select {
	case <-done:
		if panicked != nil {
			panic(panicked)
		}
		return true
	case <-ctx.Done():
		return false
	}
}

// Number is parse(s) for a numeral of any length: a long one ends with the context of L.
func Number(L *lua.LState, s string, parse func(string) (lua.LNumber, bool)) (n lua.LNumber, ok bool) {
	const long = 1 << 20 // some milliseconds
	if len(s) < long {
		return parse(s)
	}
	var f lua.LNumber // not n and ok, which are read when it is left behind
	var is bool
	if !Apart(L.Context(), func() { f, is = parse(s) }) {
		L.Error(lua.LString(L.Context().Err().Error()), 0)
	}
	return f, is
}
