-- Pi by throwing darts: of those that hit a square, pi/4 hit the circle in it. Each task throws a hundred
-- thousand; every worker has random numbers of its own. On a terminal a bar shows how far it is.
local mp = require "multiprocessing"

local function throw(darts)
  local hits = 0
  for _ = 1, darts do
    local x, y = math.random(), math.random()
    if x * x + y * y <= 1 then hits = hits + 1 end
  end
  return hits
end

local tasks, darts = {}, 0
for i = 1, 40 do
  tasks[i] = 100000
  darts = darts + tasks[i]
end

local hits = 0
mp.Pool():hold(function(pool)
  for _, n in ipairs(pool:map(throw, tasks, {progress = "throwing"})) do hits = hits + n end
end)
print(("%d darts: pi is about %.3f"):format(darts, 4 * hits / darts))
