-- Words counted over a directory: the pool's workers read a file each and send back what they have
-- counted, in whatever order they are done; this process adds it up.
local mp, lfs = require "multiprocessing", require "lfs"

local function count(name)
  local counts = {}
  for word in io.open(name):read("*a"):lower():gmatch("%a+") do counts[word] = (counts[word] or 0) + 1 end
  return counts
end

-- A directory of twenty files, as an example.
local dir = os.tmpname()
assert(os.remove(dir) and lfs.mkdir(dir))
for i = 1, 20 do
  local f = assert(io.open(("%s/%d.txt"):format(dir, i), "w"))
  f:write(("The fox number %d meets the dog and the hare.\n"):format(i):rep(i))
  f:close()
end

local names, total, words = {}, {}, {}
for name in lfs.dir(dir) do names[#names + 1] = name:find("%.txt$") and dir .. "/" .. name end
mp.Pool(4):hold(function(pool)
  for _, counts in pool:imap_unordered(count, names, {progress = "counting"}) do
    for word, n in pairs(counts) do total[word] = (total[word] or 0) + n end
  end
end)

for word in pairs(total) do words[#words + 1] = word end
table.sort(words, function(a, b) return total[a] > total[b] or total[a] == total[b] and a < b end)
for i = 1, 3 do print(words[i], total[words[i]]) end
for _, name in ipairs(names) do os.remove(name) end
lfs.rmdir(dir)
