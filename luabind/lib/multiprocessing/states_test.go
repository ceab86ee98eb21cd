//go:build linux

package multiprocessing_test

import (
	"context"
	"testing"
)

// objects make one of each class, which nothing keeps from being closed.
const objects = `
	mp = require "multiprocessing"
	function objects()
		local r, w = mp.Pipe(false)
		local l = mp.Listener{authkey = "k"}
		return {
			Lock = mp.Lock(), RLock = mp.RLock(), Semaphore = mp.Semaphore(), BoundedSemaphore = mp.BoundedSemaphore(),
			Event = mp.Event(), Condition = mp.Condition(), Barrier = mp.Barrier(1),
			Queue = mp.Queue(), JoinableQueue = mp.JoinableQueue(), SimpleQueue = mp.SimpleQueue(),
			Value = mp.Value("i"), Array = mp.Array("i", 2), ["Value's lock"] = mp.Value("i"):get_lock(),
			reader = r, writer = w, duplex = mp.Pipe(), Listener = l, open = mp.Listener{authkey = false},
			unix = mp.Listener{family = "AF_UNIX"},
			Client = mp.Client{address = mp.Listener{authkey = false}.address, authkey = false},
		}
	end
	function travel(o)
		local q = mp.SimpleQueue()
		q:put(o)
		return q:get()
	end
	function close(o)
		pcall(function() o:close() end)
		return o
	end
	names = {
		"acquire", "release", "locked", "hold", "get_value", "set", "clear", "is_set", "wait", "wait_for", "notify",
		"notify_all", "reset", "abort", "parties", "n_waiting", "broken", "put", "get", "put_nowait", "get_nowait", "qsize",
		"empty", "full", "join_thread", "cancel_join_thread", "task_done", "join", "get_lock", "value", 1, 3, "send", "recv",
		"send_bytes", "recv_bytes", "poll", "fileno", "closed", "readable", "writable", "accept", "address",
		"last_accepted", "close", "nothing",
	}
	-- what waits while the object is open
	waits = {acquire = true, wait = true, wait_for = true, get = true, join = true, recv = true, recv_bytes = true, poll = true, accept = true}
	-- use calls every method, and reads and sets every field, of o; it returns the errors that aren't ours.
	function use(class, o, open)
		local bad = ""
		local function try(what, f, ...)
			local held, err = pcall(f, ...)
			if not held and (tostring(err):find("runtime error", 1, true) or tostring(err):find("panic", 1, true)) then
				bad = bad .. class .. ": " .. tostring(what) .. ": " .. tostring(err) .. "\n"
			end
		end
		for _, name in ipairs(names) do
			try(name .. " =", function() o[name] = 1 end)
			for _, args in ipairs{{}, {1, 0}, {false}, {tostring, 0}, {"x"}} do
				try(name, function()
					local f = o[name]
					if type(f) == "function" and not (open and waits[name]) then f(o, unpack(args)) end
				end)
			end
		end
		try("tostring", tostring, o)
		try("==", function() return o == mp.Lock() end)
		try("#", function() return #o end)
		try("wait", mp.wait, {o}, 0)
		try("travel", travel, o)
		return bad
	end`

// No method of any object, in whatever state, ends in an error of Go's.
func TestStates(t *testing.T) {
	for _, state := range []struct{ name, code string }{
		{"open", "return o, true"},
		{"arrived", "return travel(o), true"},
		{"arrived, its first closed", "local a = travel(o) close(o) return a, true"},
		{"closed", "return close(o)"},
		{"closed twice", "return close(close(o))"},
		{"arrived, then closed", "return close(travel(o))"},
		{"arrived, then closed twice", "return close(close(travel(o)))"},
		{"arrived closed", "return travel(close(o))"},
		{"arrived closed, then closed twice", "return close(close(travel(close(o))))"},
		{"arrived closed twice", "return travel(travel(close(o)))"},
	} {
		e := newEngine(t)
		got, err := e.Eval(context.Background(), objects+`
			local bad = ""
			for class, o in pairs(objects()) do
				local o, open = (function(o) `+state.code+` end)(o)
				bad = bad .. use(class, o, open or not o.close)
			end
			return bad`)
		if err != nil || got[0] != "" {
			t.Errorf("%s: %v\n%v", state.name, err, got)
		}
	}

	for _, code := range []string{"return o", "return close(o)", "return travel(o)", "return travel(close(o))"} {
		dead, e := newEngine(t), newEngine(t)
		if _, err := dead.Eval(context.Background(), objects+`
			list = objects()
			for class, o in pairs(list) do
				list[class] = (function(o) `+code+` end)(o)
			end`); err != nil {
			t.Fatal(err)
		}
		list := dead.State().GetGlobal("list")
		if err := dead.Close(); err != nil {
			t.Fatal(err)
		}
		e.State().SetGlobal("list", list)
		got, err := e.Eval(context.Background(), objects+`
			local bad = ""
			for class, o in pairs(list) do bad = bad .. use(class, o) end
			return bad`)
		if err != nil || got[0] != "" {
			t.Errorf("engine closed, %s: %v\n%v", code, err, got)
		}
	}
}
