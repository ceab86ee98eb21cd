if short then return end -- nearly each test here starts processes

local mp = require "multiprocessing"
local tick = require "machine".tick
local time = require "time"

-- fails runs f, which must raise an error of a class with a text.
local function fails(class, text, f, ...)
  local held, err = pcall(f, ...)
  if ok(not held, "nothing raised") and eq(type(err), "table") then
    eq(err.name, class)
    eq(err.message, text)
    eq(err.class, mp[class])
    ok(tostring(err):find(class .. ": " .. text, 1, true), tostring(err))
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

test("lock", function()
  local lock = mp.Lock()
  eq(lock:acquire(), true)
  eq(lock:locked(), true)
  eq(lock:acquire(false), false)
  eq(lock:release(), nil)
  eq(lock:locked(), false)
  fails("ValueError", "semaphore or lock released too many times", lock.release, lock)
  eq(tostring(lock), "<Lock>")
end)

test("rlock", function()
  local lock = mp.RLock()
  for _ = 1, 3 do eq(lock:acquire(), true) end
  for _ = 1, 3 do eq(lock:release(), nil) end
  fails("AssertionError", "attempt to release recursive lock not owned by this process", lock.release, lock)
end)

test("lock released by another process", function()
  local lock, r = mp.Lock(), mp.RLock()
  lock:acquire()
  r:acquire()
  finish(run(function()
    lock:release()
    local held, err = pcall(r.release, r)
    assert(not held and err.name == "AssertionError")
    assert(r:acquire(false) == false)
  end))
  eq(lock:acquire(false), true)
  r:release()
end)

test("timeouts", function()
  local lock = mp.Lock()
  lock:acquire()
  eq(lock:acquire(false, 1e6), false)
  eq(lock:acquire(true, 0), false)
  local began = time.monotonic()
  eq(lock:acquire(true, 0.05), false)
  ok(time.monotonic() - began >= 0.05 - tick)
  eq(lock:acquire(true, -1), false)
  lock:release()
  eq(lock:acquire(true, -math.huge), true)
  raises("bad argument #2 to 'acquire' (timeout is not a number)", function() lock:acquire(true, 0/0) end)
  raises("bad argument #2 to 'acquire' (number expected, got table)", function() lock:acquire(true, {}) end)
  raises("bad argument #1 to 'acquire' (Lock expected, got table)", function() local acquire = lock.acquire; acquire({}) end)
  raises("bad argument #1 to 'Semaphore' (number out of range)", function() mp.Semaphore(-1) end)
  raises("bad argument #1 to 'Semaphore' (number out of range)", function() mp.Semaphore(1.5) end)
  raises("bad argument #1 to 'Semaphore' (number expected, got string)", function() mp.Semaphore("many") end)
end)

test("hold", function()
  local lock = mp.Lock()
  eq({lock:hold(function(...) return lock:locked(), ... end, 1, nil, 3)}, {true, 1, nil, 3})
  eq(lock:locked(), false)
  local held, err = pcall(lock.hold, lock, function() error("boom", 0) end)
  eq(held, false)
  eq(err, "boom")
  eq(lock:locked(), false)
  raises("bad argument #1 to 'hold' (function expected, got number)", function() lock:hold(1) end)
  fails("ValueError", "semaphore or lock released too many times", lock.hold, lock, function() lock:release() end)
end)

test("the holder is killed", function()
  for _, make in ipairs{mp.Lock, mp.RLock, mp.Semaphore} do
    local lock, held = make(), mp.Event()
    local p = run(function() lock:acquire(); held:set(); time.sleep(1000) end)
    held:wait()
    eq(lock:acquire(false), false)
    p:terminate()
    local taken, how = lock:acquire(true, 1e6)
    eq(taken, true)
    eq(how, "abandoned")
    lock:release()
    eq({lock:acquire()}, {true})
    p:join()
  end
end)

test("the holder ends", function()
  local lock = mp.Lock()
  finish(run(function() lock:acquire() end))
  eq({lock:acquire(false)}, {false})
  lock:release()
  eq({lock:acquire(false)}, {true})
end)

test("semaphore", function()
  local s = mp.Semaphore(2)
  eq(s:get_value(), 2)
  eq(s:acquire(), true)
  eq(s:acquire(), true)
  eq(s:get_value(), 0)
  eq(s:locked(), true)
  eq(s:acquire(false), false)
  s:release()
  s:release()
  s:release()
  eq(s:get_value(), 3)
  local b = mp.BoundedSemaphore(2)
  b:acquire()
  b:release()
  fails("ValueError", "semaphore or lock released too many times", b.release, b)
  eq(mp.Semaphore():get_value(), 1)
end)

test("event", function()
  local e = mp.Event()
  eq(e:is_set(), false)
  eq(e:wait(0), false)
  eq(e:wait(0.02), false)
  e:set()
  eq(e:is_set(), true)
  eq(e:wait(), true)
  eq(e:wait(0), true)
  e:clear()
  eq(e:is_set(), false)
  local p = run(function() time.sleep(0.02); e:set() end)
  eq(e:wait(30), true)
  finish(p)
end)

test("condition", function()
  local c, woken, ready = mp.Condition(), mp.Semaphore(0), mp.Semaphore(0)
  local function waiter(timeout)
    c:acquire()
    ready:release()
    local notified = c:wait(timeout)
    woken:release()
    c:release()
    return notified
  end
  local list = {}
  for i = 1, 4 do list[i] = run(function() assert(waiter() == true) end) end
  for _ = 1, 4 do ready:acquire() end
  c:acquire() -- all of them wait now
  c:notify()
  c:release()
  woken:acquire()
  eq(woken:acquire(true, 0.02), false)
  c:hold(function() c:notify(2) end)
  woken:acquire()
  woken:acquire()
  eq(woken:acquire(true, 0.02), false)
  c:hold(function() c:notify_all() end)
  for _, p in ipairs(list) do finish(p) end
  c:acquire()
  eq(c:wait(0.02), false)
  c:release()
  for _, method in ipairs{"wait", "notify", "notify_all"} do
    fails("RuntimeError", "lock is not owned", c[method], c)
  end
  raises("bad argument #1 to 'notify' (number out of range)", function() c:notify(-1) end)
  raises("bad argument #1 to 'Condition' (Lock expected, got number)", function() mp.Condition(1) end)
end)

test("wait_for", function()
  local c, state = mp.Condition(mp.Lock()), mp.Value("i", 0)
  local p = run(function()
    c:acquire()
    state.value = 1
    c:notify()
    assert(c:wait_for(function() return state.value == 4 end) == true)
    c:release()
  end)
  c:acquire()
  eq(c:wait_for(function() return state.value == 1 end, 30), true)
  c:release()
  for _ = 1, 3 do
    c:acquire()
    state.value = state.value + 1
    c:notify()
    c:release()
  end
  finish(p)
  c:acquire()
  local began = time.monotonic()
  eq(c:wait_for(function() return false end, 0.05), false)
  ok(time.monotonic() - began >= 0.05 - tick)
  c:release()
end)

test("a dead waiter swallows no notify", function()
  local c, ready = mp.Condition(), mp.Semaphore(0)
  local function waiter() c:acquire(); ready:release(); assert(c:wait()); c:release() end
  local dead = run(waiter)
  ready:acquire()
  c:acquire()
  c:release()
  local alive = run(waiter)
  ready:acquire()
  c:acquire()
  dead:kill()
  dead:join()
  c:notify()
  c:release()
  finish(alive)
end)

test("barrier", function()
  local b, passed = mp.Barrier(3), mp.Array("i", 3)
  eq(b.parties, 3)
  eq(b.n_waiting, 0)
  eq(b.broken, false)
  local function party()
    for _ = 1, 50 do
      local i = b:wait()
      passed:hold(function() passed[i + 1] = passed[i + 1] + 1 end)
    end
  end
  local p, q = run(party), run(party)
  party()
  finish(p)
  finish(q)
  eq({passed[1], passed[2], passed[3]}, {50, 50, 50})
  eq(b.broken, false)
end)

test("barrier: action, abort, reset, timeout", function()
  local n = 0
  local b = mp.Barrier(1, function() n = n + 1 end)
  eq(b:wait(), 0)
  eq(b:wait(), 0)
  eq(n, 2)
  b:abort()
  eq(b.broken, true)
  fails("BrokenBarrierError", "the barrier is broken", b.wait, b)
  b:reset()
  eq(b.broken, false)
  eq(b:wait(), 0)
  local failing = mp.Barrier(1, function() error("boom", 0) end)
  local held, err = pcall(failing.wait, failing)
  eq(err, "boom")
  eq(failing.broken, true)
  local late = mp.Barrier(2, nil, 0.02)
  fails("BrokenBarrierError", "the barrier is broken", late.wait, late)
  late:reset()
  fails("BrokenBarrierError", "the barrier is broken", late.wait, late, 0.01)
  raises("bad argument #1 to 'Barrier' (number out of range)", function() mp.Barrier(0) end)
end)

test("barrier: a party dies", function()
  local b, ready = mp.Barrier(3), mp.Semaphore(0)
  local comes = run(function() ready:release(); assert(not pcall(b.wait, b)) end)
  local has = run(function() local party = b; ready:release(); time.sleep(1000) end)
  ready:acquire()
  ready:acquire()
  has:kill() -- it has not come, and now it never will
  fails("BrokenBarrierError", "the barrier is broken", b.wait, b)
  finish(comes)
  has:join()
end)

test("objects arrive as themselves", function()
  local lock, other = mp.Lock(), mp.Lock()
  local upvalue = {deep = {lock = lock}}
  lock:acquire() -- before the child is there to look
  local p = run(function(list)
    assert(list[1] == list[2] and list[1] == upvalue.deep.lock)
    assert(list[1] ~= other)
    assert(lock:acquire(false) == false)
    lock:release()
  end, {lock, lock})
  finish(p)
  eq(lock:acquire(false), true)
  ok(mp.Empty ~= mp.Full)
end)

test("value", function()
  for _, case in ipairs{{"i", 4343, 24234}, {"d", 3.625, -4.25}, {"h", -232, 234}, {"c", "x", "y"}, {"f", 0.5, 1.5},
    {"l", -2^53, 2^53}, {"L", 0, 2^63}, {"B", 255, 0}, {"b", -128, 127}, {"H", 65535, 0}, {"I", 2^32 - 1, 0}} do
    local v = mp.Value(case[1], case[2])
    eq(v.value, case[2])
    local p = run(function() assert(v.value == case[2]); v.value = case[3] end)
    finish(p)
    eq(v.value, case[3])
  end
  for _, case in ipairs{{"i", 2^31}, {"I", -1}, {"b", 128}, {"B", 256}, {"h", 40000}, {"H", -1}, {"l", 2^63}, {"L", -1},
    {"i", 1.5}, {"i", 0/0}, {"f", 1e300}, {"L", 2^64}} do
    fails("ValueError", ("value: number out of range: type '%s' doesn't hold %s"):format(case[1], tostring(case[2])),
      mp.Value, case[1], case[2])
  end
  fails("ValueError", "value: type 'i' doesn't hold a table", mp.Value, "i", {})
  fails("ValueError", "value: type 'c' doesn't hold \"xy\"", mp.Value, "c", "xy")
  raises("bad argument #1 to 'Value' (no type 'q': want one of bBhHiIlLfdc)", function() mp.Value("q") end)
  eq(mp.Value("i").value, 0)
  local v = mp.Value("i", 0)
  eq(v.nothing, nil)
  raises(nil, function() v.nothing = 1 end)
end)

test("value: get_lock and hold", function()
  local v = mp.Value("i", 0)
  local list = {}
  for i = 1, 4 do
    list[i] = run(function()
      local lock = v:get_lock()
      for _ = 1, 250 do
        lock:acquire()
        v.value = v.value + 1
        lock:release()
        v:hold(function() v.value = v.value + 1 end)
      end
    end)
  end
  for _, p in ipairs(list) do finish(p) end
  eq(v.value, 2000)
  -- The lock travels alone, and is the value's.
  local lock = v:get_lock()
  v:acquire()
  finish(run(function() assert(lock:acquire(false) == false) end))
  lock:release()
end)

test("array", function()
  local a = mp.Array("i", {680, 626, 934, 821, 150, 233, 548, 982, 714, 831})
  eq(#a, 10)
  eq(a[4], 821)
  a[4] = 42
  eq(a[4], 42)
  finish(run(function() for i = 2, #a do a[i] = a[i] + a[i - 1] end end))
  eq(a[2], 680 + 626)
  for _, i in ipairs{0, 11, -1, 1.5} do
    fails("IndexError", ("array index %s out of range 1 to 10"):format(i), function() return a[i] end)
    fails("IndexError", ("array index %s out of range 1 to 10"):format(i), function() a[i] = 1 end)
  end
  fails("ValueError", "item 2: number out of range: type 'i' doesn't hold 3000000000", function() a[2] = 3e9 end)
  local zeros = mp.Array("d", 1000)
  for i = 1, #zeros do if zeros[i] ~= 0 then eq(zeros[i], 0) end end
  eq(#mp.Array("c", "hello"), 5)
  eq(mp.Array("c", "hello")[5], "o")
  eq(#mp.Array("i", 0), 0)
  raises("bad argument #2 to 'Array' (number out of range)", function() mp.Array("i", -1) end)
  raises("bad argument #2 to 'Array' (number or table expected, got boolean)", function() mp.Array("i", true) end)
end)

test("a wait takes no processor time", function()
  local lock, e, q, c, b = mp.Lock(), mp.Event(), mp.Queue(), mp.Condition(), mp.Barrier(2)
  local r = mp.Pipe(false)
  local held = mp.Event()
  local p = run(function() lock:acquire(); held:set(); time.sleep(1000) end)
  held:wait()
  c:acquire()
  for _, wait in ipairs{
    function(t) lock:acquire(true, t) end,
    function(t) e:wait(t) end,
    function(t) pcall(q.get, q, true, t) end,
    function(t) c:wait(t) end,
    function(t) pcall(b.wait, b, t) end,
    function(t) r:poll(t) end,
    function(t) mp.wait({e, q, r, p}, t) end,
  } do
    local least = 1 / 0 -- of several times: a collection takes some too
    for _ = 1, 20 do
      local began = os.clock()
      wait(0.3)
      least = math.min(least, os.clock() - began)
      if least < 0.1 then break end
    end
    ok(least < 0.1, least)
  end
  p:kill()
  p:join()
end)

test("a method is replaced", function()
  local lock, semaphore = mp.Lock(), mp.Semaphore(1)
  local function locked(o) return o:locked() end
  for _ = 1, 2 do
    eq(locked(lock), false)
    eq(locked(lock), false)
    eq(locked(semaphore), false)
  end
  local methods = getmetatable(lock).__index
  local before = methods.locked
  eq(locked(lock), false)
  methods.locked = function() return "replaced" end
  eq(locked(lock), "replaced")
  eq(locked(semaphore), false)
  methods.locked = before
  eq(locked(lock), false)
end)
