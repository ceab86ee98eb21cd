-- What CPython's tests of multiprocessing.Pool and concurrent.futures look at, as far as it
-- makes sense here: a case for each of theirs, named by what it asks.
local machine = require "machine"
local mp = require "multiprocessing"
local time = require "time"

local function square(n) return n * n end
local function product(a, b) return a * b end
local function fails(name) error({name = name}, 0) end

local function list(n, f)
  local t = {n = n}
  for i = 1, n do t[i] = f and f(i) or i end
  return t
end

-- throwing iterates over 1 to n, and raises an error in place of item when.
local function throwing(n, when)
  local i = 0
  return function()
    i = i + 1
    if i == when then error("somebody said when", 0) end
    if i <= n then return i end
  end
end

local function same(got, want, what)
  eq(got.n or #got, want.n or #want, what)
  for i = 1, #want do eq(got[i], want[i], what) end
end

local function collect(loop, ...)
  local t = {}
  for i, v in loop, ... do t[#t + 1] = v end
  return t
end

-- class returns the class of what f raises, and the error.
local function class(f, ...)
  local held, err = pcall(f, ...)
  if held then return "nothing" end
  return type(err) == "table" and err.name or tostring(err):gsub("^[^:]+:%d+: ", ""), err
end

local pool = mp.Pool(4)

test("apply", function()
  eq(pool:apply(square, {5}), 25)
  eq(pool:apply(function(named) return named.x * named.x end, nil, {x = 3}), 9)
  eq(pool:apply(function(a, named) return a + named.x end, {4}, {x = 3}), 7)
end)

test("map", function()
  same(pool:map(square, list(10)), list(10, square))
  for _, size in ipairs{1, 3, 6, 20, 40, 50, 100} do same(pool:map(square, list(40), size), list(40, square)) end
  for _, size in ipairs{0, -1} do
    eq((class(pool.map, pool, square, list(40), size)), "ValueError")
    eq((class(pool.imap, pool, square, list(40), size)), "ValueError")
  end
  eq((class(pool.map, pool, square, list(40), 0.5)), "chunksize must be a whole number")
end)

test("the field n of the items is more than there can be", function()
  for _, n in ipairs{1e10, 1e15, 1e300, math.huge} do
    for _, method in ipairs{"map", "map_async", "imap", "starmap"} do
      local held, err = pcall(pool[method], pool, square, {n = n})
      ok(not held and tostring(err):find("too many items: ", 1, true), tostring(err))
    end
  end
end)

test("starmap", function()
  local pairs_ = list(100, function(i) return {i, 100 - i} end)
  local want = list(100, function(i) return i * (100 - i) end)
  same(pool:starmap(product, pairs_), want)
  same(pool:starmap(product, pairs_, 20), want)
  same(pool:starmap_async(product, pairs_):get(), want)
  -- It took many minutes: all of the arguments were counted before each one of them.
  eq(pool:starmap(function(...) return select("#", ...) end, {list(300000)})[1], 300000)
end)

test("map_async and its callbacks", function()
  same(pool:map_async(square, list(10)):get(), list(10, square))
  local got = {}
  local function keep(v) got[#got + 1] = v end
  pool:map_async(tonumber, {"1"}, nil, keep, keep):wait()
  eq(#got, 1)
  same(got[1], {1})
  pool:map_async(fails, {"a"}, nil, keep, keep):wait()
  eq(#got, 2)
  eq(got[2].name, "TaskError")
  eq(got[2].value.name, "a")
end)

test("items that can't be sent", function()
  local bad = list(10, function() return coroutine.create(print) end)
  for _, name in ipairs{"map", "map_async"} do
    local held, err = pcall(pool[name], pool, square, bad)
    ok(not held and tostring(err):find("items[1] is a coroutine", 1, true), tostring(err))
  end
  local next = pool:imap(square, bad)
  ok(tostring(select(2, pcall(next))):find("items[1] is a coroutine", 1, true))
  eq(pool:apply(square, {3}), 9)
end)

test("no items", function()
  local p = mp.Pool(1)
  eq(p:map(square, {}).n, 0)
  eq(p:map(square, {}, 1).n, 0)
  eq(p:map_async(square, {}, 1):get(10).n, 0)
  eq(p:map(square, function() end).n, 0)
  eq(#collect(p:imap(square, {})), 0)
  eq(#collect(p:imap_unordered(square, {})), 0)
  p:close()
  p:join()
end)

test("an iterator of items that raises an error", function()
  for _ = 1, 2 do eq((class(pool.map, pool, square, throwing(1, 1), 1)), "somebody said when") end
  eq((class(pool.map, pool, square, throwing(10, 4), 1)), "somebody said when")
  eq((class(pool.map_async, pool, square, throwing(10, 4), 1)), "somebody said when")
  for _, name in ipairs{"imap", "imap_unordered"} do
    for _, c in ipairs{{1, 1, 1}, {1, 1, 1}, {10, 4, 1}, {20, 8, 2}, {20, 8, 4}, {20, 8}, {2000, 1500}} do
      local n, when, size = unpack(c)
      local next, got = pool[name](pool, square, throwing(n, when), size), {}
      for _ = 1, when - 1 do
        local i, v = next()
        eq(v, square(i))
        got[i] = true
      end
      eq(#got, when - 1, name) -- all results of those before
      eq((class(next)), "somebody said when")
      eq(next(), nil) -- once
    end
  end
end)

test("apply_async, and its timeout", function()
  eq(pool:apply_async(square, {7}):get(), 49)
  local p = mp.Pool(3)
  local e = mp.Event()
  local f = p:apply_async(function() e:wait() end)
  eq((class(f.get, f, 0.01)), "TimeoutError")
  eq((class(f.get, f, 0)), "TimeoutError")
  p:terminate()
  p:join()
  eq((class(f.get, f)), "ProcessError")
end)

test("imap", function()
  same(collect(pool:imap(square, list(10))), list(10, square))
  local next = pool:imap(square, list(10))
  for i = 1, 10 do eq(select(2, next()), i * i) end
  eq(next(), nil)
  eq(next(), nil)
  same(collect(pool:imap(square, list(1000), 100)), list(1000, square))
  for _, size in ipairs{1, 100} do
    local got = {n = 1000}
    for i, v in pool:imap_unordered(square, list(1000), size) do got[i] = v end
    same(got, list(1000, square))
  end
end)

test("an error in one of many", function()
  local function divide(a) return 12 % a == 0 and 12 / a or error("does not divide", 0) end
  local p = mp.Pool(1) -- of several, one may come to the third before others begin with those before it
  local next = p:imap(divide, {2, 3, 5, 6})
  eq(select(2, next()), 6)
  eq(select(2, next()), 4)
  local name, err = class(next)
  eq(name, "TaskError")
  eq(err.index, 3)
  eq(next(), nil)
  p:terminate()
  p:join()
end)

test("how many", function()
  for _, n in ipairs{-1, 0} do eq((class(mp.Pool, n)), "ValueError") end
  local p = mp.Pool(3)
  eq(#p:workers(), 3)
  eq(p.processes, 3)
  p:close()
  p:join()
  for _, n in ipairs{0, -1, 0.5, "12"} do
    eq((pcall(mp.Pool, {processes = 1, maxtasksperchild = n})), false)
  end
end)

test("terminate with much to do", function()
  local p = mp.Pool(3)
  local f = p:map_async(time.sleep, list(10000, function() return 1000 end), 1)
  p:terminate()
  p:join()
  eq(f:ready(), true)
  eq(f:successful(), false)
end)

test("hold", function()
  local p = mp.Pool(2)
  same(p:hold(function(p) return p:map_async(square, list(10)):get() end), list(10, square))
  for _, name in ipairs{"map", "map_async", "imap", "apply", "submit", "apply_async"} do
    eq((class(p[name], p, square, {1})), "ValueError")
  end
  p:join()
  eq((class(p.hold, p, function(p) return p:map(square, {1}) end)), "ValueError")
end)

test("the traceback of the worker", function()
  local function task() error("123") end -- this line
  local name, err = class(pool.apply, pool, task)
  eq(name, "TaskError")
  local line = err.message:match("^(.-:%d+): 123$")
  ok(line and err.traceback:find(line, 1, true), err.traceback)
  ok(tostring(err):find(err.traceback, 1, true))
  local f = pool:submit(task)
  eq(f:exception().message, err.message)
end)

long("large errors and join", function()
  local p = mp.Pool(2)
  local name, err = class(p.map, p, function() error(("x"):rep(2^20), 0) end, {1, 2})
  eq(name, "TaskError")
  eq(#err.message, 2^20)
  p:close()
  p:join()
end)

test("error callbacks", function()
  local p = mp.Pool(2)
  local got
  local f = p:apply_async(fails, {"key"}, nil, nil, function(e) got = e end)
  eq((class(f.get, f)), "TaskError")
  eq(got.value.name, "key")
  for _ = 1, 20 do -- the workers go on
    got = nil
    f = p:apply_async(function() return coroutine.create(print) end, nil, nil, nil, function(e) got = e end)
    local name, err = class(f.get, f)
    eq(name, "TaskError")
    ok(err.message:find("result is a coroutine", 1, true), err.message)
    eq(got.message, err.message)
  end
  p:close()
  p:join()
end)

test("a worker that is replaced", function()
  local p = mp.Pool{processes = 1, maxtasksperchild = 3}
  local pids = {}
  for i = 1, 4 do pids[i] = p:submit(os.getpid):get() end
  ok(pids[1] == pids[2] and pids[2] == pids[3] and pids[3] ~= pids[4])
  p:terminate()
  p:join()
end)

long("workers that are replaced", function()
  local p = mp.Pool{processes = 3, maxtasksperchild = 10}
  local before = {}
  for _, w in ipairs(p:workers()) do before[w.pid] = true end
  local futures = list(100, function(i) return p:apply_async(square, {i}) end)
  for i, f in ipairs(futures) do eq(f:get(), i * i) end
  local now = p:workers()
  eq(#now, 3)
  repeat -- the last ones that were replaced are on their way
    local all = true
    for _, w in ipairs(p:workers()) do all = all and w.pid ~= nil end
  until all
  local kept = 0
  for _, w in ipairs(p:workers()) do if before[w.pid] then kept = kept + 1 end end
  ok(kept < 3)
  p:close()
  p:join()

  -- Closed before all is done, and with more to do than the workers may.
  for _, c in ipairs{{3, 1, 6}, {1, 2, 6}, {2, 2, 8}} do
    p = mp.Pool{processes = c[1], maxtasksperchild = c[2]}
    futures = list(c[3], function(i) return p:apply_async(square, {i}) end)
    p:close()
    p:join()
    for i, f in ipairs(futures) do eq(f:get(0), i * i) end
  end

  -- A task that fails and the last one of its worker.
  p = mp.Pool{processes = 2, maxtasksperchild = 1}
  local one, two, three = p:submit(square, 1), p:submit(fails, "x"), p:submit(square, 3)
  eq(one:get(), 1)
  eq((class(two.get, two)), "TaskError")
  p:close()
  p:join()
  eq(three:get(0), 9)
end)

test("a pool that nobody ends", function()
  local targets = {
    function() held = mp.Pool(1) held:map(square, list(10)) end,
    function() mp.Pool(1):map(square, list(10)) end,
    function() local p = mp.Pool(1) p:submit(time.sleep, 1000) p:close() end,
    function() local p = mp.Pool(1) p:submit(time.sleep, 1000) p:terminate() end,
  }
  if short then targets = {targets[1], targets[3]} end -- with nothing to do, and with a task that goes on
  for _, target in ipairs(targets) do
    local p = mp.Process{target = target}
    p:start()
    p:join()
    eq(p.exitcode, 0)
  end
  local f = mp.Pool(1):submit(square, 2)
  collectgarbage()
  eq(f:get(), 4)
end)

test("submit", function()
  eq(pool:submit(math.pow, 2, 8):get(), 256)
  eq(pool:submit(function(...) return select("#", ...) end, nil, nil):result(), 2)
  local p = mp.Pool(1)
  p:close()
  eq((class(p.submit, p, square, 2)), "ValueError")
  p:join()
end)

test("close with much to do, and with one cancelled", function()
  local p = mp.Pool(3)
  local futures = list(50, function() return p:submit(time.sleep, 0.001) end)
  p:close()
  p:join()
  for _, f in ipairs(futures) do eq(f:done() and f:successful(), true) end
  p = mp.Pool(1)
  p:submit(square, 1):get()
  p:submit(square, 1):cancel()
  p:close()
  p:join()
  p = mp.Pool(2)
  local e = mp.Event()
  futures = list(50, function() return p:submit(function() e:wait() end) end)
  local cancelled = 0
  for _, f in ipairs(futures) do if f:cancel() then cancelled = cancelled + 1 end end
  ok(cancelled >= 48, cancelled)
  e:set()
  p:close()
  p:join()
  for _, f in ipairs(futures) do eq(f:done() and (f:cancelled() or f:successful()), true) end
end)

long("more tasks that wait than workers", function()
  local p = mp.Pool(4)
  local sem = mp.Semaphore(0)
  local futures = list(60, function() return p:submit(function() sem:acquire() end) end)
  eq(#p:workers(), 4)
  for _ = 1, 60 do sem:release() end
  for _, f in ipairs(futures) do f:get() end
  p:close()
  p:join()
end)

test("a worker that dies costs its task", function()
  local p = mp.Pool(2)
  local e = mp.Event()
  local f = p:submit(function() e:wait() end)
  repeat until f:running()
  for _, w in ipairs(p:workers()) do if w.running then machine.kill(w.pid, 15) end end
  local name, err = class(f.get, f)
  eq(name, "WorkerLostError")
  eq(err.exitcode, machine.windows and 1 or -15)
  eq(p:submit(math.pow, 2, 8):get(), 256) -- Python's would be broken
  f = p:submit(os.exit, 99)
  name, err = class(f.get, f)
  eq(name, "WorkerLostError")
  eq(err.exitcode, 99)
  ok(err.message:find("exit code 99", 1, true), err.message)
  -- Each Future has an error of its own.
  local errors = {}
  for i = 1, 3 do errors[i] = p:submit(os.exit, i):exception() end
  ok(errors[1] ~= errors[2] and errors[2].exitcode == 2 and errors[3].exitcode == 3)
  -- While much is on its way.
  local big = ("a"):rep(2^20)
  f = p:map_async(function() os.exit(1) end, list(10, function() return big end))
  eq((class(f.get, f)), "WorkerLostError")
  -- And after close.
  f = p:submit(function() 
    time.sleep(0.01)
    if machine.windows then machine.kill(machine.pid(), 11) else os.execute("kill -SEGV " .. os.getpid()) end
    e:wait()
  end)
  p:close()
  p:join()
  eq(f:exception().exitcode, machine.windows and 1 or machine.portable and 2 or -11) -- elsewhere than on Linux the Go runtime catches it
end)

test("initializer", function()
  local p = mp.Pool{processes = 2, initializer = function(x) status = x end, initargs = {"initialized"}}
  for _, f in ipairs(list(2, function() return p:submit(function() return status end) end)) do eq(f:get(), "initialized") end
  p:terminate()
  p:join()
  local go = mp.Event()
  p = mp.Pool{processes = 2, initializer = function() go:wait() error("error in initializer", 0) end}
  local f = p:submit(function() return status end)
  go:set()
  local name, err = class(f.get, f)
  eq(name, "BrokenPoolError")
  ok(err.message:find("error in initializer", 1, true), err.message)
  eq((class(p.submit, p, square, 1)), "BrokenPoolError")
  eq((class(p.map, p, square, {1})), "BrokenPoolError")
  p:terminate()
  p:join()
end)

-- futures returns one of each state, and what ends it.
local function futures()
  local p = mp.Pool(1)
  local go = mp.Event()
  local fs = {failed = p:submit(fails, "x"), fine = p:submit(square, 2)}
  fs.failed:wait()
  fs.fine:wait()
  fs.running = p:submit(function() go:wait() end)
  repeat until fs.running:running()
  fs.pending, fs.cancelled = p:submit(square, 3), p:submit(square, 4)
  fs.cancelled:cancel()
  return fs, function()
    go:set()
    fs.pending:wait()
    p:close()
    p:join()
  end
end

test("states of a Future", function()
  local fs, finish = futures()
  local want = {
    --           done   cancelled running  cancel  get(0)            exception(0)
    pending   = {false, false, false, true,  "TimeoutError",   "TimeoutError",   "pending"},
    running   = {false, false, true,  false, "TimeoutError",   "TimeoutError",   "running"},
    cancelled = {true,  true,  false, true,  "CancelledError", "CancelledError", "cancelled"},
    failed    = {true,  false, false, false, "TaskError",      "nothing",        "finished raised TaskError"},
    fine      = {true,  false, false, false, "nothing",        "nothing",        "finished"},
  }
  for name, w in pairs(want) do
    local f = fs[name]
    eq(f:done(), w[1], name)
    eq(f:cancelled(), w[2], name)
    eq(f:running(), w[3], name)
    eq((class(f.get, f, 0)), w[5], name)
    eq((class(f.exception, f, 0)), w[6], name)
    eq(tostring(f), "<Future state=" .. w[7] .. ">")
    if name == "failed" then eq(f:exception().value.name, "x") end
    if name == "fine" then eq(f:exception(), nil) end
    if not w[1] then eq((class(f.successful, f)), "ValueError") end
    eq(f:cancel(), w[4], name)
  end
  eq(fs.pending:cancelled(), true)
  finish()
end)

test("callbacks of a Future", function()
  local fs, finish = futures()
  local got = {}
  for name, f in pairs(fs) do f:add_done_callback(function(g) got[name] = g end) end
  for _, name in ipairs{"failed", "fine", "cancelled"} do eq(got[name], fs[name]) end -- already
  eq(got.pending, nil)
  fs.pending:cancel()
  eq(got.pending, fs.pending)
  eq(got.running, nil)
  finish()
  eq(got.running, fs.running)
  -- The error of one goes to who waits; the others are called.
  local called = 0
  local e = mp.Event()
  local f = pool:submit(function() e:wait() end)
  f:add_done_callback(function() error("doh!", 0) end)
  f:add_done_callback(function() called = called + 1 end)
  e:set()
  eq((class(f.wait, f)), "doh!")
  f:wait()
  eq(called, 1)
  eq((class(f.add_done_callback, f, function() error("doh!", 0) end)), "doh!")
end)

test("wait", function()
  local fs, finish = futures()
  local function names(ready)
    local t = {}
    for _, f in ipairs(ready) do for name, g in pairs(fs) do if f == g then t[#t + 1] = name end end end
    table.sort(t)
    return table.concat(t, " ")
  end
  eq(names(mp.wait({fs.cancelled, fs.fine, fs.failed, fs.running})), "cancelled failed fine")
  eq(names(mp.wait({fs.running, fs.pending}, 0.01)), "")
  eq(#mp.wait({fs.fine, fs.fine}), 2)
  local one = pool:submit(product, 21, 2)
  eq(mp.wait({one, fs.running})[1], one)
  finish()
  eq(names(mp.wait({fs.running, fs.pending})), "pending running")
end)

test("as_completed", function()
  local fs, finish = futures()
  local one, two = pool:submit(product, 2, 21), pool:submit(product, 7, 6)
  local all = {[fs.cancelled] = 1, [fs.failed] = 1, [fs.fine] = 1, [one] = 1, [two] = 1}
  local n = 0
  for f in mp.as_completed{fs.cancelled, fs.failed, fs.fine, one, two, one, one} do
    all[f] = all[f] - 1
    n = n + 1
  end
  eq(n, 5)
  for _, left in pairs(all) do eq(left, 0) end
  for _, timeout in ipairs{0, 0.01} do
    local got = {}
    local name, err = class(function()
      for f in mp.as_completed({fs.cancelled, fs.running, fs.failed, fs.pending, fs.fine}, timeout) do got[f] = true end
    end)
    eq(name, "TimeoutError")
    eq(err.message, "2 (of 5) futures unfinished")
    ok(got[fs.cancelled] and got[fs.failed] and got[fs.fine])
  end
  for _ in mp.as_completed{} do ok(false) end
  finish()
end)

-- Items are handed over as the workers need them; join hands over the rest of them. It was an error of the loop, behind the first
-- few results.
test("imap, close and join before the loop", function()
  for _, method in ipairs{"imap", "imap_unordered"} do
    local one = mp.Pool(2)
    local function upto(n, fails)
      local i = 0
      return function()
        i = i + 1
        if i == fails then error("no item " .. i, 0) end
        return i <= n and i or nil
      end
    end
    local items, fails, task = one[method](one, square, upto(300)), one[method](one, square, upto(300, 200)),
      one[method](one, function(x) assert(x ~= 200) return x end, upto(300))
    local left = 0
    for _ in one[method](one, square, upto(1e300)) do -- this one is over
      left = left + 1
      if left == 3 then break end
    end
    one:close()
    one:join()
    local function loop(of)
      local n = 0
      local held, err = pcall(function() for _ in of do n = n + 1 end end)
      return n, held or type(err) == "table" and err.name or err
    end
    same({loop(items)}, {300, true})
    same({loop(fails)}, {199, "no item 200"})
    local n, err = loop(task)
    eq(err, "TaskError")
    ok(method == "imap_unordered" or n <= 199, n) -- what had not begun when one failed never does
  end
end)

-- The bar stayed on the screen.
test("a cancelled call closes its bar", function()
  local real, said = package.loaded.progress, {}
  package.loaded.progress = function(how)
    said[#said + 1] = "total " .. how.total
    return {add = function(_, n) said[#said + 1] = "add " .. n end, close = function() said[#said + 1] = "close" end}
  end
  local one = mp.Pool(1)
  local e = mp.Event()
  local running = one:submit(function() e:wait() end)
  local f = one:map_async(square, {1, 2, 3}, {progress = true})
  package.loaded.progress = real
  eq(f:cancel(), true)
  eq(table.concat(said, ", "), "total 3, close")
  e:set()
  running:get()
  eq(f:cancel(), true)
  eq(#said, 2)
  one:terminate()
  one:join()
end)

test("the end", function()
  pool:terminate()
  pool:join()
end)
