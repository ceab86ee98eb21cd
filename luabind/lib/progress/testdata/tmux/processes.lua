local progress, mp = require "progress", require "multiprocessing"
local go = mp.Event()
local bar = progress{label = "parent", total = 3}
local children = {}
for k = 1, 3 do
  children[k] = mp.Process{target = function()
    for i in progress({1, 2}, {label = "child " .. k}) do
      if i == 2 then go:wait() end
    end
  end}
  children[k]:start()
end
io.read()
go:set()
for _, p in ipairs(children) do
  p:join()
  bar:add()
end
