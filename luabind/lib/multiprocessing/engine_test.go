//go:build linux

package multiprocessing_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
)

func newEngine(t testing.TB) *luabind.Engine {
	t.Helper()
	e, err := luabind.New(config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// The end of its context ends every wait.
func TestCancel(t *testing.T) {
	e := newEngine(t)
	began := make(chan bool)
	if err := e.SetGlobal("begin", func() { began <- true }); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Eval(context.Background(), `
		mp = require "multiprocessing"
		lock, event, cond, barrier = mp.Lock(), mp.Event(), mp.Condition(), mp.Barrier(2)
		sem, queue, full, joinable = mp.Semaphore(0), mp.Queue(), mp.Queue(1), mp.JoinableQueue()
		r, w = mp.Pipe(false)
		listener = mp.Listener()
		silent = mp.Listener()
		holder = mp.Process{target = function() lock:acquire() event:set() require("time").sleep(1e6) end, daemon = true}
		holder:start()
		event:wait()
		event:clear()
		full:put(1)
		joinable:put(1)
		cond:acquire()`); err != nil {
		t.Fatal(err)
	}
	for _, wait := range []string{
		"lock:acquire()", "lock:hold(print)", "lock:acquire(true, 1e6)", "sem:acquire()", "event:wait()", "event:wait(1e6)",
		"cond:wait() ", "cond:acquire() cond:wait_for(function() end)", "barrier:wait()", "queue:get()", "queue:get(true, 1e6)",
		"full:put(2)", "joinable:join()", "r:recv()", "r:recv_bytes()", "r:poll(1e6)", "r:poll(nil)",
		"for i = 1, 1e6 do w:send_bytes(('x'):rep(10000)) end", "listener:accept()",
		"mp.Client{address = silent.address}", "mp.wait({event, listener, queue, holder})",
	} {
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			<-began
			time.AfterFunc(5*time.Millisecond, cancel)
		}()
		err := e.Run(ctx, "test", strings.NewReader("begin() "+wait))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", wait, err)
		}
	}
	// None of it has broken anything.
	if _, err := e.Eval(context.Background(), `
		holder:kill()
		assert(lock:acquire())
		barrier:reset()
		queue:put("item")
		assert(queue:get() == "item")
		assert(full:get() == 1)
		event:set()
		assert(event:wait())`); err != nil {
		t.Error(err)
	}
}

// What belonged to an engine that was closed is closed.
func TestDeadEngine(t *testing.T) {
	dead := newEngine(t)
	if _, err := dead.Eval(context.Background(), `
		local mp = require "multiprocessing"
		list = {mp.Lock(), mp.Event(), mp.Condition(), mp.Barrier(1), mp.Queue(), mp.Value("i"), mp.Pipe(), mp.Listener()}
		calls = {"acquire", "set", "notify", "wait", "get", "acquire", "recv", "accept"}`); err != nil {
		t.Fatal(err)
	}
	list, calls := dead.State().GetGlobal("list").(*lua.LTable), dead.State().GetGlobal("calls").(*lua.LTable)
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	e := newEngine(t)
	for i := 1; i <= list.Len(); i++ {
		e.State().SetGlobal("o", list.RawGetInt(i))
		e.State().SetGlobal("m", calls.RawGetInt(i))
		got, err := e.Eval(context.Background(), `
			local held, err = pcall(o[m], o)
			return held, tostring(err)`)
		if err != nil || got[0] != false || !strings.Contains(got[1].(string), "closed") {
			t.Errorf("%s: got %v, %v", calls.RawGetInt(i), got, err)
		}
	}
}
