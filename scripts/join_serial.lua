-- Process对象的join方法, 3: the same tasks, each joined before the next one starts: about 6 seconds.
local Process = require("multiprocessing").Process
local time = require "time"

local function task(name, n)
  print(("%s is running."):format(name))
  time.sleep(n)
  print(("%s is done."):format(name))
end

if __name__ == "__main__" then
  local p1 = Process{target = task, args = {"子进程1", 1}}
  local p2 = Process{target = task, args = {"子进程2", 2}}
  local p3 = Process{target = task, args = {"子进程3", 3}}

  local start = time.time()

  p1:start()
  p1:join()
  p2:start()
  p2:join()
  p3:start()
  p3:join()

  local stop = time.time()
  print("主", stop - start)
end
