-- Names are numbered as objects are made, whatever their class; in a child after the parent's numbers.
if short then return end -- nearly each test here starts processes
local child = require "child"

local function names()
  print(Process{}.name, Process{name = "x"}.name, Process{}.name)
  local p = Process{target = function() print(Process().name, Process().name) end}
  p:start()
  p:join()
end

test("in the main process", function()
  eq(Process{}.name, "Process-1")
  eq(Process().name, "Process-2")
  eq(Process{name = "x"}.name, "x", "a name of its own takes a number all the same")
  eq(Process{}.name, "Process-4")
  local Piao = Process:subclass("Piao")
  eq(Piao().name, "Piao-5")
  eq(Process{}.name, "Process-6")
end)

test("an object that wasn't made takes no number", function()
  raises(nil, function() Process{tagret = print} end)
  eq(Process{}.name, "Process-7")
end)

test("in a child", function()
  local p = Process{target = names} -- 8
  p:start()
  p:join()
  eq(printed(), "Process-8:1\tx\tProcess-8:3\nProcess-8:4:1\tProcess-8:4:2\n")
end)

test("in a child with a name of its own", function()
  local p = Process{target = names, name = "worker"} -- 9
  p:start()
  p:join()
  eq(printed(), "Process-9:1\tx\tProcess-9:3\nProcess-9:4:1\tProcess-9:4:2\n")
end)

test("in a child of a class", function()
  local Piao = Process:subclass("Piao")
  function Piao:run()
    print(self.name, Piao().name, Process{}.name)
  end
  local p = Piao() -- 10
  p:start()
  p:join()
  eq(printed(), "Piao-10\tPiao-10:1\tProcess-10:2\n")
end)

test("what a child makes doesn't count here", function()
  eq(Process{}.name, "Process-11")
end)
