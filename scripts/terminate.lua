-- 进程对象的其他方法一: terminate, is_alive.
-- The child may not get as far as its first line, and its end may be seen at once or a moment later.
local Process = require("multiprocessing").Process
local time = require "time"

local Piao = Process:subclass("Piao")

function Piao:initialize(name)
  self.name = name
  Process.initialize(self)
end

function Piao:run()
  print(("%s is piaoing"):format(self.name))
  time.sleep(math.random(1, 4))
  print(("%s is piao end"):format(self.name))
end

local p1 = Piao("egon1")
p1:start()

p1:terminate() -- 关闭进程,不会立即关闭,所以is_alive立刻查看的结果可能还是存活
print(p1:is_alive())

print("开始")
print(p1:is_alive())
