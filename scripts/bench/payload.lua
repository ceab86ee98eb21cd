-- luaspawn payload.lua [COUNT]: so many small tables as an argument; prints the microseconds from start()
-- until the child has them.
local time = require "time"
local count = tonumber(arg[1] or 100000)

local records = {}
for i = 1, count do records[i] = {id = i, name = "item " .. i, ok = true} end

time.sleep(0.1)
local from = time.time()
local p = Process{target = function(list)
  assert(#list == count)
  print(("%.1f"):format((time.time() - from) * 1e6))
end, args = {records}}
p:start()
p:join()
assert(p.exitcode == 0)
