local mp = require "multiprocessing"
local shapes = require "lib.shapes"
mp.Pool():hold(function(pool)
  local grown = pool:map(function(s) return shapes.square(s.side + s:area()) end, {shapes.square(2), shapes.square(3)})
  print(grown[1].side, grown[2]:area(), grown[1] == shapes.square(6), getmetatable(grown[1]) == shapes.Square)
  -- Functions come back, with what they share.
  local counter = pool:apply(function(start)
    local n = start
    return {add = function() n = n + 1 return n end, get = function() return n end}
  end, {10})
  counter.add()
  print(counter.get())
  -- What is large travels.
  local big = ("0123456789"):rep(300000)
  print(#pool:apply(function(s) return s .. s end, {big}), pool:apply(function(s) return s == big end, {big}))
end)
