-- Process对象的join方法, 2: tasks of 1, 2 and 3 seconds started together, then joined: about 3 seconds.
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

  local start_time = time.time()
  p1:start()
  p2:start()
  p3:start()

  p1:join()
  p2:join()
  p3:join()

  local stop_time = time.time()
  print("主", stop_time - start_time)
end
