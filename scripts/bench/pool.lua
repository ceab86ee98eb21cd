-- luaspawn pool.lua WORK COUNT: what peers/pool.py does, with a Pool of two workers.
local time = require "time"
local began = time.monotonic()
local mp = require "multiprocessing"

local work, count = arg[1], tonumber(arg[2])

local function inc(n) return n + 1 end
local function size(s) return #s end
local function nap(seconds) time.sleep(seconds) end

local function list(n, f)
  local t = {}
  for i = 1, n do t[i] = f(i) end
  return t
end

local function timed(f, ...)
  local since = time.monotonic()
  f(...)
  return (time.monotonic() - since) * 1e6
end

local function say(microseconds) print(("%.1f"):format(microseconds)) end

local pool = mp.Pool(2)

if work == "pool-first" then
  pool:map(inc, {1, 2})
  say((time.monotonic() - began) * 1e6)
  os.exit()
end

pool:map(inc, list(100, inc), 1)
if work == "pool-apply" then
  for i = 1, count do say(timed(pool.apply, pool, inc, {i})) end
elseif work == "pool-submit" then
  for i = 1, count do say(timed(function() pool:submit(inc, i):get() end)) end
elseif work == "pool-one" then
  say(timed(pool.map, pool, inc, list(count, inc), 1))
elseif work == "pool-tiny" then
  local items = list(count, inc)
  for _ = 1, 3 do say(timed(pool.map, pool, inc, items)) end
elseif work == "pool-large" then
  local items = list(count, function(i) return ("x"):rep(2^20) .. i end)
  for _ = 1, 5 do say(timed(pool.map, pool, size, items)) end
elseif work == "pool-rising" or work == "pool-rising-all" then
  local own = 0
  local items = list(count, function(i) return 0.0001 + 0.0199 * (i - 1) / math.max(count - 1, 1) end)
  for _, s in ipairs(items) do own = own + s end
  local took = timed(pool.map, pool, nap, items)
  say(work == "pool-rising" and took - own / 2 * 1e6 or took)
elseif work == "pool-end" then
  time.sleep(0.05)
  say(timed(function() pool:close() pool:join() end))
  for _ = 2, count do
    local pool = mp.Pool(2)
    pool:map(inc, {1, 2})
    time.sleep(0.05)
    say(timed(function() pool:close() pool:join() end))
  end
  os.exit()
end
