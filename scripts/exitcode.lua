-- p.exitcode: nil while the child runs, then 0, its os.exit code, 1 after an error, or -N after signal N.
-- The error's traceback goes to standard error.
local Process = require("multiprocessing").Process
local time = require "time"

local function sleeping() time.sleep(60) end
local function returning() end
local function exiting() os.exit(3) end
local function failing() error("出错了") end

if __name__ == "__main__" then
  local p = Process{target = sleeping}
  p:start()
  print("运行时", p.exitcode) -- 进程在运行时为None
  p:terminate()
  p:join()
  print("sleeping", p.exitcode) -- 如果为–N,表示被信号N结束

  for _, case in ipairs{{"returning", returning}, {"exiting", exiting}, {"failing", failing}} do
    local name, target = case[1], case[2]
    p = Process{target = target, name = name}
    p:start()
    p:join()
    print(name, p.exitcode)
  end
end
