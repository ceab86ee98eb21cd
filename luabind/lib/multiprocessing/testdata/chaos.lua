-- Eight processes work on everything at once, while one after the other is killed at a random moment
-- and replaced. LUASPAWN_STRESS=1 kills five times as many.
local mp = require "multiprocessing"
local time = require "time"
local killed = require "machine".windows and -15 or -9

local kills = os.getenv("LUASPAWN_STRESS") and 200 or 40
local workers = 8

local stop = mp.Event()
local lock, a, b = mp.Lock(), mp.Value("l", 0), mp.Value("l", 0)
local rlock, sem = mp.RLock(), mp.BoundedSemaphore(3)
local q, out, small = mp.Queue(), mp.Queue(), mp.JoinableQueue(2)
local cond, event = mp.Condition(), mp.Event()
local barrier = mp.Barrier(2)
local r, w = mp.Pipe(false)
local put = mp.Array("l", workers + kills) -- what each of them has put, so far as it knows
local alive = mp.Array("l", workers + kills)

local filler = ("x"):rep(70000)

local function expect(class, held, err)
  if not held and not (type(err) == "table" and err.name == class) then error(err, 0) end
  return held
end

local work = {
  function(me) -- an item of some size; the ledger follows
    local n = put[me] + 1
    q:put({me, n, filler:sub(1, math.random(0, 3) * 100), n % 10 == 0 and lock or nil})
    put[me] = n
  end,
  function()
    local held, item = pcall(q.get, q, false)
    if expect("Empty", held, item) then
      assert(#item[3] % 100 == 0)
      out:put(item[1] .. ":" .. item[2])
    end
  end,
  function() -- two numbers that change together, unless a process dies between them
    local _, how = lock:acquire()
    if how == "abandoned" then b.value = a.value end
    assert(a.value == b.value, "the lock let two in")
    a.value = a.value + 1
    b.value = b.value + 1
    lock:release()
  end,
  function()
    rlock:acquire()
    rlock:acquire()
    rlock:release()
    rlock:release()
  end,
  function() sem:hold(function() end) end,
  function() expect("Full", pcall(small.put, small, 1, true, 0.01)) end,
  function()
    if expect("Empty", pcall(small.get, small, true, 0.01)) then small:task_done() end
  end,
  function() cond:hold(function() cond:wait(0.005) end) end,
  function() cond:hold(function() cond:notify_all() end) end,
  function() event:set() event:clear() end,
  function() event:wait(0.005) end,
  function()
    if not expect("BrokenBarrierError", pcall(barrier.wait, barrier, 0.01)) then barrier:reset() end
  end,
  function(me) -- one message at a time is on its way, so that nobody fills the pipe
    if not r:poll() then w:send_bytes(string.char(me % 256):rep(math.random(50000))) end
  end,
  function()
    local found = rlock:hold(function() return r:poll() and r:recv_bytes() end)
    if found then assert(found == found:sub(1, 1):rep(#found), "torn") end
  end,
}

local function worker(me)
  repeat
    work[math.random(#work)](me)
    alive[me] = alive[me] + 1
  until stop:is_set()
end

local function start(me)
  local p = mp.Process{target = worker, args = {me}, name = "worker " .. me}
  p:start()
  return p
end

long("chaos", function()
  local list = {}
  for i = 1, workers do list[i] = start(i) end
  for i = 1, kills do
    time.sleep(math.random() * 0.02)
    local at = math.random(workers)
    local p = list[at]
    p:kill()
    p:join()
    if p.exitcode ~= killed then eq(p.exitcode, killed, p.name) end
    list[at] = start(workers + i)
  end
  -- On a busy machine they may not have got far by then.
  local function total()
    local n = 0
    for me = 1, #put do n = n + put[me] end
    return n
  end
  local over = time.monotonic() + 60
  while total() <= 2 * kills and time.monotonic() < over do time.sleep(0.01) end
  stop:set()
  for i = 1, workers do
    list[i]:join(60)
    eq(list[i].exitcode, 0, list[i].name)
    list[i]:kill()
  end

  -- Everything that was put has come out once, but for what the killed ones had in their hands.
  while not q:empty() do
    local item = q:get()
    out:put(item[1] .. ":" .. item[2])
  end
  local seen, items = {}, 0
  while not out:empty() do
    local id = out:get()
    if seen[id] then eq(id, nil, "came twice") end
    seen[id] = true
    items = items + 1
  end
  local missing, turns = 0, 0
  for me = 1, #put do
    turns = turns + alive[me]
    for n = 1, put[me] do
      if not seen[me .. ":" .. n] then missing = missing + 1 end
    end
  end
  ok(missing <= kills, missing .. " items are missing")
  ok(items > kills, items .. " items")
  eq(sem:get_value(), 3)
  eq(lock:acquire(true, 5), true)
  -- What the dead had taken counts as done.
  while not small:empty() do small:get() small:task_done() end
  small:join()
  if os.getenv("LUASPAWN_STRESS") then
    io.stderr:write(("%d kills, %d turns, %d items, %d missing\n"):format(kills, turns, items, missing))
  end
end)
