local progress, mp = require "progress", require "multiprocessing"
local p = mp.Process{target = function()
  local bar = progress{label = "child"}
  mp.Process.sleep(1000)
end}
p:start()
io.read() -- until somebody has seen the bar
p:terminate()
p:join()
print(p.exitcode)
