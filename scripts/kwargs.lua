-- Process类的介绍: every argument is given by its keyword. args become the target's parameters, one by one;
-- kwargs follow as one last table, which is how Lua passes named arguments.
local Process = require("multiprocessing").Process

local function task(a, b, c, kwargs)
  print(a, b, c)
  print(kwargs.name, kwargs.age)
end

if __name__ == "__main__" then
  local p = Process{
    group = nil, -- group参数未使用,值始终为None
    target = task,
    args = {1, 2, "egon"},
    kwargs = {name = "egon", age = 18},
    name = "子进程1",
  }
  print(p.name, p)
  p:start()
  p:join()

  local ok, err = pcall(function() p = Process{tagret = task} end)
  print(ok, err)
end
