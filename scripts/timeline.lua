-- Four workers count primes; one of them is killed while it works, and another one takes its
-- place. What all of them did: luaspawn --timeline timeline.html scripts/timeline.lua
local mp, time = require "multiprocessing", require "time"

local function primes(from)
  local count = 0
  for i = from, from + 10000 do
    local prime = true
    for d = 2, math.floor(math.sqrt(i)) do
      if i % d == 0 then prime = false break end
    end
    if prime then count = count + 1 end
  end
  return count
end

local function write(lines)
  for _ in function() return lines:get() end do time.sleep(0.01) end
end

local lines = mp.Queue(4)
local writer = Process{target = write, args = {lines}, name = "writer"}
writer:start()

local pool = mp.Pool{processes = 4, retries = 1}
local from = {}
for i = 1, 24 do from[i] = i * 30000 end
local done, found, killed = 0, 0, false
for i, count in pool:imap_unordered(primes, from, 1) do
  done, found = done + 1, found + count
  if done >= 8 and not killed then
    for _, w in ipairs(pool:workers()) do
      if w.running then os.execute("kill -9 " .. w.pid) killed = true break end
    end
  end
  lines:put(i .. ": " .. count)
end
lines:put(nil)
pool:close()
pool:join()
writer:join()
print(found .. " primes in 24 tasks")
