-- A pipeline: each stage is a process that takes from one queue and puts into the next. The queues hold
-- two items at most, so that a fast stage waits for a slow one instead of filling the memory.
-- A nil says that nothing more will come; each stage hands it on.
local mp = require "multiprocessing"

local function stage(work, from, to)
  for item in from.get, from do to:put(work(item)) end
  to:put(nil)
end

local stages = {
  function(line) return {line = line, words = {}} end,
  function(item)
    for word in item.line:gmatch("%a+") do item.words[#item.words + 1] = word:lower() end
    return item
  end,
  function(item) return ("%d words, the last is %q"):format(#item.words, item.words[#item.words]) end,
}

local first = mp.Queue(2)
local last = first
for i, work in ipairs(stages) do
  local out = mp.Queue(2)
  mp.Process{target = stage, args = {work, last, out}, name = "stage-" .. i}:start()
  last = out
end

mp.Process{target = function()
  for _, line in ipairs{"The quick brown fox", "jumps over", "the lazy dog"} do first:put(line) end
  first:put(nil)
end, name = "source"}:start()

for result in last.get, last do print(result) end
