-- Errors that are caught: variables stay whole, closures that got out too.
local n = 0
local function inc() n = n + 1 return n end
pcall(error, "x") inc() print(n)
pcall(function() inc() error() end) inc() print(n)
xpcall(function() inc() error("x") end, function(m) inc() return m end) inc() print(n)
pcall(function() pcall(function() pcall(error) inc() error() end) inc() error() end) inc() print(n)
pcall(function() local x = nil + 1 end) inc() print(n)
pcall(function() local x = nothing.x end) inc() print(n)
pcall(function() nothing() end) inc() print(n)
pcall(string.rep) inc() print(n)
pcall(setmetatable, 1) inc() print(n)
pcall(string.gsub, "abc", ".", function(c) inc() if c == "b" then error(c, 0) end end) inc() print(n)
pcall(table.sort, {3, 2, 1}, function(a, b) inc() error("x") end) inc() print(n)
pcall(function() for k in function() inc() error("x") end do end end) inc() print(n)
local proxy = setmetatable({}, {__index = function(_, k) inc() error(k, 0) end, __add = function() inc() error("add", 0) end})
print(pcall(function() return proxy.x end)) inc() print(n)
print(pcall(function() return proxy + 1 end)) inc() print(n)
coroutine.wrap(function() local m = 0 local function up() m = m + 1 end pcall(error) up() pcall(error) up() print(m) end)()
print(coroutine.resume(coroutine.create(function() inc() error("in", 0) end))) inc() print(n)
print(pcall(coroutine.wrap(function() inc() error("in", 0) end))) inc() print(n)

-- closures that escape from a call that failed
local get, set
pcall(function()
  local x, y = 1, "y"
  get, set = function() return x, y end, function(v) x = v end
  pcall(error)
  x = 2
  error("out")
end)
local over1, over2, over3, over4, over5 = 91, 92, 93, 94, 95
print(get()) set(5) print(get())
xpcall(function() local x = "xp" get = function() return x end local _ = nil .. x end, function() local h = "handler" set = function() return h end end)
do local a, b, c, d, e, f, g = 1, 2, 3, 4, 5, 6, 7 end
print(get(), set())
local co = coroutine.create(function() local x = "co" get = function() return x end error("x") end)
coroutine.resume(co)
print(get())

-- error values
for _, v in ipairs{true, {}, print, coroutine.create(print0 or function() end)} do
  local ok, e = pcall(error, v)
  print(ok, rawequal(e, v), select(2, xpcall(function() error(v, 0) end, function(m) return rawequal(m, v) end)))
end
print(pcall(error, nil)) print(select("#", pcall(error, nil)))
print(pcall(function() error("position") end)) print(pcall(function() error("none", 0) end))

-- results and arguments
print(pcall(function(...) return select("#", ...), ... end, 1, nil, nil))
print(select("#", pcall(function() end)), pcall(pcall)) 
print(pcall(pcall, error, false)) print(pcall(pcall, pcall, error, true))
print(xpcall(function(...) return select("#", ...), 1, 2 end, print, 1, 2, 3))
print(pcall(nil)) print(pcall({})) print(pcall(5, 1))
print(pcall(setmetatable({}, {__call = function(self, ...) return "called", ... end}), 1, 2))
print(xpcall(nil, function(m) return "handled: " .. m end))

-- handlers
print(xpcall(function() error("x", 0) end, function(m) return m .. "!", "dropped" end))
print(xpcall(function() error("x", 0) end, nil)) print(xpcall(function() error("x", 0) end, {}))
print(xpcall(function() return "no error" end, nil))
local calls = 0
print(xpcall(function() error("x", 0) end, function(m) calls = calls + 1 error("again", 0) end)) print(calls > 100)
calls = 0
print(xpcall(function() error("x", 0) end, function(m) calls = calls + 1 if calls < 4 then error(m .. calls, 0) end return m end))
print(xpcall(function() local secret = "seen" error("x") end, function() return (select(2, debug.getlocal(3, 1))) or "none" end))

-- a full stack
local function deep() return 1 + deep() end
print(pcall(deep)) print(xpcall(deep, function(m) return "handled: " .. m end)) inc() print(n)
print(coroutine.resume(coroutine.create(deep)))
local kept
local function deeper(level) local mine = level if level == 50 then kept = function() return mine end end return 1 + deeper(level + 1) end
print(pcall(deeper, 1)) print(kept())
local depth = 0
local function count() depth = depth + 1 return 1 + count() end
pcall(count) print(depth > 15000)
pcall(string.gsub, "x", "x", deep) inc() print(n)
