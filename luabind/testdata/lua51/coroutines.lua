-- Coroutines: what goes in and out, how they end, where they can't yield.
local co = coroutine.create(function(...)
  print("start", ...)
  local a, b = coroutine.yield("one", nil)
  print(a, b)
  print(coroutine.yield())
  print((coroutine.yield(1, 2, 3)))
  print(select("#", coroutine.yield()), select("#", coroutine.yield()))
  local t = {coroutine.yield("list")}
  print(#t)
  return "end", nil
end)
print(coroutine.status(co), coroutine.resume(co, 1, nil, 3))
print(coroutine.status(co), coroutine.resume(co))
print(coroutine.resume(co, 4, 5))
print(coroutine.resume(co, 6, 7, 8))
print(coroutine.resume(co))
print(coroutine.resume(co, nil, nil))
print(coroutine.resume(co, 1, 2))
print(coroutine.status(co), coroutine.resume(co, "l1", "l2"))
print(coroutine.status(co), coroutine.resume(co))

-- a yield that is the last thing it does
local tail = coroutine.create(function(x) return coroutine.yield(x) end)
print(coroutine.resume(tail, 1)) print(coroutine.status(tail)) print(coroutine.resume(tail, 2, 3)) print(coroutine.status(tail), coroutine.resume(tail))
local wrapped = coroutine.wrap(function() local function inner() return coroutine.yield("inner") end return "after", inner() end)
print(wrapped()) print(wrapped("back", nil))
wrapped = coroutine.wrap(function() local function inner() return coroutine.yield("inner") end return inner() end)
print(wrapped()) print(wrapped("back", nil))
print(pcall(wrapped))
local function walk(t) if t then walk(t[1]) coroutine.yield(t[2]) return walk(t[3]) end end
for v in coroutine.wrap(function() walk{{nil, 1}, 2, {{nil, 3}, 4}} end) do io.write(v, " ") end print()

-- status
local outer outer = coroutine.create(function()
  print(coroutine.status(outer), coroutine.resume(outer))
  local inner = coroutine.create(function()
    print(coroutine.status(outer), coroutine.resume(outer))
    coroutine.wrap(function() print(coroutine.status(outer)) end)()
  end)
  coroutine.resume(inner)
  print(coroutine.status(inner), coroutine.running() == outer)
end)
print(coroutine.resume(outer)) print(coroutine.status(outer), coroutine.running())

-- where no yield is possible
local yield = coroutine.yield
local function inside(f, ...) return (select(2, coroutine.resume(coroutine.create(f), ...))) end
local message = "attempt to yield across metamethod/C-call boundary"
print(pcall(yield, 1))
print(coroutine.resume(coroutine.create(function() return pcall(yield, 1) end)))
print(coroutine.resume(coroutine.create(function() return pcall(function() yield(1) end) end)))
local mt = setmetatable({}, {__index = function() yield(1) end, __newindex = yield, __add = yield, __eq = yield, __lt = yield, __concat = yield, __unm = yield, __call = function(_, v) return yield(v) end})
print(inside(function() return mt.x end), inside(function() mt.x = 1 end), inside(function() return mt + 1 end))
print(inside(function() return mt < mt end), inside(function() return mt .. "x" end), inside(function() return -mt end))
print(inside(function() for _ in yield do end end), inside(function() for _ in function() yield() end do end end))
print(inside(function() table.sort({3, 2, 1}, function() yield() end) end), inside(function() string.gsub("x", "x", function() yield() end) end))
print(inside(function() xpcall(error, function() yield() end) return "xpcall" end))
print(inside(function() mt("a call can yield") end))
local went = coroutine.wrap(function() pcall(yield) pcall(error) local v = yield("still fine") print(v) return pcall(yield) end)
print(went()) print(went("in"))

-- errors
print(coroutine.resume(coroutine.create(function() error("text") end)))
print(coroutine.resume(coroutine.create(function() error(nil) end)))
local e = {}
local ok, got = coroutine.resume(coroutine.create(function() error(e) end)) print(ok, got == e)
ok, got = pcall(coroutine.wrap(function() error(e) end)) print(ok, got == e)
print(pcall(function() coroutine.wrap(function() error("text") end)() end))
print(pcall(function() coroutine.wrap(function() error("no position", 0) end)() end))
local dying = coroutine.create(function() error("x") end)
coroutine.resume(dying) print(coroutine.status(dying), coroutine.resume(dying)) print(coroutine.running())
print(pcall(coroutine.resume, nil) , pcall(coroutine.status, {}), pcall(coroutine.create, 5))
local many = coroutine.wrap(function() for i = 1, 100 do pcall(error) yield(i) end end)
for i = 1, 99 do many() end print(many())

-- many values, and many coroutines
local function count(...) return select("#", ...) end
local big = coroutine.wrap(function(...) local n = count(...) while true do n = count(yield(n)) end end)
local t = {} for i = 1, 200 do t[i] = i end
print(big(unpack(t)), big(), big(1), big(unpack(t, 1, 100)))
local sum = 0
for i = 1, 500 do local c = coroutine.wrap(function(a) local b = yield(a) sum = sum + a + b end) c(i) c(1) end
print(sum)

-- More arguments and results of functions in Go (or C) than a coroutine has room for at its beginning.
do
  local t = {}
  for i = 1, 250 do t[i] = 65 + i % 26 end
  print(coroutine.wrap(function() return #string.char(unpack(t)) end)())
  print(coroutine.wrap(function() return select("#", unpack(t, 1, 5000)) end)())
  print(coroutine.wrap(function() return pcall(function() return #{unpack({}, 1, 1e7)} end) end)())
  print(coroutine.wrap(function() return math.max(unpack(t)), select(200, unpack(t)) end)())
  local co = coroutine.create(function(...)
    local n = select("#", ...)
    while true do n = n + select("#", coroutine.yield(n, unpack(t, 1, 40))) end
  end)
  for i = 1, 5 do print(select("#", coroutine.resume(co, unpack(t, 1, i * 50)))) end
end
