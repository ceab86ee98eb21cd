-- Process对象的join方法, 4: the children made, started and joined in loops: about 3 seconds.
local Process = require("multiprocessing").Process
local time = require "time"

local function task(name, n)
  print(("%s is running."):format(name))
  time.sleep(n)
  print(("%s is done."):format(name))
end

if __name__ == "__main__" then
  local p_1 = {}
  local start = time.time()
  for i = 1, 3 do
    local p = Process{target = task, args = {("子进程%s"):format(i), i}}
    p_1[#p_1 + 1] = p
    p:start()
  end

  for _, p in ipairs(p_1) do
    p:join()
  end

  local stop = time.time()
  print("主", stop - start)
end
