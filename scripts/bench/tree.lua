-- luaspawn tree.lua [DEPTH]: every process starts two, so deep; prints the microseconds until all have ended.
local time = require "time"
local depth = tonumber(arg[1] or 6)

local function grow(left)
  if left == 0 then return end
  local a, b = Process{target = grow, args = {left - 1}}, Process{target = grow, args = {left - 1}}
  a:start()
  b:start()
  a:join()
  b:join()
  assert(a.exitcode == 0 and b.exitcode == 0)
end

local from = time.time()
grow(depth)
print(("%.1f"):format((time.time() - from) * 1e6))
