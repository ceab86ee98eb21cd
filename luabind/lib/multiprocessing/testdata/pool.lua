if short then return end -- nearly each test here starts processes
local mp = require "multiprocessing"
local time = require "time"

local function square(n) return n * n end

local function list(n)
  local t = {}
  for i = 1, n do t[i] = i end
  return t
end

-- raises calls f and checks the class of the error, and its text unless that is nil.
local function raises(class, text, f, ...)
  local held, err = pcall(f, ...)
  if ok(not held, "nothing raised") and eq(type(err), "table", tostring(err)) then
    eq(err.name, class)
    if text then eq(err.message, text) end
    eq(err.class, mp[class])
  end
  return err
end

local function message(text, f, ...)
  local held, err = pcall(f, ...)
  ok(not held, "nothing raised")
  eq((tostring(err):gsub("^[^:]+:%d+: ", "")), text)
end

test("arguments", function()
  raises("ValueError", "Number of processes must be at least 1", mp.Pool, 0)
  raises("ValueError", "Number of processes must be at least 1", mp.Pool, -1)
  raises("ValueError", "maxtasksperchild must be at least 1", mp.Pool, {maxtasksperchild = 0})
  message("Pool() got an unexpected keyword argument 'proceses'", mp.Pool, {proceses = 2})
  message("Pool() takes the number of processes, or keyword arguments in a table: Pool{processes = 4}", mp.Pool, 2, print)
  message("processes must be a whole number", mp.Pool, {processes = 1.5})
  message("initializer must be a callable", mp.Pool, {initializer = 1})
  message("timeout must be a number of seconds above 0", mp.Pool, {timeout = 0})
  local pool = mp.Pool(2)
  message("map() got an unexpected keyword argument 'chunk'", pool.map, pool, square, {}, {chunk = 1})
  raises("ValueError", "Chunksize must be 1+, not 0", pool.map, pool, square, {1}, 0)
  message("function must be callable, not a number value", pool.map, pool, 1, {1})
  pool:terminate()
  pool:join()
end)

test("names", function()
  local pool = mp.Pool{processes = 2, name = "P"}
  eq(pool.name, "P")
  eq(pool.processes, 2)
  eq(tostring(pool), "<Pool name='P' processes=2>")
  eq(pool:apply(function() return mp.current_process().name end):match("^P%-Worker%-[12]$") ~= nil, true)
  pool:terminate()
  pool:join()
  eq(#pool:workers(), 0)
end)

mp.Pool(2):hold(function(pool)
  test("map", function()
    local r = pool:map(square, {1, 2, 3})
    eq(table.concat(r, " "), "1 4 9")
    eq(r.n, 3)
    eq(pool:map(square, {}).n, 0)
    for _, options in ipairs{1, 3, 1000, {chunksize = 2}, {timeout = 60}} do
      r = pool:map(square, list(100), options)
      local same = true
      for i = 1, 100 do same = same and r[i] == i * i end
      ok(same)
    end
    local kinds = {1, "two", true, false, nil, 6.5, -1/0, ("x"):rep(2000), "", "\0n", n = 10}
    r = pool:map(function(v) return v, "and no more" end, kinds)
    eq(r.n, 10)
    for i = 1, 10 do eq(r[i], kinds[i], i) end
    r = pool:map(function(v) if v % 3 == 0 then return nil elseif v % 3 == 1 then return {v} end return v end, {1, 2, 3, 4, 5, 6})
    eq(r.n, 6) eq(r[1][1], 1) eq(r[2], 2) eq(r[3], nil) eq(r[4][1], 4) eq(r[6], nil)

    -- Nobody knows how many there will be, and what comes first isn't what is first.
    local at, entries = 0, 0
    r = pool:map(function(v) return -v end, function() at = at + 1 if at <= 20000 then return at end end)
    eq(r.n, 20000)
    for k, v in pairs(r) do
      entries = entries + 1
      eq(v, k == "n" and 20000 or -k)
    end
    eq(entries, 20001)
    r = pool:map(function(v) return v end, {1, nil, 3, nil, n = 4})
    eq(r.n, 4)
    eq(r[1], 1)
    eq(r[2], nil)
    eq(r[3], 3)
    local n = 0
    r = pool:map(function(a, b) return a + b end, function()
      n = n + 1
      if n <= 50 then return n, n end
    end)
    eq(r.n, 50)
    eq(r[50], 100)
    eq(pool:map(function(line) return #line end, ("a\nbb\nccc\n"):gmatch("[^\n]+"))[3], 3)
    eq(pool:map(function() return 1, 2 end, {1})[1], 1)
    eq(pool:map(function() end, {1, 2}).n, 2)
  end)

  test("starmap", function()
    local r = pool:starmap(function(a, b) return tostring(a) .. tostring(b) end, {{1, 2}, {3}, {nil, 4, n = 2}})
    eq(table.concat(r, " "), "12 3nil nil4")
    message("item 1 of starmap must be a table of arguments, not a number value", pool.starmap, pool, square, {1})
  end)

  test("apply", function()
    eq(pool:apply(square, {3}), 9)
    local a, b, c = pool:apply(function(...) return select("#", ...), ... end, {nil, 5, n = 2})
    eq(a, 2)
    eq(b, nil)
    eq(c, 5)
    eq(pool:apply(function(a, k) return a + k.x end, {1}, {x = 2}), 3)
    eq(select("#", pool:apply(function() end)), 0)
    eq(select("#", pool:apply(function() return nil, nil end)), 2)
  end)

  test("values", function()
    local shared = {}
    local r = pool:apply(function(t) return t.a == t.b, t end, {{a = shared, b = shared}})
    eq(r, true)
    -- small tables go another way than others, and arrive the same
    local function same(t) return t end
    local function order(t)
      local keys = {}
      for k, v in pairs(t) do keys[#keys + 1] = tostring(k) .. "=" .. tostring(v) end
      return table.concat(keys, " ")
    end
    local gone = {z = 1, b = 2, a = 3}
    gone.b = nil
    for _, t in ipairs{
      {}, {1, 2, 3}, {1, nil, 3}, {z = 1, y = 2, a = true}, {"x", z = 1, [7.5] = 2, [true] = 3}, {[10] = 1, [20] = 2}, gone,
    } do
      eq(order(pool:apply(same, {t})), order(t))
      eq(order(pool:map(same, {t})[1]), order(t))
      eq(pool:apply(order, {t}), order(t))
    end
    eq(pool:apply(function(t) return t.a.b.c[2] end, {{a = {b = {c = {1, 2}}}}}), 2)
    local cycle = {}
    cycle.me = cycle
    eq(pool:apply(function(t) return t.me == t, t end, {cycle}), true)
    local deep = {}
    for _ = 1, 100 do deep = {deep} end
    local n = 0
    local back = pool:apply(same, {deep})
    while back do n, back = n + 1, back[1] end
    eq(n, 101)
    local a, b = pool:apply(function(a, b) return a == b, a end, {shared, shared})
    eq(a, true)
    local wide = {}
    for i = 1, 1000 do wide["k" .. i] = i end
    eq(pool:apply(same, {wide}).k1000, 1000)
    eq(getmetatable(pool:apply(same, {setmetatable({}, {__index = {x = 1}})})).__index.x, 1)
    local big = ("x"):rep(1e6)
    eq(pool:apply(function(s) return s .. "y" end, {big}), big .. "y")
    local Class = {}
    Class.__index = Class
    function Class.new(v) return setmetatable({v = v}, Class) end
    function Class:get() return self.v end
    local o = pool:map(function(n) return Class.new(n) end, {7, 8})
    eq(getmetatable(o[1]) == Class, true)
    eq(o[2]:get(), 8)
    eq(pool:map(function(o) return o:get() end, {Class.new(5)})[1], 5)
  end)

  test("closures", function()
    local lock, q, n = mp.Lock(), mp.Queue(), 0
    pool:map(function(i)
      lock:acquire()
      q:put(i)
      lock:release()
      n = n + 1
    end, {1, 2, 3})
    eq(n, 0)
    local sum = 0
    for _ = 1, 3 do sum = sum + q:get() end
    eq(sum, 6)
    local qs = pool:map(function(q) q:put("there") return q end, {mp.Queue(), mp.Queue()})
    eq(qs[2]:get(), "there")
    local up = 1
    local f = function() return up end
    eq(pool:apply(f), 1)
    up = 2
    eq(pool:apply(f), 2)
    state = "first"
    eq(pool:apply(function() return state end), "first")
    state = "second"
    eq(pool:apply(function() return state end), "second")
  end)

  test("imap", function()
    local got = {}
    for i, sq, same in pool:imap(function(n) return n * n, n end, {1, 2, 3}) do
      got[#got + 1] = i .. ":" .. sq .. ":" .. same
    end
    eq(table.concat(got, " "), "1:1:1 2:4:2 3:9:3")
    local n, sum = 0, 0
    local function endless() n = n + 1 return n end
    for i, v in pool:imap(square, endless) do
      eq(v, i * i)
      if i == 1000 then break end
    end
    ok(n < 100000, n)
    local seen = {}
    for i, v in pool:imap_unordered(square, list(1000)) do
      seen[i] = (seen[i] or 0) + 1
      if v ~= i * i then fail(i) end
    end
    for i = 1, 1000 do if seen[i] ~= 1 then ok(false, i) end end
    for _ in pool:imap(square, {}) do ok(false) end
    -- one that takes long keeps the others from being given, not from being run
    local go, done = mp.Event(), mp.Value("i", 0)
    local n = 0
    local it = pool:imap(function(i)
      if i == 1 then go:wait() return end
      done:hold(function() done.value = done.value + 1 end)
      if done.value == 2000 then go:set() end
    end, function() n = n + 1 if n <= 2001 then return n end end)
    eq(it(), 1)
    eq(done.value, 2000)
    for _ in it do end
    local it = pool:imap(square, {1})
    eq(it(), 1)
    eq(it(), nil)
    eq(it(), nil)
  end)

  test("errors", function()
    local e = raises("TaskError", nil, pool.map, pool, function(n) if n == 3 then error("boom") end end, {1, 2, 3, 4})
    eq(e.message:match("pool%.lua:%d+: boom$") ~= nil, true)
    eq(e.value, e.message)
    eq(e.index, 3)
    eq(e.worker:match("^Pool%-%d+%-Worker%-%d+$") ~= nil, true)
    ok(e.traceback:match("^stack traceback:\n.*pool%.lua:%d+"))
    ok(tostring(e):find(e.traceback, 1, true))
    ok(tostring(e):find("TaskError: ", 1, true))
    ok(e:isInstanceOf(mp.ProcessError))
    e = raises("TaskError", "E!", pool.apply, pool, function() error(setmetatable({code = 5}, {__tostring = function() return "E!" end})) end)
    eq(e.value.code, 5)
    eq(tostring(e.value), "E!")
    e = raises("TaskError", "(error object is a nil value)", pool.apply, pool, function() error() end)
    eq(e.value, nil)
    local long = ("x"):rep(1e6)
    e = raises("TaskError", nil, pool.apply, pool, function(s) error(s, 0) end, {long})
    eq(e.message, long)
    e = raises("TaskError", nil, pool.apply, pool, function() return {io.stdout, {f = io.tmpfile()}} end)
    ok(e.message:find("cannot send to the pool: result[2].f is a file", 1, true) or e.message:find("is a file", 1, true), e.message)
    e = raises("TaskError", nil, pool.apply, pool, function() error({f = coroutine.create(print)}) end)
    eq(e.value, nil)
    ok(e.message:find("error.f is a ", 1, true), e.message)
    local held, err = pcall(pool.apply, pool, print, {io.tmpfile()})
    ok(tostring(err):find("cannot send to the pool: args[1] is a file", 1, true), err)
    held, err = pcall(pool.apply, pool, function() return pool end)
    ok(tostring(err):find("a Pool stays in the process that made it %(make one there%)$"), err)
    local begun = mp.Value("i", 0)
    raises("TaskError", nil, pool.map, pool, function(n)
      begun:hold(function() begun.value = begun.value + 1 end)
      error("no")
    end, list(1000), 1)
    ok(begun.value < 100, begun.value)
    local got = 0
    raises("TaskError", nil, function()
      for i in pool:imap(function(n) if n == 5 then error("five") end end, list(10)) do got = i end
    end)
    ok(got < 5, got)
  end)

  test("lost workers", function()
    local e = raises("WorkerLostError", nil, pool.map, pool, function(n) if n == 2 then os.exit(3) end return n end, {1, 2})
    eq(e.exitcode, 3)
    eq(e.index, 2)
    eq(type(e.pid), "number")
    ok(e.message:find("exit code 3", 1, true), e.message)
    eq(pool:apply(square, {4}), 16)
    local f = pool:submit(function() while true do end end)
    local victim
    repeat
      for _, w in ipairs(pool:workers()) do if w.running then victim = w end end
    until victim
    eq(victim.running.index, 1)
    os.execute("kill -9 " .. victim.pid)
    e = f:exception()
    eq(e.name, "WorkerLostError")
    eq(e.exitcode, -9)
    eq(e.pid, victim.pid)
    repeat time.sleep(0.001) until #pool:workers() == 2
    for _, w in ipairs(pool:workers()) do ok(w.name ~= victim.name) end
  end)

  test("timeout", function()
    local function f(n) if n == 2 then while true do end end end
    local e
    local timeout = 0.1
    repeat -- until it is long enough for the others
      e = raises("TimeoutError", nil, pool.map, pool, f, {1, 2, 3}, {timeout = timeout})
      timeout = 2 * timeout
    until e.index == 2 or timeout > 60
    eq(e.index, 2)
    eq(pool:apply(square, {4}), 16)
  end)

  test("futures", function()
    local f = pool:submit(square, 5)
    eq(f:get(), 25)
    eq(f:result(), 25)
    eq(f:ready(), true)
    eq(f:done(), true)
    eq(f:successful(), true)
    eq(f:exception(), nil)
    eq(f:running(), false)
    eq(f:cancel(), false)
    eq(f:cancelled(), false)
    eq(tostring(f), "<Future state=finished>")
    f = pool:apply_async(function() error("x", 0) end)
    eq(f:wait(), true)
    eq(f:successful(), false)
    eq(f:exception().message, "x")
    raises("TaskError", "x", f.get, f)
    local go = mp.Event()
    f = pool:submit(function() go:wait() end)
    raises("ValueError", nil, f.successful, f)
    raises("TimeoutError", nil, f.get, f, 0.01)
    raises("TimeoutError", nil, f.exception, f, 0)
    eq(f:wait(0), false)
    repeat until f:running()
    eq(f:cancel(), false)
    local waiting = {}
    for i = 1, 20 do waiting[i] = pool:submit(function() go:wait() end) end
    eq(waiting[20]:cancel(), true)
    eq(waiting[20]:cancelled(), true)
    raises("CancelledError", "the task was cancelled", waiting[20].get, waiting[20])
    eq(tostring(waiting[20]), "<Future state=cancelled>")
    go:set()
    f:get()
    f = pool:map_async(square, list(100))
    eq(f:get()[100], 10000)
    eq(f:get().n, 100)
    eq(pool:starmap_async(function(a, b) return a + b end, {{1, 2}}):get()[1], 3)
    local held, err = pcall(pool.apply, pool, function() return f end)
    ok(tostring(err):find("a Future stays in the process that made it %(send its result%)$"), err)
  end)

  test("callbacks", function()
    local said = {}
    local function say(...) said[#said + 1] = table.concat({...}, " ") end
    local f = pool:apply_async(square, {3}, nil, function(v) say("result", v) end, function(e) say("error", e.message) end)
    f:wait()
    f = pool:apply_async(function() error("no", 0) end, nil, nil, say, function(e) say("error", e.message) end)
    f:wait()
    pool:map_async(square, {1, 2}, nil, function(r) say("list", r[1], r[2], r.n) end):wait()
    pool:submit(square, 2):add_done_callback(function(f) say("done", f:get()) end)
    while #said < 4 do time.sleep(0.001) end
    f = pool:submit(square, 4)
    f:get()
    f:add_done_callback(function(f) say("already", f:get()) end)
    eq(table.concat(said, ", "), "result 9, error no, list 1 4 2, done 4, already 16")
    -- Whatever the script waits in.
    for name, wait in pairs{
      sleep = function() time.sleep(0.01) end,
      queue = function() pcall(function() mp.Queue():get(true, 0.01) end) end,
      event = function() mp.Event():wait(0.01) end,
      lock = function()
        local l = mp.Lock()
        l:acquire()
        l:acquire(true, 0.01)
      end,
      pipe = function() mp.Pipe():poll(0.01) end,
      wait = function() mp.wait({(mp.Pipe())}, 0.01) end,
      future = function() pool:submit(time.sleep, 0.01):get() end,
      map = function() pool:map(square, {1}) end,
      process = function()
        local p = mp.Process{target = time.sleep, args = {0.01}}
        p:start()
        p:join()
      end,
    } do
      local called
      pool:apply_async(square, {1}, nil, function() called = true end)
      for _ = 1, 1000 do
        if called then break end
        wait()
      end
      ok(called, name)
    end
  end)

  -- While this process waited for a signal that might come to it as well, the call was over, but its error wasn't known: its callback
  -- was told of a success, and the other Future lost its own.
  test("callbacks where a signal has ended a worker", function()
    local one, said = mp.Pool(1), {}
    local function say(...) said[#said + 1] = table.concat({...}, " ") end
    local lost = one:apply_async(function() os.execute("kill -TERM " .. os.getpid()) time.sleep(1000) end, nil, nil,
      function(...) say("fine", ...) end, function(e) say(e.name) end)
    local f = one:apply_async(square, {3}, nil, function(n) say("result", n) end)
    while not f:done() do end
    raises("WorkerLostError", nil, lost.get, lost)
    f:wait()
    eq(table.concat(said, ", "), "WorkerLostError, result 9")
    eq(tostring(lost), "<Future state=finished raised WorkerLostError>")
    one:terminate()
    one:join()
  end)

  test("a callback ends what the script waits for", function()
    local function called(f) pool:apply_async(square, {1}, nil, f) end
    local cond = mp.Condition()
    cond:acquire()
    called(function() cond:acquire() cond:notify() cond:release() end)
    eq(cond:wait(), true)
    called(function()
      cond:acquire()
      raises("RuntimeError", "this process waits at the condition already", cond.wait, cond)
      cond:notify()
      cond:release()
    end)
    eq(cond:wait(), true)
    local turn = 0
    called(function() turn = 1 cond:acquire() cond:notify() cond:release() end)
    eq(cond:wait_for(function() return turn == 1 end), true)
    called(function() error("no", 0) end)
    eq(select(2, pcall(cond.wait, cond)), "no")
    cond:release() -- it was taken again before the error went on
    cond = mp.Condition(mp.Lock())
    cond:acquire()
    called(function() error("no", 0) end)
    eq(select(2, pcall(cond.wait, cond)), "no")
    called(function() cond:notify() cond:release() end)
    cond:acquire()
    cond:release()

    local barrier = mp.Barrier(2)
    local mine, its
    called(function() its = barrier:wait() end)
    mine = barrier:wait()
    eq(mine + its, 1)
    called(function() error("no", 0) end)
    eq(select(2, pcall(barrier.wait, barrier)), "no")
    eq(barrier.broken, true)

    local e = mp.Event()
    called(function() e:set() end)
    eq(e:wait(), true)
    local l = mp.Lock()
    l:acquire()
    called(function() l:release() end)
    l:acquire()
    local q = mp.Queue(1)
    called(function() q:put(1) end)
    eq(q:get(), 1)
    q:put(2)
    called(function() q:get() end)
    q:put(3)
    local a, b = mp.Pipe()
    called(function() b:send(4) end)
    eq(a:recv(), 4)
    called(function() b:send(5) end)
    eq(mp.wait({a})[1], a)
    e:clear()
    local p = mp.Process{target = function() e:wait() end}
    p:start()
    called(function() e:set() end)
    p:join()

    -- A connection to a listener that is busy, and messages larger than what is on the way.
    e:clear()
    local at, told = mp.Pipe(false)
    p = mp.Process{target = function()
      local l = mp.Listener()
      told:send(l.address)
      e:wait()
      local c = l:accept()
      e:clear()
      told:send("accepted")
      e:wait()
      told:send(#c:recv())
      c:send(("y"):rep(2^23))
      e:clear()
      told:send("sent")
      e:wait()
    end}
    p:start()
    local address = at:recv()
    called(function() e:set() end)
    local c = mp.Client{address = address}
    eq(at:recv(), "accepted")
    called(function() e:set() end)
    c:send(("x"):rep(2^23))
    eq(at:recv(), 2^23)
    eq(#c:recv(), 2^23)
    eq(at:recv(), "sent")
    e:set()
    p:join()
    -- A client that says nothing for its part keeps no callback from being called.
    local l = mp.Listener{address = {"127.0.0.1", 0}}
    local silent = require("socket").connect("127.0.0.1", l.address[2])
    local ended
    pool:apply_async(function() silent:receive(1) end, nil, nil, function() -- what the listener says
      ended = true
      silent:shutdown()
    end)
    eq(pcall(l.accept, l), false)
    eq(ended, true)
    l:close()
    -- One that closes a socket for which the script waits: its number may be another's at once.
    l = require("socket").bind("127.0.0.1", 0)
    local other
    e:clear()
    local f = pool:submit(function() e:wait() end) -- one that were done already would call it at once
    f:add_done_callback(function()
      l:close()
      other = require("socket").bind("127.0.0.1", 0)
      silent = require("socket").connect(other:getsockname())
    end)
    e:set()
    while not f:done() do end
    local held, err = pcall(mp.wait, {l}, 10)
    eq(held, false)
    ok(tostring(err):find("item 1: handle is closed", 1, true), err)
    p = mp.Process{target = function() -- nobody listens there for long
      local l = require("socket").bind("127.0.0.1", 0)
      told:send({l:getsockname()})
      e:wait()
    end}
    e:clear()
    p:start()
    address = at:recv()
    called(function() error("no", 0) end)
    eq(select(2, pcall(mp.Client, {address = {address[1], tonumber(address[2])}})), "no")
    e:set()
    p:join()
  end)

  test("wait and as_completed", function()
    local go = mp.Event()
    local slow = pool:submit(function() go:wait() return "slow" end)
    local fast = pool:submit(function() return "fast" end)
    local ready = mp.wait({slow, fast})
    eq(#ready, 1)
    eq(ready[1], fast)
    eq(#mp.wait({slow}, 0.01), 0)
    local got = {}
    for f in mp.as_completed({slow, fast, fast}) do
      got[#got + 1] = f:get()
      go:set()
    end
    eq(table.concat(got, " "), "fast slow")
    local never = mp.Event()
    f = pool:submit(function() never:wait() end)
    raises("TimeoutError", "1 (of 1) futures unfinished", function() for _ in mp.as_completed({f}, 0.01) do end end)
    never:set()
  end)

  test("progress", function()
    local said = {}
    local function say(...) said[#said + 1] = table.concat({...}, " ") end
    local loaded = package.loaded.progress
    package.loaded.progress = function(how)
      say(tostring(how.total), tostring(how.label))
      local done = 0
      return {
        add = function(_, n) done = done + n end,
        close = function() say("closed", done) end,
      }
    end
    pool:map(square, list(10), {progress = "squares"})
    for _ in pool:imap(square, list(3), {progress = true}) do end
    local n = 0
    pool:map(square, function() n = n + 1 if n < 5 then return n end end, {progress = true})
    pool:map_async(square, list(7), {progress = true}):get()
    for i in pool:imap(square, list(9), {progress = "left"}) do if i == 2 then break end end
    say("behind the loop")
    local function items()
      local n = 0
      return function() n = n + 1 if n > 2 then error("no more", 0) end return n end
    end
    for _, name in ipairs{"map", "imap", "imap_unordered", "map_async"} do
      local called, err = pcall(function()
        for _ in pool[name](pool, square, items(), {progress = name}) do end
      end)
      eq(called, false)
      eq(err, "no more")
      eq(pcall(function()
        for _ in pool[name](pool, square, {1, coroutine.create(print)}, {progress = "unsent"}) do end
      end), false)
    end
    package.loaded.progress = loaded
    eq(table.concat(said, ", "), "10 squares, closed 10, 3 nil, closed 3, nil nil, closed 4, 7 nil, closed 7, 9 left, closed 2, behind the loop, " ..
      "nil map, closed 0, 2 unsent, closed 0, nil imap, closed 2, 2 unsent, closed 1, " ..
      "nil imap_unordered, closed 2, 2 unsent, closed 1, nil map_async, closed 0, 2 unsent, closed 0")
  end)

  test("many", function()
    local n = 200000
    local r = pool:map(square, list(n))
    local sum = 0
    for i = 1, n do sum = sum + r[i] end
    eq(sum, n * (n + 1) * (2 * n + 1) / 6)
    for _, options in ipairs{1, 100} do eq(pool:map(square, list(3000), options)[3000], 9000000) end
  end)

  test("processes of workers", function()
    eq(pool:apply(function()
      local q = mp.Queue()
      local p = mp.Process{target = function() q:put(mp.current_process().name) end}
      p:start()
      p:join()
      return q:get()
    end):match("^Process%-") ~= nil, true)
    eq(pool:apply(function()
      local pool = mp.Pool(2)
      return pool:hold(function(p) return p:map(function(n) return n + 1 end, {1, 2})[2] end)
    end), 3)
  end)
end)

-- A worker joins what a task has started and nobody has waited for, as any process does.
test("a task that starts processes and forgets them", function()
  local pool, go, q = mp.Pool(1), mp.Event(), mp.Queue()
  local pid = pool:apply(function()
    mp.Process{target = function() go:wait() q:put("done") end}:start()
    local daemon = mp.Process{target = function() go:wait() time.sleep(1000) end, daemon = true}
    daemon:start()
    return daemon.pid
  end)
  pool:close()
  go:set()
  pool:join()
  eq(q:get(false), "done")
  ok(not io.open("/proc/" .. pid .. "/stat"), "the daemon lives")
end)

test("ends", function()
  local pool = mp.Pool(2)
  raises("ValueError", "Pool is still running", pool.join, pool)
  local f = pool:submit(square, 3)
  pool:close()
  raises("ValueError", "Pool not running", pool.apply, pool, square, {1})
  raises("ValueError", "Pool not running", pool.map, pool, square, {1})
  pool:join()
  eq(f:get(), 9)
  pool:close()
  pool:join()
  pool = mp.Pool(2)
  f = pool:submit(function() while true do end end)
  pool:terminate()
  pool:join()
  raises("ProcessError", "the pool was terminated", f.get, f)
  pool = mp.Pool(1)
  local seen
  message("oops", pool.hold, pool, function(p) seen = p error("oops", 0) end)
  eq(seen, pool)
  pool:join()
  pool = mp.Pool(1)
  eq(select("#", pool:hold(function(p, a, b) return a, b, p:apply(square, {2}) end, 1, nil)), 3)
  -- a loop over an endless iterator that was left
  pool = mp.Pool(2)
  for i in pool:imap(square, function() return 1 end) do if i == 10 then break end end
  pool:close()
  pool:join()
end)

test("initializer", function()
  local pool = mp.Pool{processes = 2, initializer = function(v) prepared = v end, initargs = {42}}
  eq(pool:apply(function() return prepared end), 42)
  pool:close()
  pool:join()
  pool = mp.Pool{processes = 2, initializer = function() error("not today") end}
  local e = raises("BrokenPoolError", nil, pool.map, pool, square, {1, 2, 3})
  ok(e.message:find("not today", 1, true) and e.message:find("stack traceback", 1, true), e.message)
  raises("BrokenPoolError", nil, pool.apply, pool, square, {1})
  pool:close()
  pool:join()
end)

test("maxtasksperchild", function()
  local pool = mp.Pool{processes = 1, maxtasksperchild = 2}
  local pids = pool:map(os.getpid, list(5), 1)
  eq(pids[1], pids[2])
  eq(pids[3], pids[4])
  ok(pids[1] ~= pids[3] and pids[3] ~= pids[5])
  pool:close()
  pool:join()
end)

test("retries", function()
  local tries = mp.Value("i", 0)
  local pool = mp.Pool{processes = 1, retries = 2}
  eq(pool:apply(function()
    tries.value = tries.value + 1
    if tries.value < 3 then os.exit(1) end
    return "third"
  end), "third")
  eq(tries.value, 3)
  raises("WorkerLostError", nil, pool.apply, pool, function() os.exit(1) end)
  pool:close()
  pool:join()
end)
