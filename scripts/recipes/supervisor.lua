-- A supervisor: wait() says which child has ended, and one that has crashed is started anew, at most
-- three times. What comes out of a child that was killed, by whomever, is a negative exit code.
local mp = require "multiprocessing"

local jobs = {
  steady = function() end,
  clumsy = function(attempt) if attempt < 3 then os.exit(attempt) end end,
  doomed = function() os.execute("kill -9 " .. os.getpid()) end,
}

local running = {} -- by sentinel

local function start(name, attempt)
  local p = mp.Process{target = jobs[name], args = {attempt}, name = name .. "-" .. attempt}
  p:start()
  running[p.sentinel] = {process = p, name = name, attempt = attempt}
end

for name in pairs(jobs) do start(name, 1) end
while next(running) do
  local sentinels = {}
  for sentinel in pairs(running) do sentinels[#sentinels + 1] = sentinel end
  for _, sentinel in ipairs(mp.wait(sentinels)) do
    local job = running[sentinel]
    running[sentinel] = nil
    local code = job.process.exitcode
    print(job.process.name .. " has ended with " .. code)
    if code ~= 0 and job.attempt < 3 then
      start(job.name, job.attempt + 1)
    elseif code ~= 0 then
      print(job.name .. " is given up")
    end
  end
end
