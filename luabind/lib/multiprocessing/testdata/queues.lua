local mp = require "multiprocessing"
local machine = require "machine"
local time = require "time"
local tick = machine.tick

local function fails(class, text, f, ...)
  local held, err = pcall(f, ...)
  if ok(not held, "nothing raised") and eq(type(err), "table", tostring(err)) then
    eq(err.name, class)
    eq(err.message, text)
    eq(err.class, mp[class])
  end
end

local function run(f, ...)
  local p = mp.Process{target = f, args = {...}}
  p:start()
  return p
end

local function finish(p)
  p:join(30)
  eq(p.exitcode, 0)
end

test("put", function()
  local q = mp.Queue(6)
  eq(q:empty(), true)
  eq(q:full(), false)
  q:put(1)
  q:put(2, true)
  q:put(3, true, nil)
  q:put(4, false)
  q:put(5, false, nil)
  q:put_nowait(6)
  eq(q:qsize(), 6)
  eq(q:full(), true)
  eq(q:empty(), false)
  fails("Full", "no place", q.put, q, 7, false)
  fails("Full", "no place", q.put, q, 7, false, 10)
  fails("Full", "no place", q.put_nowait, q, 7)
  fails("Full", "no place", q.put, q, 7, true, 0)
  local began = time.monotonic()
  fails("Full", "no place within the time", q.put, q, 7, true, 0.05)
  ok(time.monotonic() - began >= 0.05 - tick)
  finish(run(function() for i = 1, 6 do assert(q:get() == i) end end))
  eq(q:empty(), true)
end)

test("a maxsize of 0 or less is none, as in Python", function()
  for _, maxsize in ipairs{0, -1, -5} do
    for _, make in ipairs{mp.Queue, mp.JoinableQueue} do
      local q = make(maxsize)
      for i = 1, 10 do q:put_nowait(i) end
      eq(q:full(), false)
      eq(q:qsize(), 10)
    end
  end
end)

test("get", function()
  local q = mp.Queue()
  finish(run(function() for i = 2, 5 do q:put(i) end end))
  eq(q:empty(), false) -- nothing has to be flushed
  eq(q:get(true, nil), 2)
  eq(q:get(true), 3)
  eq(q:get(true, 1), 4)
  eq(q:get_nowait(), 5)
  eq(q:qsize(), 0)
  fails("Empty", "no item", q.get, q, false)
  fails("Empty", "no item", q.get_nowait, q)
  local began = time.monotonic()
  fails("Empty", "no item within the time", q.get, q, true, 0.05)
  ok(time.monotonic() - began >= 0.05 - tick)
  local p = run(function() time.sleep(0.02); q:put("late") end)
  eq(q:get(), "late")
  finish(p)
end)

test("any value that can travel", function()
  local q, lock = mp.Queue(), mp.Lock()
  local shared = {}
  local up = 41
  local t = setmetatable({1, 2, nil, x = {shared, shared}}, {__index = function(_, k) up = up + 1; return k .. up end})
  local list = {n = 9, nil, false, true, 0, -0.5, 2^53, 1/0, "", "bytes \0\255"}
  for i = 1, list.n do q:put(list[i]) end
  q:put(t)
  q:put(print)
  q:put(lock)
  q:put(q)
  local nan = 0/0
  q:put(nan)
  finish(run(function()
    for i = 1, list.n do
      local v = q:get()
      assert(v == list[i], tostring(v))
    end
    local got = q:get()
    assert(got[2] == 2 and got.x[1] == got.x[2] and got.anything == "anything42")
    assert(q:get() == print)
    local l = q:get()
    assert(l:acquire(false) and l == lock)
    assert(lock:acquire(false) == false)
    lock:release()
    assert(q:get() == q)
    local v = q:get()
    assert(v ~= v)
  end))
  lock:acquire()
end)

test("what can't travel is an error of that put", function()
  local q = mp.Queue()
  local held, err = pcall(q.put, q, {log = io.open("testdata/queues.lua")})
  eq(held, false)
  eq(err.name, "ValueError")
  eq(err.message, "cannot send to Queue: value.log is a file (open it in the child)")
  held, err = pcall(q.put, q, coroutine.create(print))
  eq(err.message, "cannot send to Queue: value is a coroutine (create it in the child)")
  eq(q:qsize(), 0)
  q:put("after")
  eq(q:get(), "after")
end)

test("close", function()
  local q = mp.Queue()
  q:put(1)
  q:close()
  q:close()
  for _, method in ipairs{"put", "get", "put_nowait", "get_nowait", "qsize", "empty", "full"} do
    fails("ValueError", "Queue is closed", q[method], q)
  end
  q:join_thread()
  raises("bad argument #1 to 'Queue' (number out of range)", function() mp.Queue(1.5) end)
  raises("bad argument #1 to 'Queue' (number expected, got table)", function() mp.Queue({}) end)
  local r = mp.Queue()
  raises("bad argument #2 to 'get' (timeout is not a number)", function() r:get(true, 0/0) end)
  raises("bad argument #3 to 'put' (timeout is not a number)", function() r:put(1, true, 0/0) end)
end)

test("joinable", function()
  local q = mp.JoinableQueue()
  fails("ValueError", "task_done() called too many times", q.task_done, q)
  local function worker()
    while true do
      local v = q:get()
      if v == nil then q:task_done() return end
      q:task_done()
    end
  end
  local list = {}
  for i = 1, 4 do list[i] = run(worker) end
  for i = 1, 40 do q:put(i) end
  q:join()
  eq(q:empty(), true)
  for _ = 1, 4 do q:put(nil) end
  for _, p in ipairs(list) do finish(p) end
  q:join()
end)

test("joinable: one that took an item and died has done it", function()
  local q, taken = mp.JoinableQueue(), mp.Event()
  q:put(1)
  local p = run(function() q:get(); taken:set(); time.sleep(1000) end)
  taken:wait()
  p:kill()
  q:join()
  p:join()
end)

test("simple", function()
  local q = mp.SimpleQueue()
  eq(q:empty(), true)
  q:put({1})
  eq(q:empty(), false)
  eq(q:get()[1], 1)
  eq(q.qsize, nil)
  q:close()
  fails("ValueError", "SimpleQueue is closed", q.put, q, 1)
end)

test("a producer may end, and need not be joined", function()
  local q = mp.Queue()
  local p = run(function() for i = 1, 20000 do q:put(("x"):rep(100)) end end)
  p:join() -- before a single item is taken
  eq(p.exitcode, 0)
  eq(q:qsize(), 20000)
  for _ = 1, 20000 do if q:get() ~= ("x"):rep(100) then ok(false) end end
end)

test("a killed consumer loses its own item and no other", function()
  local q, ready = mp.Queue(), mp.Event()
  local p = run(function() ready:set(); q:get() end)
  ready:wait()
  p:kill()
  p:join()
  q:put("item")
  eq(q:get(true, 30), "item")
end)

test("pipe", function()
  local a, b = mp.Pipe()
  local p = run(function(b)
    while true do
      local held, v = pcall(b.recv, b)
      if not held then assert(v.name == "EOFError", tostring(v)) return end
      b:send(v)
    end
  end, b)
  b:close()
  eq(b.closed, true)
  fails("OSError", "handle is closed", b.send, b, 1)
  fails("OSError", "handle is closed", b.poll, b)
  for _, v in ipairs{1, "two", true, ("long"):rep(100000)} do
    a:send(v)
    eq(a:recv(), v)
  end
  a:send(nil)
  eq(a:recv(), nil)
  a:send({1, {2, x = 3}})
  eq(a:recv(), {1, {2, x = 3}})
  eq(a:poll(), false)
  eq(a:poll(0), false)
  eq(a:poll(0.02), false)
  a:send(1)
  eq(a:poll(30), true)
  eq(a:poll(), true)
  a:recv()
  ok(a:fileno() > 2)
  a:close()
  a:close()
  finish(p)
end)

test("pipe: bytes", function()
  local a, b = mp.Pipe()
  a:send_bytes("hello")
  eq(b:recv_bytes(), "hello")
  a:send_bytes("hello", 2)
  a:send_bytes("hello", 2, 3)
  a:send_bytes("hello", 6)
  a:send_bytes("", 1, 0)
  for _, want in ipairs{"ello", "ell", "", ""} do eq(b:recv_bytes(), want) end
  raises("bad argument #2 to 'send_bytes' (position out of range)", function() a:send_bytes("hello", 7) end)
  raises("bad argument #2 to 'send_bytes' (position out of range)", function() a:send_bytes("hello", 0) end)
  raises("bad argument #3 to 'send_bytes' (number out of range)", function() a:send_bytes("hello", 2, 5) end)
  raises("bad argument #3 to 'send_bytes' (number out of range)", function() a:send_bytes("hello", 2, -1) end)
  raises("bad argument #1 to 'send_bytes' (string expected, got table)", function() a:send_bytes({}) end)
  local long = ("x"):rep(3000000)
  a:send_bytes(long)
  ok(b:recv_bytes(#long) == long)
  a:send_bytes("what")
  fails("ValueError", "what came is not a value (send_bytes goes with recv_bytes)", b.recv, b)
  a:send_bytes("long")
  fails("OSError", "bad message length", b.recv_bytes, b, 3)
  eq(b.closed, true)
  local held, err
  repeat held, err = pcall(a.send, a, 1) until not held -- a process that is just being started has b until its exec
  eq(err.class, mp.BrokenPipeError)
  eq(err.message, "the other end is closed")
end)

test("pipe: one way", function()
  local r, w = mp.Pipe(false)
  w:send(1)
  eq(r:recv(), 1)
  fails("OSError", "connection is read-only", r.send, r, 1)
  fails("OSError", "connection is write-only", w.recv, w)
  fails("OSError", "connection is write-only", w.poll, w)
  eq({r.readable, r.writable, w.readable, w.writable}, {true, false, false, true})
  w:send(2)
  w:close()
  eq(r:recv(), 2)
  fails("EOFError", "the other end is closed", r.recv, r)
  eq(r:poll(), true)
end)

test("pipe: connections and locks travel through it", function()
  local a, b = mp.Pipe()
  local p = run(function(b)
    local conn, lock = unpack(b:recv())
    lock:release()
    conn:send("through the other one")
  end, b)
  local r, w = mp.Pipe(false)
  local lock = mp.Lock()
  lock:acquire()
  a:send({w, lock})
  w:close()
  eq(r:recv(), "through the other one")
  eq(lock:acquire(false), true)
  finish(p)
  fails("EOFError", "the other end is closed", r.recv, r)
end)

test("pipe: the other process is killed", function()
  local a, b = mp.Pipe()
  local p = run(function(b) b:send("ready"); time.sleep(1000) end, b)
  b:close()
  a:recv()
  p:kill()
  fails("EOFError", "the other end is closed", a.recv, a)
  p:join()
end)

test("listener and client", function()
  for _, family in ipairs(machine.families) do
    local l = mp.Listener{family = family}
    local address = l.address
    local p = run(function()
      local c = mp.Client{address = address}
      c:send({"value", n = 1})
      assert(c:recv() == "answer")
      c:send_bytes("bytes")
    end)
    local c = l:accept()
    eq(c:recv(), {"value", n = 1})
    c:send("answer")
    eq(c:recv_bytes(), "bytes")
    fails("EOFError", "the other end is closed", c.recv_bytes, c)
    if family == "AF_INET" then eq(l.last_accepted[1], "127.0.0.1") end
    finish(p)
    c:close()
    l:close()
    l:close()
    fails("OSError", "listener is closed", l.accept, l)
    local held, err = pcall(mp.Client, {address = address})
    eq(held, false)
    -- The end of the file: a process that was just being started had the listener until its exec.
    ok(err.class == mp.ConnectionError or err.class == mp.OSError or err.class == mp.EOFError, tostring(err))
  end
end)

test("listener: another key, and none", function()
  local l = mp.Listener{authkey = "secret"}
  local address = l.address
  local p = run(function()
    local held, err = pcall(mp.Client, {address = address, authkey = "wrong"})
    assert(not held and err.name == "AuthenticationError" and err.message == "digest sent was rejected", tostring(err))
    assert(err:isInstanceOf(mp.ProcessError))
    local c = mp.Client{address = address, authkey = "secret"}
    c:send("in")
  end)
  fails("AuthenticationError", "digest received was wrong", l.accept, l)
  local c = l:accept()
  eq(c:recv(), "in")
  finish(p)
  local open = mp.Listener{authkey = false}
  local there = open.address
  p = run(function() mp.Client{address = there, authkey = false}:send_bytes("bytes") end)
  c = open:accept()
  eq(c:recv_bytes(), "bytes")
  fails("AuthenticationError", "values need a connection whose both sides have shown their authkey (send_bytes and recv_bytes don't)", c.recv, c)
  fails("AuthenticationError", "values need a connection whose both sides have shown their authkey (send_bytes and recv_bytes don't)", c.send, c, 1)
  finish(p)
end)

test("listener: a connection is handed to a worker", function()
  local l = mp.Listener()
  local address = l.address
  local client = run(function()
    local c = mp.Client{address = address}
    c:send(20)
    assert(c:recv() == 40)
  end)
  local c = l:accept()
  local worker = run(function(c) c:send(c:recv() * 2) end, c)
  c:close()
  finish(worker)
  finish(client)
end)

test("listener: bad options", function()
  local function bad(text, name, options)
    raises(("bad argument #1 to 'make' (%s)"):format(text), function() local make = mp[name]; make(options) end)
  end
  bad("Listener() got an unexpected keyword argument 'adress'", "Listener", {adress = 1})
  bad("field 'address': {host, port} or the path of a Unix socket is wanted", "Listener", {address = 1})
  bad("field 'address': {host, port} or the path of a Unix socket is wanted", "Listener", {address = {"x", 70000}})
  bad("field 'address': {host, port} or the path of a Unix socket is wanted", "Client", {})
  bad("field 'family': 'AF_INET' or 'AF_UNIX' is wanted", "Listener", {family = "AF_PIPE"})
  bad("field 'backlog': a non-negative number of waiting clients is wanted, for a Listener", "Listener", {backlog = -1})
  bad("field 'authkey': a string is wanted, or false for none", "Listener", {authkey = 1})
  bad("Listener takes keyword arguments only, in a table: Listener{address = {'127.0.0.1', 6000}}", "Listener", 1)
  raises("bad argument #2 to 'Client' (Client takes keyword arguments only, in a table: Client{address = {'127.0.0.1', 6000}})",
    function() mp.Client({address = "x"}, 1) end)
end)

test("wait", function()
  local q, e, l = mp.Queue(), mp.Event(), mp.Listener()
  local r, w = mp.Pipe(false)
  local go = mp.Event()
  local p = run(function() go:wait() time.sleep(0.02) q:put(1) end)
  local all = {q, e, l, r}
  eq(#mp.wait(all, 0), 0)
  eq(#mp.wait(all, 0.01), 0)
  go:set()
  local ready = mp.wait(all)
  eq(#ready, 1)
  ok(ready[1] == q)
  q:get()
  w:send(1)
  e:set()
  ready = mp.wait(all, 30)
  eq(#ready, 2)
  ok(ready[1] == e and ready[2] == r)
  e:clear()
  r:recv()
  local address = l.address
  local c = run(function() mp.Client{address = address} end)
  ready = mp.wait(all)
  ok(ready[1] == l)
  l:accept()
  finish(c)
  ready = mp.wait({p, q}, 30)
  ok(ready[1] == p)
  w:close()
  ready = mp.wait({r})
  ok(ready[1] == r)
  r:close()
  raises("bad argument #1 to 'wait' (item 1: handle is closed)", function() mp.wait({r}) end)
  raises("bad argument #1 to 'wait' (item 2 is nothing that can be waited for)", function() mp.wait({q, {}}) end)
end)
