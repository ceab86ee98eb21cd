-- 进程内存空间彼此隔离的例子: the child sets its own n to 0, the parent still has 100.
local Process = require("multiprocessing").Process

n = 100

local function work()
  n = 0
  print("子进程内:", n)
end

if __name__ == "__main__" then
  local p = Process{target = work}
  p:start()
  p:join()
  print("主进程内:", n)
end
