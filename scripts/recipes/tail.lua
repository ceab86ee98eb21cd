-- A log tailer that cleans up at Ctrl-C: the first one is the error "interrupted!", which pcall catches, as in
-- the lua command; a second one would end the script at once, its files written all the same.
local time = require "time"
local atexit = require "atexit"

local log, copy = os.tmpname(), os.tmpname()
atexit(function() os.remove(log) os.remove(copy) end) -- however it ends

-- Who writes the log: here a process, which presses Ctrl-C when all has been seen.
local seen = require("multiprocessing").Event()
local writer = Process{args = {log, os.getpid()}, target = function(name, pid)
  local f = io.open(name, "a")
  for i = 1, 5 do
    f:write("request ", i, i == 3 and " failed\n" or " done\n")
    f:flush()
  end
  seen:wait()
  os.execute("kill -INT " .. pid)
end}

local lines, failures = 0, io.open(copy, "w")
local function tail()
  local f = io.open(log)
  while true do
    local line = f:read()
    if not line then
      if lines == 5 then seen:set() end
      time.sleep(0.01)
      f:seek("cur") -- there may be more by now
    else
      lines = lines + 1
      if line:find("failed") then failures:write(line, "\n") end
    end
  end
end

writer:start()
local ok, err = pcall(tail)
print(err:match("interrupted!"), lines .. " lines")
failures:close()
print(io.open(copy):read("*a"):match("[^\n]+"))
