local progress, mp = require "progress", require "multiprocessing"
local go, done = mp.Event(), mp.Event()
local p = mp.Process{target = function()
  go:wait()
  print("child")
  done:set()
end}
p:start()
for i in progress({1, 2, 3, 4}, {label = "读取"}) do
  if i == 3 then
    io.read() -- until somebody has seen the bar
    print("script")
    go:set()
    done:wait()
    os.execute("echo command")
    io.read()
    break
  end
end
print("after")
