-- Process对象的join方法: the parent waits until the child has ended, then goes on.
local Process = require("multiprocessing").Process
local time = require "time"

local function task(name)
  print(("%s is running."):format(name))
  time.sleep(3)
  print(("%s is done."):format(name))
end

if __name__ == "__main__" then
  local p = Process{target = task, args = {"子进程1"}}
  p:start()
  p:join()
  print("主")
end
