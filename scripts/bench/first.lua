-- luaspawn first.lua: a whole program that starts one child and joins it.
local p = Process{target = function() end}
p:start()
p:join()
