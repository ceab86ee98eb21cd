-- name与pid: Process.initialize sets the name to Piao-1, so a name of one's own is set after it.
local Process = require("multiprocessing").Process
local time = require "time"

local Piao = Process:subclass("Piao")

function Piao:initialize(name)
  self.name = name
  Process.initialize(self) -- Process的__init__方法会执行self.name=Piao-1,
  print(self.name)         -- 所以加到这里,会覆盖我们的self.name=name

  -- 为我们开启的进程设置名字的做法
  self.name = name
end

function Piao:run()
  print(("%s is piaoing"):format(self.name))
  time.sleep(math.random(1, 2))
  print(("%s is piao end"):format(self.name))
end

local p = Piao("egon")
p:start()
print("开始")
print(p.pid) -- 查看pid
