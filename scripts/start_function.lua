-- 开启子进程的方法一: a child process from a function.
-- The four children run side by side; the script ends when the last of them has.
local Process = require("multiprocessing").Process
local time = require "time"

local function piao(name)
  print(("%s is piaoing"):format(name))
  time.sleep(math.random(1, 2))
  print(("%s is piao end"):format(name))
end

if __name__ == "__main__" then
  local p1 = Process{target = piao, args = {"egon"}}
  local p2 = Process{target = piao, args = {"alex"}}
  local p3 = Process{target = piao, args = {"wupeiqi"}}
  local p4 = Process{target = piao, args = {"yuanhao"}}

  p1:start()
  p2:start()
  p3:start()
  p4:start()
  print("主")
end
