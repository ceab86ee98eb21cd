local mp = require "multiprocessing"
local here = os.getpid()
local pool = mp.Pool{retries = 1, timeout = 60, initializer = function(n) started = n end, initargs = {7}}

-- A closure over a local and a global of the initializer.
local factor = 3
local list = pool:map(function(n) return n * factor + started end, {1, 2, 3})
print(list[1], list[2], list[3], list.n)

-- All the ways to call.
print(pool:apply(function(a, b) return a .. b, b .. a end, {"x", "y"}))
local f = pool:submit(string.rep, "ab", 3)
print(f:get(), f:successful(), tostring(f))
print(table.concat(pool:starmap(math.max, {{1, 5}, {9, 2}}), " "))
for i, v in pool:imap(function(n) return n / 2 end, {2, 4, 6}) do io.write(i, "=", v, " ") end
print()
local sum, n = 0, 0
for _, v in pool:imap_unordered(function(n) return n end, (function()
  local i = 0
  return function() i = i + 1 if i <= 2000 then return i end end
end)()) do sum, n = sum + v, n + 1 end
print(n, sum)
local called
local async = pool:map_async(function(n) return n end, {1, 2}, nil, function(r) called = r.n end)
async:wait()
print(called, #mp.wait{async}, async:get().n)

-- Errors.
local function try(...)
  local ok, e = pcall(...)
  print(ok, type(e) == "table" and e.name or e, type(e) == "table" and (e.message or ""):match("[^\n]*") or "")
  return e
end
try(pool.map, pool, function(n) error("no " .. n, 0) end, {1})
local lost = mp.Pool{address = os.getenv("LUASPAWN_CLUSTER"), processes = 1}
local e = select(2, pcall(lost.apply, lost, function() os.exit(5) end))
print(e.name, e.exitcode, e.index, e.message:match("on (machine)%-%d%) has ended"), e.host:match("^machine%-%d$") ~= nil, e.pid ~= here)
local late = select(2, pcall(lost.map, lost, function() while true do end end, {1}, {timeout = 0.2}))
print(late.name, late.index)
lost:terminate()
lost:join()
local broken = mp.Pool{initializer = function() error("cannot begin", 0) end}
print(select(2, pcall(broken.apply, broken, print)).name)

-- What can't travel.
try(pool.map, pool, print, {{jobs = mp.Queue()}})
try(pool.apply, pool, function() return {mp.Lock()} end)

-- What they print comes here, and who they are can be asked.
pool:apply(print, {"printed by a worker"})
local hosts = {}
while #pool:workers() < 4 do require("time").sleep(0.01) end -- of all machines
for _, w in ipairs(pool:workers()) do hosts[w.host] = (hosts[w.host] or 0) + 1 end
print(hosts["machine-1"], hosts["machine-2"], pool.processes)
print(pool:apply(os.getpid) ~= here, pool:apply(os.getenv, {"LUASPAWN_CLUSTER"}))

-- A pool that is to be local is.
mp.Pool{cluster = false, processes = 1}:hold(function(p) print(p.processes, p:workers()[1].host) end)
pool:close()
pool:join()
