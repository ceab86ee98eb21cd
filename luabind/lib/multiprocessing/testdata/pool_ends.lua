if short then return end -- nearly each test here starts processes
local mp = require "multiprocessing"
local time = require "time"
local socket = require "socket"
local machine = require "machine"

local function alive(pid)
  local f = io.open("/proc/" .. pid .. "/stat")
  if not f then return false end
  local state = f:read("*a"):match("^%d+ %b() (%a)")
  f:close()
  return state ~= nil and state ~= "Z"
end

test("the parent is killed", function()
  local q = mp.Queue()
  local p = mp.Process{target = function()
    local pool = mp.Pool(2)
    pool:map(function(n)
      q:put(os.getpid())
      while true do end
    end, {1, 2})
  end}
  p:start()
  local pids = {q:get(), q:get()}
  ok(alive(pids[1]) and alive(pids[2]))
  p:kill()
  p:join()
  local since = time.monotonic()
  repeat time.sleep(0.001) until not alive(pids[1]) and not alive(pids[2]) or time.monotonic() - since > 60
  ok(not alive(pids[1]) and not alive(pids[2]))
end)

test("a pool that nobody closes", function()
  local p = mp.Process{target = function()
    local pool = mp.Pool(2)
    pool:apply(print, {})
    pool:submit(function() while true do end end)
  end}
  p:start()
  p:join(60)
  eq(p.exitcode, 0)
end)

test("sockets", function()
  local server = assert(socket.bind("127.0.0.1", 0))
  local _, port = server:getsockname()
  local pool = mp.Pool(2)
  local f = pool:map_async(function(n)
    local conn = server:accept()
    local line = conn:receive()
    conn:send(line:upper() .. n .. "\n")
    conn:close()
    return line
  end, {7, 7, 7}, 1)
  for i = 1, 3 do
    local c = assert(socket.connect("127.0.0.1", port))
    c:send("line " .. i .. "\n")
    eq(c:receive(), "LINE " .. i .. "7")
    c:close()
  end
  local got = f:get()
  table.sort(got)
  eq(table.concat(got, ","), "line 1,line 2,line 3")
  -- sockets as tasks and as results
  local a = assert(socket.connect("127.0.0.1", port))
  local b = server:accept()
  a:send("hello\n")
  local results = pool:map(function(c) return c:receive() end, {b})
  eq(results[1], "hello")
  local back = pool:apply(function(c) c:send("from the worker\n") return c end, {b})
  eq(a:receive(), "from the worker")
  back:send("from the result\n")
  eq(a:receive(), "from the result")
  pool:terminate()
  pool:join()
end)

test("lines of a file", function()
  local name = os.tmpname()
  local f = assert(io.open(name, "w"))
  for i = 1, 500 do f:write(("x"):rep(i), "\n") end
  f:close()
  mp.Pool(2):hold(function(pool)
    local r = pool:map(function(line) return #line end, io.lines(name))
    eq(r.n, 500)
    eq(r[500], 500)
    local n = 0
    for i, size in pool:imap_unordered(function(line) return #line end, io.lines(name)) do
      if size == i then n = n + 1 end
    end
    eq(n, 500)
  end)
  os.remove(name)
end)

test("an endless iterator takes little memory", function()
  local q = mp.Queue()
  local items = machine.stress and 2e6 or 3e5 -- a hundred bytes of each would be 200 MB, or 30
  local p = mp.Process{target = function()
    local pool = mp.Pool(2)
    local n = 0
    for i, v in pool:imap(function(n) return n end, function() n = n + 1 return n end) do
      if i == items then break end
    end
    for line in io.lines("/proc/self/status") do
      local kb = line:match("^VmHWM:%s+(%d+)")
      if kb then q:put(tonumber(kb)) end
    end
  end}
  p:start()
  local kb = q:get()
  ok(kb < (machine.stress and 128 or 64) * 1024 or machine.race, kb)
  p:join()
  eq(p.exitcode, 0)
end)

test("workers killed at random", function()
  local n = machine.stress and 3000 or 1000
  local each = machine.stress and 20 or 50 -- tasks for each kill
  local items = {}
  for i = 1, n do items[i] = i end
  local killed = 0
  -- disturb kills a worker that it has not killed yet, one that works if there is one.
  local dead = {}
  local function disturb(pool)
    local idle, busy
    repeat
      for _, w in ipairs(pool:workers()) do
        if w.pid and not dead[w.pid] then
          idle = w.pid
          if w.tasks > 0 or w.running then busy = w.pid end
        end
      end
    until idle or busy
    dead[busy or idle] = true
    machine.kill(busy or idle, 9)
    killed = killed + 1
  end
  local function work(i)
    local s = 0
    for j = 1, 1000 do s = s + j end
    return i * 2
  end
  local pool = mp.Pool{processes = 3, retries = 1000}
  local next = 1
  for i, v in pool:imap(work, items) do
    if i ~= next or v ~= i * 2 then ok(false, i) end
    next = next + 1
    while killed < math.floor(i / each) do disturb(pool) end
  end
  eq(next, n + 1)
  eq(killed, n / each)
  pool:terminate()
  pool:join()
  -- Without retries each task that was lost says so, and all others are done.
  pool = mp.Pool(3)
  local futures = {}
  for i = 1, n do futures[i] = pool:submit(work, i) end
  local lost, done = 0, 0
  killed = 0
  for f in mp.as_completed(futures) do
    local e = f:exception()
    if e then
      eq(e.name, "WorkerLostError")
      eq(e.exitcode, -9)
      lost = lost + 1
    else
      done = done + 1
    end
    while killed < math.floor((lost + done) / each) do disturb(pool) end
  end
  eq(killed, n / each)
  eq(lost + done, n)
  ok(lost <= killed, lost .. " lost, " .. killed .. " killed")
  pool:close()
  pool:join()
end)

test("stopped workers and a timeout", function()
  local pool = mp.Pool(2)
  local go = mp.Event() -- until one is stopped no task ends
  local f = pool:map_async(function() go:wait() return os.getpid() end, {1, 2, 3, 4, 5, 6, 7, 8}, {chunksize = 1, timeout = 1})
  local stopped
  repeat
    for _, w in ipairs(pool:workers()) do if w.running then stopped = w.pid end end
  until stopped
  os.execute("kill -STOP " .. stopped)
  repeat local state = machine.state(stopped) until state == "T" or state == nil -- killed already, as its task took too long
  go:set()
  local e = f:exception()
  eq(e and e.name, "TimeoutError")
  eq(pool:apply(function() return 1 end), 1) -- which may take as long as it likes
  pool:terminate()
  pool:join()
end)
