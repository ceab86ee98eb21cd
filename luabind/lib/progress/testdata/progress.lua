local progress = require "progress"

local function count(n)
  local i = 0
  return function() i = i + 1 if i <= n then return i, -i end end
end

-- The lines that complained() gives, without times and rates.
local function lines()
  local list = {}
  for line in complained():gmatch("[^\n]+") do
    list[#list + 1] = line:match("^(.-)%s*%d+:%d%d")
  end
  return list
end

test("the values are those of the iterator", function()
  local got = {}
  for a, b in progress(count(3)) do got[#got + 1] = {a, b} end
  eq(got, {{1, -1}, {2, -2}, {3, -3}})
end)

test("pairs and ipairs before options", function()
  for _, make in ipairs{pairs, ipairs} do
    raises("the table is missing: of what pairs returns the options leave the first value alone (local f, s, c = pairs(t) and progress(f, s, c, options))",
      function() progress(make({1}), {label = "x"}) end)
  end
end)

test("pairs and ipairs", function()
  local t, got = {a = 1, b = 2}, {}
  for k, v in progress(pairs(t)) do got[k] = v end
  eq(got, t)
  got = {}
  for i, v in progress(ipairs({"x", "y"})) do got[i] = v end
  eq(got, {"x", "y"})
  local f, s, c = pairs(t)
  got = {}
  for k, v in progress(f, s, c, {label = "t", total = 2}) do got[k] = v end
  eq(got, t)
end)

test("a list", function()
  local got = {}
  for i, v in progress({"x", "y"}, {label = "list", lines = true}) do got[i] = v end
  eq(got, {"x", "y"})
  eq(lines(), {"list 100% 2/2"})
  got = {}
  for i, v in progress({"x", "y"}) do got[i] = v end
  eq(got, {"x", "y"})
  for _ in progress({}) do error("an item") end
  for _ in progress({}, {label = "none", lines = true}) do error("an item") end
  eq(lines(), {"none 100% 0/0"})
end)

test("a callable object", function()
  local n = 0
  local o = setmetatable({}, {__call = function(self, state, control)
    eq(state, nil)
    n = n + 1
    if n < 3 then return n end
  end})
  local got = {}
  for i in progress(o, {total = 2}) do got[#got + 1] = i end
  eq(got, {1, 2})
end)

test("state and control are given on", function()
  local seen = {}
  local function f(s, c) seen[#seen + 1] = {s, c} if c < 2 then return c + 1 end end
  for _ in progress(f, "s", 0) do end
  eq(seen, {{"s", 0}, {"s", 1}, {"s", 2}})
end)

test("what was done is said at the end", function()
  for _ in progress(count(3), {total = 4, label = "work", lines = true}) do end
  eq(lines(), {"work 75% 3/4"})
  for _ in progress(count(3), {lines = true}) do end
  eq(lines(), {"3"})
end)

test("break ends it, before anything else is done", function()
  for i in progress(count(9), {total = 9, lines = true}) do
    if i == 3 then break end
  end
  eq(lines(), {"22% 2/9"})
end)

test("return ends it", function()
  local function f()
    for i in progress(count(9), {total = 9, lines = true}) do
      if i == 4 then return i end
    end
  end
  f()
  eq(lines(), {"33% 3/9"})
end)

test("an error ends it, in the loop and in the iterator", function()
  pcall(function()
    for i in progress(count(9), {total = 9, lines = true}) do error("x") end
  end)
  eq(lines(), {"0% 0/9"})
  local n = 0
  local ok, err = pcall(function()
    for i in progress(function() n = n + 1 if n == 3 then error("y", 0) end return n end, {total = 9, lines = true}) do end
  end)
  eq({ok, err}, {false, "y"})
  eq(lines(), {"22% 2/9"})
end)

test("an inner loop ends before the outer one", function()
  for i in progress(count(2), {label = "outer", lines = true}) do
    for j in progress(count(5), {label = "inner", lines = true}) do
      if j == 2 then break end
    end
    eq(lines(), {"inner 1"})
  end
  eq(lines(), {"outer 2"})
end)

test("an iterator that is used on is shown again", function()
  local it = progress(count(4), {total = 4, lines = true})
  for i in it do if i == 2 then break end end
  eq(lines(), {"25% 1/4"})
  local got = {}
  for i in it do got[#got + 1] = i end
  eq(got, {3, 4})
  eq(lines(), {"100% 4/4"})
  eq(it(), nil)
  eq(lines(), {})
end)

test("in a coroutine", function()
  local co = coroutine.wrap(function()
    for i in progress(count(3), {lines = true}) do coroutine.yield(i) end
    return "end"
  end)
  eq({co(), co(), co()}, {1, 2, 3})
  eq(lines(), {})
  eq(co(), "end")
  eq(lines(), {"3"})
end)

test("a loop of a coroutine's own", function()
  local got = {}
  local values = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end)
  for i in progress(values) do got[#got + 1] = i end
  eq(got, {1, 2, 3})
end)

test("the bar is the second result", function()
  local it, bar = progress(count(9), {total = 9, lines = true})
  eq(it(), 1)
  eq(it(), 2)
  eq(tostring(bar), "<progress bar 1/9>")
  bar:close()
  eq(lines(), {"11% 1/9"})
  eq(it(), 3)
  eq(lines(), {})
end)

test("a bar of one's own", function()
  local bar = progress{total = 100, label = "work", lines = true}
  bar:add(5)
  bar:add()
  bar:add(0.5)
  bar:add(-1)
  eq(tostring(bar), "<progress bar work 5.5/100>")
  bar:close()
  eq(lines(), {"work 5% 5.5/100"})
  bar:add(5)
  bar:close()
  eq(lines(), {})
  eq(tostring(progress{}), "<progress bar 0>")
end)

test("nothing is written unless lines are asked for", function()
  for _ in progress(count(3), {total = 3}) do end
  local bar = progress{}
  bar:add()
  bar:close()
  eq(complained(), "")
end)

test("what is wrong", function()
  raises("bad argument #1 to 'progress' (function or table expected, got no value)", function() progress() end)
  raises("bad argument #1 to 'progress' (function or table expected, got number)", function() progress(5) end)
  raises("bad argument #2 to 'progress' (table expected, got string)", function() progress(print, "x") end)
  raises("progress() got an unexpected option 'totl'", function() progress{totl = 5} end)
  raises("progress() got an unexpected option '2'", function() progress{[2] = "x"} end)
  raises("progress() got an unexpected option '1'", function() progress(print, {"x"}) end)
  raises("total must be a number >= 0", function() progress{total = "5"} end)
  raises("total must be a number >= 0", function() progress{total = -1} end)
  raises("total must be a number >= 0", function() progress{total = 0/0} end)
  raises("label must be a string", function() progress{label = 5} end)
  raises("lines must be true or false", function() progress{lines = 1} end)
  local bar = progress{}
  raises("bad argument #1 to 'add' (finite number expected)", function() bar:add(1/0) end)
  raises("bad argument #1 to 'add' (number expected, got table)", function() bar:add({}) end)
  raises("bad argument #1 to 'add' (progress bar expected, got no value)", function() bar.add() end)
end)
