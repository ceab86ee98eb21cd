-- p.daemon: set before p:start(), it makes a child that ends with its parent and may start no child of its own.
local Process = require("multiprocessing").Process
local time = require "time"

local function task(name)
  print(("%s is running."):format(name))
  local p = Process{target = print}
  local ok, err = pcall(function() p:start() end) -- 设定为True后,p不能创建自己的新进程
  print(ok, err)
  time.sleep(60)
  print(("%s is done."):format(name)) -- the parent has ended by then
end

if __name__ == "__main__" then
  local p = Process{target = task, args = {"子进程1"}}
  print(p.daemon) -- 默认值为False
  p.daemon = true
  p:start()
  p:join(2) -- timeout是可选的超时时间
  print("主", p:is_alive())
end
