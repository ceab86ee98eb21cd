-- Part 5 of the contract: size is no limit but memory's.
local child = require "child"
local machine = require "machine"
local said = child.said

long("a table nested a million deep", function()
  local depth = machine.race and 100000 or 1000000 -- the race detector makes it ten times as slow
  local root = {}
  local t = root
  for i = 2, depth do
    local inner = {}
    t[1] = inner
    t = inner
  end
  t.bottom = "bottom"
  eq(said(function(t)
    local n = 1
    while t[1] do
      t = t[1]
      n = n + 1
    end
    print(n, t.bottom)
  end, root), depth .. "\tbottom")
end)

long("closures nested twenty thousand deep", function()
  local f = "bottom"
  for i = 1, 20000 do
    local g = f
    f = function() return g end
  end
  eq(said(function()
    local n, f = 0, f
    while type(f) == "function" do
      f = f()
      n = n + 1
    end
    print(n, f)
  end), "20000\tbottom")
end)

long("metatables nested ten thousand deep", function()
  local t = {bottom = "bottom"}
  for i = 1, 10000 do t = setmetatable({}, {next = t}) end
  eq(said(function()
    local n, t = 0, t
    while getmetatable(t) do
      t = getmetatable(t).next
      n = n + 1
    end
    print(n, t.bottom)
  end), "10000\tbottom")
end)

long("a string of 64 MiB", function()
  local s = ("0123456789abcde\n"):rep(2^22)
  eq(#s, 2^26)
  eq(said(function(s) print(#s, s == ("0123456789abcde\n"):rep(2^22)) end, s), "67108864\ttrue")
end)

long("twenty thousand tables, in order", function()
  local list = {}
  for i = 1, 20000 do list[i] = {id = i, name = "name" .. i, list = list} end
  eq(said(function()
    for i, t in ipairs(list) do
      if t.id ~= i or t.name ~= "name" .. i or t.list ~= list then print("wrong", i) end
    end
    print(#list)
  end), "20000")
end)

long("a thousand closures over one upvalue", function()
  local n, list = 0, {}
  for i = 1, 1000 do list[i] = function() n = n + 1 end end
  eq(said(function()
    for _, f in ipairs(list) do f() end
    print(n)
  end), "1000")
end)

long("a long array of numbers and a long list of keys", function()
  local numbers, keys = {}, {}
  for i = 1, 20000 do
    numbers[i] = i / 3
    keys["k" .. i] = i
  end
  local order = {}
  for k in pairs(keys) do order[#order + 1] = k end
  eq(said(function()
    local n = 0
    for i = 1, #numbers do
      if numbers[i] ~= i / 3 or keys["k" .. i] ~= i then print("wrong", i) end
    end
    for k in pairs(keys) do
      n = n + 1
      if order[n] ~= k then print("out of order", k) end
    end
    print(#numbers, n)
  end), "20000\t20000")
end)

long("output of 4 MiB", function()
  local line = ("x"):rep(1023)
  local out = said(function()
    for i = 1, 2^12 do print(line) end
  end)
  eq(#out, 2^22 - 1)
  ok(out .. "\n" == (line .. "\n"):rep(2^12))
end)
