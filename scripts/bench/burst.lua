-- luaspawn burst.lua [COUNT]: so many children that do nothing, started and then joined as fast as it
-- goes; prints the microseconds that each has taken.
local time = require "time"
local count = tonumber(arg[1] or 500)

local from, children = time.time(), {}
for i = 1, count do
  children[i] = Process{target = function() end}
  children[i]:start()
end
for _, p in ipairs(children) do
  p:join()
  assert(p.exitcode == 0)
end
print(("%.1f"):format((time.time() - from) / count * 1e6))
