-- A supervisor that ends cleanly: SIGTERM sets a flag between two instructions, or while it waits; the
-- workers are asked to end, what they hold is put down, and the exit code says that all is well.
local mp = require "multiprocessing"
local signal = require "signal"
local atexit = require "atexit"

local function work(name, up)
  local done = 0
  atexit(function() print(name .. " puts down its work") end) -- after terminate() too
  up:set()
  while true do done = done + 1 mp.Process.sleep(0.01) end
end

local stopping = false
signal.signal("TERM", function() stopping = true end)

local workers, up = {}, mp.Event()
for i = 1, 2 do
  up:clear()
  workers[i] = mp.Process{target = work, args = {"worker " .. i, up}}
  workers[i]:start()
  up:wait()
end

-- Somebody asks it to end: systemd, a deployment, here the script itself, a moment later.
mp.Process{target = function(pid) os.execute("kill -TERM " .. pid) end, args = {os.getpid()}}:start()
while not stopping do
  for _, p in ipairs(mp.wait(workers, 0.1)) do print(p.name .. " has crashed") end
end

print("stopping")
for _, p in ipairs(workers) do
  p:terminate()
  p:join()
  print(p.exitcode)
end
