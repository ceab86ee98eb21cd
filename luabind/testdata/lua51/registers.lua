-- The registers of all calls move when a deeper call needs more of them than there are: each
-- place where that may happen, with a variable that a function has captured before.

local function deep(n, ...)
  if n == 0 then return ... end
  local a, b, c, d, e, f, g, h = n, n, n, n, n, n, n, n
  local x, y = deep(n - 1, ...)
  return x, y, a + b + c + d + e + f + g + h
end

local function counter()
  local n = 0
  local function add(k) n = n + k return n end
  local before = add(1)
  return add, function() return n, before end
end

local ways = {
  call = function(n) return (deep(n, 1)) end,
  vararg = function(n) return select("#", (function(...) return deep(n, ...) end)(unpack({1, 2, 3}, 1, 3))) end,
  index = function(n) return setmetatable({}, {__index = function(_, k) deep(n) return k end}).key end,
  newindex = function(n)
    local got
    setmetatable({}, {__newindex = function(_, k, v) deep(n) got = k .. v end}).a = "b"
    return got
  end,
  add = function(n) return setmetatable({}, {__add = function(_, k) deep(n) return k end}) + 5 end,
  concat = function(n) return 1 .. setmetatable({}, {__concat = function(k) deep(n) return k .. "!" end}) end,
  less = function(n)
    local mt = {__lt = function() deep(n) return true end}
    return setmetatable({}, mt) < setmetatable({}, mt)
  end,
  equal = function(n)
    local mt = {__eq = function() deep(n) return true end}
    return setmetatable({}, mt) == setmetatable({}, mt)
  end,
  callable = function(n) return setmetatable({}, {__call = function(_, a, b) deep(n) return a + b end})(2, 3) end,
  iterator = function(n)
    local sum = 0
    for i in function(_, i) deep(n) i = (i or 0) + 1 if i < 4 then return i end end do sum = sum + i end
    return sum
  end,
  pcall = function(n) return pcall(function() deep(n) error("x", 0) end) end,
  xpcall = function(n) return xpcall(function() error("x", 0) end, function(m) deep(n) return m .. "y" end) end,
  sort = function(n) local t = {3, 1, 2} table.sort(t, function(a, b) deep(n) return a < b end) return t[1], t[3] end,
  gsub = function(n) return (("ab"):gsub(".", function(c) deep(n) return c .. c end)) end,
  coroutine = function(n)
    local co = coroutine.wrap(function(a) local b = coroutine.yield(a, (deep(n, 1))) deep(2 * n) return b, a end)
    co(7)
    return co(8)
  end,
  tail = function(n)
    local function loop(i, ...) if i == 0 then return deep(n, ...) end return loop(i - 1, i, ...) end
    return loop(20)
  end,
  results = function(n) local t = {deep(n, unpack({1, 2, 3, 4, 5}))} return #t, t[1], t[2] end,
}

local names = {}
for name in pairs(ways) do names[#names + 1] = name end
table.sort(names)
for _, name in ipairs(names) do
  local at = 1
  for depth = 1, 40, 3 do
    local add, look = counter()
    local a, b, c = add(10), {}, "c"
    local function seen() return a, type(b), c end
    local x, y, z = ways[name](depth + at)
    a, at = a + 1, at + 5
    add(100)
    print(name, depth, tostring(x), tostring(y), tostring(z), look())
    print(seen())
  end
end
-- as many operands of ".." as there are, strings, numbers and what has a metamethod
do
  local joined = {}
  local mt = {__concat = function(a, b) return "<" .. (type(a) == "table" and "t" or a) .. (type(b) == "table" and "t" or b) .. ">" end}
  local t = setmetatable({}, mt)
  for n = 1, 30 do
    local operands = {}
    for i = 1, n do operands[i] = ({"a", "b", "'c'", "1.5", "t"})[i % (n % 2 == 0 and 4 or 5) + 1] end
    joined[n] = assert(loadstring("local a, b, t = ... return " .. table.concat(operands, " .. "), "=operands"))("x", 2, t)
  end
  for n = 1, 30 do print(n, type(joined[n]) == "table" and "t" or joined[n]) end
  print(pcall(function(a, b) return a .. 1 .. a .. 2 .. a .. 3 .. b .. 4 .. a .. 5 .. a end, "s", {}))
end
