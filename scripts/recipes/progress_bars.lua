-- How far it is: around the results of a pool, and around the lines of a file, a bar in the last row of the
-- terminal, below what anyone prints. It goes away with its loop. What isn't a terminal gets nothing.
local mp, progress = require "multiprocessing", require "progress"

local function work(n)
  mp.Process.sleep(0.002 * (n % 3))
  return n * n
end

local numbers, total, lines = {}, 0, 0
for i = 1, 100 do numbers[i] = i end
mp.Pool(4):hold(function(pool)
  for _, square in pool:imap_unordered(work, numbers, {progress = "squares"}) do total = total + square end
end)
print(total)

for _ in progress(io.lines(arg[0]), {label = "reading"}) do lines = lines + 1 end
print(lines > 10)
