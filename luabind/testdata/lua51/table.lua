-- The table library: results, moves, order of comparisons and messages.
local function try(f, ...)
  local results = {n = select('#', ...) + 1, pcall(f, ...)}
  for i = 1, #results do results[i] = tostring(results[i]) end
  print(table.concat(results, " | "))
end
local function list(t)
  local items = {}
  for i = 1, #t do items[i] = tostring(t[i]) end
  return "{" .. table.concat(items, ",") .. "}"
end

-- concat
try(table.concat)
try(table.concat, 5)
try(table.concat, {1, 2, "x", 3.5, 1e15, -0.1})
try(table.concat, {1, 2, 3}, ", ")
try(table.concat, {1, 2, 3}, ", ", 2)
try(table.concat, {1, 2, 3}, ", ", 2, 3)
try(table.concat, {1, 2, 3}, ", ", 3, 2)
try(table.concat, {1, 2, 3}, "", "2", "3")
try(table.concat, {1, {}, 3})
try(table.concat, {1, 2, 3}, ",", 1, 4)
try(table.concat, {1, 2, 3}, ",", -1, 1)
try(table.concat, {[-1] = "a", [0] = "b", "c"}, ",", -1, 1)
try(table.concat, {1, true})
try(table.concat, {1, print == 1})
try(table.concat, {}, {})
try(table.concat, {}, 1)
try(table.concat, {1, 2}, 0)
try(table.concat, {1, 2}, ",", {})
try(table.concat, {1, 2}, ",", 1.9)
try(table.concat, {1, 2}, nil, nil, nil)
try(table.concat, setmetatable({}, {__index = function() return "i" end}), ",", 1, 2)
try(function() table.concat() end)
try(function() table.concat({{}}) end)
try(function() local t = table; t.concat({{}}) end)
try(function() local c = table.concat; c({{}}) end)
do -- a million
  local t = {}
  for i = 1, 1000000 do t[i] = i % 10 end
  local s = table.concat(t)
  print(#s, s:sub(1, 12), s:sub(-3), #table.concat(t, ", "))
  print(select('#', unpack(t, 1, 7000)), (select(7000, unpack(t, 1, 7000))))
end

-- insert
try(table.insert)
try(table.insert, nil, 1)
try(table.insert, {})
try(table.insert, {}, 1, 2, 3)
try(table.insert, {}, "x", 2)
try(table.insert, {}, {}, 2)
try(function() table.insert(nil, 1) end)
try(function() table.insert({}) end)
try(function() table.insert({}, nil, 1) end)
do
  local t = {}
  table.insert(t, "b")
  table.insert(t, 1, "a")
  table.insert(t, 3, "d")
  table.insert(t, 3, "c")
  table.insert(t, "2", "x")
  print(list(t), #t)
  table.insert(t, 10, "far")
  print(#t >= 5, t[10], t[9])
  t = {1, 2, 3}
  table.insert(t, 0, "zero")
  print(t[0], list(t))
  t = {1, 2, 3}
  table.insert(t, -1, "minus")
  print(t[-1], t[0], list(t))
  t = {1, 2, 3}
  table.insert(t, 2.9, "cut")
  print(list(t))
  t = {}
  for i = 1, 40 do table.insert(t, 1, i) end
  print(list(t))
  t = {n = 5}
  table.insert(t, nil)
  print(#t, t.n)
end

-- remove
try(table.remove)
try(table.remove, nil)
try(table.remove, {})
try(table.remove, {1, 2}, "x")
try(table.remove, {1, 2, 3})
try(table.remove, {1, 2, 3}, 1)
try(table.remove, {1, 2, 3}, 5)
try(table.remove, {1, 2, 3}, 4)
try(table.remove, {1, 2, 3}, 0)
try(table.remove, {[0] = "z", 1, 2, 3}, 0)
try(table.remove, {1, 2, 3}, -1)
do
  local t = {1, 2, 3, 4, 5}
  print(table.remove(t, 2), list(t), #t)
  print(table.remove(t), list(t), #t)
  print(table.remove(t, 1), table.remove(t, 1), table.remove(t, 1), #t, next(t))
  print(select('#', table.remove(t)), select('#', table.remove({1})))
  t = {}
  for i = 1, 100000 do t[#t + 1] = i end
  for i = 1, 100000 do t[#t] = nil end
  print(#t, next(t))
  for i = 1, 10 do t[#t + 1] = i end
  while #t > 0 do io.write(table.remove(t), " ") end
  print(#t)
end

-- maxn, getn, setn, foreach, foreachi
try(table.maxn)
try(table.maxn, {})
try(table.maxn, {1, 2, nil, 4})
try(table.maxn, {[1000000] = 1})
try(table.maxn, {[2.5] = 1, [-3] = 2, x = 7})
try(table.maxn, {[1e300] = 1})
try(table.getn)
try(table.getn, {1, 2, 3, n = 10})
try(table.setn)
try(table.setn, {}, 5)
try(function() table.setn({}, 5) end)
try(table.foreach)
try(table.foreach, {})
try(table.foreach, {1, 2}, print)
try(table.foreach, {1, 2, x = 5}, function(k, v) if k == 2 then return v * 10, 7 end end)
try(table.foreach, {a = 1}, function(k, v) return false end)
try(table.foreachi, {1, 2, 3, x = 5}, print)
try(table.foreachi, {1, 2}, function(i, v) return i * v end)
try(table.foreachi, {1, 2}, 5)
try(table.foreachi, {1, 2}, function() error("stop", 0) end)

-- sort
try(table.sort)
try(table.sort, {}, 5)
try(table.sort, {1, 2}, "x")
try(table.sort, {3, "x", 1})
try(table.sort, {3, {}, 1})
try(table.sort, {true, false})
try(table.sort, {{}, {}})
try(table.sort, {1, 2, 3, nil, 5})
try(function() table.sort({3, "x", 1}) end)
try(table.sort, {1, 2, 3, 4, 5}, function() return true end)
try(table.sort, {5, 3, 1, 4, 2, 7, 6}, function() return true end)
try(function() table.sort({1, 2, 3, 4, 5}, function() return true end) end)
try(table.sort, {1, 2, 3}, function() error("inside", 0) end)
do
  local function sorted(t, f) table.sort(t, f) return list(t) end
  print(sorted{3, 1, 2}, sorted{}, sorted{1}, sorted{2, 1})
  print(sorted{"b", "a", "\0", "B", "", "aa", "\255", "a\0b", "a\0a"} == list{"", "\0", "B", "a", "a\0a", "a\0b", "aa", "b", "\255"})
  print(sorted({3, 1, 2}, function(a, b) return a > b end))
  print(sorted{1/0, -1/0, 5, -5, 1e300})
  print(sorted({5, 2, 8, 1}, nil))
  local ordered = setmetatable({}, {__lt = function(a, b) return a.v < b.v end})
  local items = {}
  for i = 1, 5 do items[i] = setmetatable({v = (i * 7) % 5}, getmetatable(ordered)) end
  table.sort(items)
  for i = 1, 5 do io.write(items[i].v, " ") end
  print()
  -- what is equal ends up where Lua puts it, and is compared as often
  for _, n in ipairs{2, 3, 4, 5, 7, 10, 25, 100, 333} do
    local t, seed, calls = {}, n, 0
    for i = 1, n do
      seed = (seed * 1103 + 12345) % 65536
      t[i] = {key = seed % 7, id = i}
    end
    table.sort(t, function(a, b) calls = calls + 1 return a.key < b.key end)
    local ids = {}
    for i = 1, n do ids[i] = t[i].key .. ":" .. t[i].id end
    print(n, calls, table.concat(ids, " "))
  end
  -- what an inconsistent function sees
  for n = 2, 12 do
    local t, seen = {}, {}
    for i = 1, n do t[i] = i end
    local ok, err = pcall(table.sort, t, function(a, b)
      seen[#seen + 1] = tostring(a) .. (tostring(b))
      return #seen % 3 == 0
    end)
    print(n, ok, err, table.concat(seen, ","), list(t))
  end
end

-- next and pairs
do
  local t = {}
  for i = 1, 1000 do t["k" .. i] = i end
  local n = 0
  for k in pairs(t) do t[k] = nil n = n + 1 end
  print(n, next(t))
  t = {1, 2, 3, a = 4, b = 5}
  n = 0
  for k, v in pairs(t) do t[k] = nil n = n + v end
  print(n, next(t))
  t = {1, 2, 3, a = 4, b = 5}
  n = 0
  for k, v in pairs(t) do t[k] = v + 1 n = n + 1 end
  print(n, t[1], t[3], t.b)
  t = {10, 20, 30, 40}
  n = 0
  for i, v in ipairs(t) do n = n + 1 table.remove(t, i) end
  print(n, list(t))
  t = {10, 20, 30, 40}
  n = 0
  for i, v in pairs(t) do n = n + 1 table.remove(t) end
  print(n, list(t))
  -- keys that come and go, a million of them
  t = {keep = 1}
  for i = 1, 1000000 do t["k" .. i % 5000] = i t["k" .. (i - 10) % 5000] = nil end
  n = 0
  for k in pairs(t) do n = n + 1 end
  print(n, t.keep)
  for k in pairs(t) do t[k] = nil end
  print(next(t))
  print(pcall(next, {}, 1))
  print(pcall(next, {1, 2}, 3))
  print(pcall(next, {a = 1}, "b"))
  print(next({}), next({1}), next({1}, 1), next({a = 1}, "a"))
  print((pairs({})) == next, select('#', pairs({})), select(3, ipairs({})))
end
