-- luaspawn start.lua WORK [COUNT]: one child every 50 ms, a microsecond figure on a line for each.
--   line      from start() to the first line that the child prints
--   join      start() and join() of a child that does nothing
--   beside    the same, with a million tables in this process, a gigabyte (for a COUNT of 20)
--   memory    kibibytes of an idle child (its proportional share of what it shares), four of them alive
local time = require "time"
local work, count = arg[1], tonumber(arg[2] or 20)

local function nothing() end

if work == "memory" then
  local children = {}
  for i = 1, 4 do
    time.sleep(0.05)
    children[i] = Process{target = time.sleep, args = {1000}, daemon = true}
    children[i]:start()
  end
  time.sleep(0.2)
  for _, p in ipairs(children) do
    local rollup = io.open("/proc/" .. p.pid .. "/smaps_rollup")
    print(rollup:read("*a"):match("Pss:%s*(%d+)"))
    rollup:close()
  end
  return
end

if work == "beside" then
  unrelated = {}
  for i = 1, 50000 * count do unrelated[i] = {id = i, name = "item " .. i, ok = true} end
end

for i = 1, count do
  time.sleep(0.05)
  local from, target = time.time(), nothing
  if work == "line" then
    target = function() print(("%.1f"):format((time.time() - from) * 1e6)) end
  end
  local p = Process{target = target}
  p:start()
  p:join()
  assert(p.exitcode == 0)
  if work ~= "line" then print(("%.1f"):format((time.time() - from) * 1e6)) end
end
