-- 开启子进程的方法二: a child process from a class of one's own, whose run method is what the child does.
local Process = require("multiprocessing").Process
local time = require "time"

local Piao = Process:subclass("Piao")

function Piao:initialize(name)
  Process.initialize(self)
  self.name = name
end

function Piao:run()
  print(("%s is piaoing"):format(self.name))
  time.sleep(math.random(1, 2))
  print(("%s is piao end"):format(self.name))
end

if __name__ == "__main__" then
  local p = Piao("egon")
  p:start()
  print("主")
end
