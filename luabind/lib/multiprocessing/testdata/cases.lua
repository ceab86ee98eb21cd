-- Cases of CPython's test suite that the other files don't have.
if short then return end -- nearly each test here starts processes
local machine = require "machine"
local mp = require "multiprocessing"
local time = require "time"

local function run(f, ...)
  local p = mp.Process{target = f, args = {...}}
  p:start()
  return p
end

local function finish(...)
  for _, p in ipairs{...} do
    p:join(60)
    eq(p.exitcode, 0, p.name)
  end
end

-- together runs f in n - 1 processes and here.
local function together(n, f, ...)
  local list = {}
  for i = 1, n - 1 do list[i] = run(f, ...) end
  f(...)
  finish(unpack(list))
end

-- _TestBarrier

test("barrier: wait's returns", function()
  local b, q = mp.Barrier(5), mp.Queue()
  together(5, function() q:put(b:wait()) end)
  local seen = {}
  for _ = 1, 5 do seen[q:get()] = true end
  for i = 0, 4 do ok(seen[i], i) end
  eq(q:empty(), true)
end)

test("barrier: action", function()
  local acted = mp.Value("i", 0)
  local b = mp.Barrier(5, function() acted.value = acted.value + 1 end)
  together(5, function()
    b:wait()
    assert(acted.value == 1)
    b:wait()
    assert(acted.value == 2)
  end)
end)

test("barrier: abort", function()
  local b, broken, passed = mp.Barrier(5), mp.Semaphore(0), mp.Semaphore(0)
  together(5, function()
    local held, err = pcall(function()
      if b:wait() == 2 then error("stop", 0) end
      b:wait()
      passed:release()
    end)
    if err == "stop" then
      b:abort()
    elseif not held and err.class == mp.BrokenBarrierError then
      broken:release()
    else
      error(err, 0)
    end
  end)
  eq(passed:get_value(), 0)
  eq(broken:get_value(), 4)
  eq(b.broken, true)
end)

test("barrier: reset", function()
  local b, before, broken, after = mp.Barrier(5), mp.Semaphore(0), mp.Semaphore(0), mp.Semaphore(0)
  together(5, function()
    if b:wait() == 2 then
      while b.n_waiting < 4 do time.sleep(0.001) end
      b:reset()
      before:release()
    else
      local held, err = pcall(b.wait, b)
      assert(not held and err.class == mp.BrokenBarrierError)
      broken:release()
    end
    b:wait()
    after:release()
  end)
  eq({before:get_value(), broken:get_value(), after:get_value()}, {1, 4, 5})
end)

test("barrier: abort and reset", function()
  local b, b2, passed = mp.Barrier(5), mp.Barrier(5), mp.Semaphore(0)
  together(5, function()
    local held, err = pcall(function()
      if b:wait() == 2 then error("stop", 0) end
      b:wait()
    end)
    assert(not held)
    if err == "stop" then b:abort() end
    if b2:wait() == 2 then b:reset() end
    b2:wait()
    b:wait()
    passed:release()
  end)
  eq(passed:get_value(), 5)
  eq(b.broken, false)
end)

test("barrier: one is late", function()
  local b = mp.Barrier(3)
  together(3, function()
    if b:wait() == 2 then
      while not b.broken do time.sleep(0.001) end
    end
    local held, err = pcall(b.wait, b, 0.05)
    assert(not held and err.class == mp.BrokenBarrierError, tostring(err))
  end)
end)

test("barrier: a thousand times", function()
  local b, q = mp.Barrier(2), mp.Queue()
  together(2, function()
    for i = 1, 1000 do
      b:wait()
      q:put(i)
    end
  end)
  eq(q:qsize(), 2000)
end)

-- _TestCondition

test("condition: notify_all, some with a timeout", function()
  local c, sleeping, woken = mp.Condition(), mp.Semaphore(0), mp.Semaphore(0)
  local function f(timeout)
    c:acquire()
    sleeping:release()
    local notified = c:wait(timeout)
    assert(notified == (timeout == nil))
    woken:release()
    c:release()
  end
  local list = {}
  for i = 1, 6 do list[i] = run(f, i <= 3 and 0.02 or nil) end
  for _ = 1, 6 do sleeping:acquire() end
  for _ = 1, 3 do woken:acquire() end
  eq(woken:get_value(), 0)
  c:acquire()
  c:notify_all()
  c:release()
  finish(unpack(list))
  eq(woken:get_value(), 3)
end)

test("condition: wait's result, for a process that is told to go on", function()
  local c = mp.Condition()
  c:acquire()
  eq(c:wait(0), false)
  eq(c:wait(0.01), false)
  local p = run(function() c:acquire() c:notify() c:release() end)
  eq(c:wait(60), true)
  c:release()
  finish(p)
end)

test("condition: an RLock held twice is let go, and back", function()
  local c = mp.Condition(mp.RLock())
  c:acquire()
  c:acquire()
  local p = run(function() c:hold(function() c:notify() end) end)
  eq(c:wait(60), true)
  c:release()
  eq(c:locked(), true)
  c:release()
  eq(c:locked(), false)
  finish(p)
end)

-- _TestQueue

test("queue: order of one producer, and sizes", function()
  local q = mp.Queue()
  finish(run(function() for i = 10, 19 do q:put(i) end end))
  eq(q:qsize(), 10)
  for i = 10, 19 do eq(q:get(), i) end
  eq(q:qsize(), 0)
end)

test("queue: in another process close is its own affair", function()
  local q = mp.Queue()
  finish(run(function() q:put(1) q:close() end))
  q:put(2)
  eq(q:get() + q:get(), 3)
end)

test("queue: many to many", function()
  local q, sums = mp.Queue(7), mp.Queue()
  local list = {}
  for i = 1, 3 do list[#list + 1] = run(function() for n = 1, 500 do q:put(n) end end) end
  for i = 1, 3 do
    list[#list + 1] = run(function()
      local sum = 0
      for n in q.get, q do sum = sum + n end
      sums:put(sum)
    end)
  end
  for i = 1, 3 do finish(list[i]) end
  for i = 1, 3 do q:put(nil) end
  eq(sums:get() + sums:get() + sums:get(), 3 * 500 * 501 / 2)
  finish(unpack(list))
end)

test("queue: a function and its upvalues", function()
  local q = mp.Queue()
  local n = 41
  q:put(function() n = n + 1 return n end)
  local f = q:get()
  eq(f(), 42)
  eq(n, 41) -- a copy, like whatever travels
end)

-- _TestPoll

test("poll: an empty message is one", function()
  local a, b = mp.Pipe()
  eq(a:poll(), false)
  b:send_bytes("")
  eq(a:poll(), true)
  eq(a:poll(), true)
  eq(a:recv_bytes(), "")
  eq(a:poll(), false)
end)

test("poll: messages keep apart", function()
  local r, w = mp.Pipe(false)
  local p = run(function(w) for _, s in ipairs{"hello", "", "a", ("b"):rep(100000), "bye"} do w:send_bytes(s) end end, w)
  w:close()
  for _, s in ipairs{"hello", "", "a", ("b"):rep(100000), "bye"} do
    eq(r:poll(60), true)
    ok(r:recv_bytes() == s)
  end
  eq(r:poll(60), true) -- the end
  eq(pcall(r.recv_bytes, r), false)
  finish(p)
end)

-- _TestListener

test("listener: an address is taken once", function()
  local path = os.tmpname()
  os.remove(path)
  local addresses = {AF_INET = {"127.0.0.1", 0}, AF_UNIX = path}
  for _, family in ipairs(machine.families) do
    local l = mp.Listener{address = addresses[family]}
    local held, err = pcall(mp.Listener, {address = l.address})
    eq(held, false)
    eq(err.class, mp.OSError)
    match(err.message, machine.windows and "." or "address already in use") -- it has words of its own there
    l:close()
  end
  eq(io.open(path), nil)
end)

test("listener: what was sent before the accept is there", function()
  for _, family in ipairs(machine.families) do
    local l = mp.Listener{family = family, authkey = false, backlog = 5}
    local c = mp.Client{address = l.address, authkey = false}
    c:send_bytes("hello")
    c:close()
    local s = l:accept()
    eq(s:poll(60), true)
    eq(s:recv_bytes(), "hello")
    eq(pcall(s.recv_bytes, s), false)
    l:close()
  end
end)

test("listener: no name is left", function()
  if machine.windows then return end -- which has no abstract names
  local l = mp.Listener{address = "\0luaspawn test " .. os.getpid(), authkey = false}
  local c = mp.Client{address = l.address, authkey = false}
  c:send_bytes("abstract")
  eq(l:accept():recv_bytes(), "abstract")
  l:close()
end)

test("a listener travels", function()
  local l = mp.Listener()
  local p = run(function(l)
    local c = l:accept()
    c:send("from the child")
  end, l)
  eq(mp.Client{address = l.address}:recv(), "from the child")
  finish(p)
end)
