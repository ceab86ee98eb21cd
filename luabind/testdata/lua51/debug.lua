-- The debug library.
local function try(f, ...)
  local results = {n = select('#', ...) + 1, pcall(f, ...)}
  for i = 1, #results do results[i] = tostring(results[i]) end
  print((table.concat(results, " | "):gsub("0x%x+", "0x")))
end
local function show(t)
  if type(t) ~= "table" then print(t) return end
  local names = {}
  for k, v in pairs(t) do names[#names + 1] = k end
  table.sort(names)
  for i, k in ipairs(names) do
    local v = t[k]
    if k == "func" then
      v = "a function"
    elseif k == "activelines" then
      local lines = {}
      for line in pairs(v) do lines[#lines + 1] = line end
      table.sort(lines)
      v = table.concat(lines, ",")
    end
    names[i] = k .. "=" .. tostring(v)
  end
  print((table.concat(names, " "):gsub("0x%x+", "0x"):gsub("builtin: %x+", "0x")))
end

-- getinfo
show(debug.getinfo(1))
show(debug.getinfo(print))
show(debug.getinfo(try))
show(debug.getinfo(1, "S"))
show(debug.getinfo(1, "l"))
show(debug.getinfo(1, "u"))
show(debug.getinfo(1, "n"))
show(debug.getinfo(1, "f").func ~= nil and "a function" or "")
show(debug.getinfo(try, "L"))
show(debug.getinfo(1, ""))
show(debug.getinfo(50))
show(debug.getinfo(0, "nS"))
show(debug.getinfo(loadstring("local x = 1\nreturn x", "=name"), "SL"))
show(debug.getinfo(loadstring("local x = 1\nreturn x", "@file.lua"), "S"))
show(debug.getinfo(loadstring("local x = 1\nreturn x"), "S"))
show(debug.getinfo(loadstring("return function()\n end")(), "S"))
show(debug.getinfo(loadstring(("x = 1 "):rep(30)), "S"))
show(debug.getinfo(loadstring("return 1", "@" .. ("dir/"):rep(30) .. "file.lua"), "S"))
show(debug.getinfo(loadstring("return 1", "=" .. ("dir/"):rep(30) .. "file.lua"), "S"))
try(debug.getinfo)
try(debug.getinfo, {})
try(debug.getinfo, 1, "x")
try(debug.getinfo, 1, {})
try(debug.getinfo, -1)
try(debug.getinfo, "print")
try(function() debug.getinfo({}) end)
local up1, up2 = 1, 2
local function named() show(debug.getinfo(1, "nSlu")) return up1, up2 end
named()
local t = {field = named, m = named}
t.field()
t:m()
function global() show(debug.getinfo(1, "n")) end
global()
local function tail() return named() end
tail()
local function deeper()
  for level = 0, 8 do
    local i = debug.getinfo(level, "nSl")
    if i then print(level, i.what, i.namewhat, i.name, i.currentline, i.short_src) else print(level, i) end
  end
end
local function t3() deeper() end
local function t2() return t3() end
local function t1() return t2() end
t1()
pcall(deeper)
table.foreach({1}, deeper)
setmetatable(t, {__index = function() show(debug.getinfo(1, "n")) end, __add = function() show(debug.getinfo(1, "n")) return 1 end})
local _ = t.missing, t + 1
for _ in (function() show(debug.getinfo(1, "n")) end) do end

-- getlocal and setlocal
local function locals(a, b, ...)
  local c, d = 3
  do local hidden = 1 end
  for i = 1, 1 do
    for k, v in pairs{x = 1} do
      local n = 1
      while true do
        local name, value = debug.getlocal(1, n)
        if not name then break end
        print(n, name, type(value) == "number" and value or type(value))
        n = n + 1
      end
    end
  end
  print(debug.setlocal(1, 1, "new a"), debug.setlocal(1, 2, nil), debug.setlocal(1, 100, 1))
  print(a, b, c, d)
end
locals(1, 2, "va1", "va2")
local function caller()
  local mine = "before"
  local function set() return debug.setlocal(2, 1, "after"), debug.getlocal(2, 1) end
  print(set())
  print(mine)
end
caller()
try(debug.getlocal)
try(debug.getlocal, 1)
try(debug.getlocal, 50, 1)
try(debug.getlocal, "x", 1)
try(debug.getlocal, 1, 0)
try(debug.getlocal, 1, -1)
try(debug.setlocal, 50, 1, 2)
try(debug.setlocal, 1, 1)
try(function() debug.getlocal(50, 1) end)
print((debug.getlocal(1, 1)), (debug.getlocal(1, 2)))

-- getupvalue and setupvalue
local u, w = 1, 2
local function uses() u = u + 1 return w end
print(debug.getupvalue(uses, 1), debug.getupvalue(uses, 2), debug.getupvalue(uses, 3))
print(debug.getupvalue(uses, 2))
print(select('#', debug.getupvalue(uses, 3)), select('#', debug.getupvalue(print, 1)), select('#', debug.getupvalue(uses, 0)))
print(debug.setupvalue(uses, 1, 10), u, debug.setupvalue(uses, 5, 1), select('#', debug.setupvalue(uses, 5, 1)))
try(debug.getupvalue)
try(debug.getupvalue, uses)
try(debug.getupvalue, 1, 1)
try(debug.setupvalue, uses, 1)
try(debug.setupvalue, uses, "x", 1)
try(debug.getupvalue, uses, 1.5)

-- traceback
local function trace(...) return debug.traceback(...) end
local function wrapped(...) local s = trace(...) return s end
print((wrapped()))
print((wrapped("message")))
print((wrapped("message", 0)))
print((wrapped("message", 1)))
print((wrapped("message", 2)))
print((wrapped("message", 50)))
print((wrapped(nil)))
print((wrapped(nil, 1)))
print((wrapped(12)))
print(type(wrapped({})), (wrapped({}, "x")), type(wrapped({}, 1)))
print((wrapped("", 1)))
local co = coroutine.create(function(x) local y = x coroutine.yield(y) error("dead") end)
print(debug.traceback(co))
print(debug.traceback(co, "not begun"))
coroutine.resume(co, 5)
print(debug.traceback(co))
print(debug.traceback(co, "suspended"))
print(debug.traceback(co, "suspended", 1))
print(debug.traceback(co, nil))
print(debug.traceback(co, {}) ~= nil)
print(debug.getlocal(co, 1, 1))
print(debug.getlocal(co, 1, 2))
print(debug.setlocal(co, 1, 2, "set"), debug.getlocal(co, 1, 2))
show(debug.getinfo(co, 0, "nSl"))
show(debug.getinfo(co, 1, "nSl"))
show(debug.getinfo(co, 2, "nSl"))
coroutine.resume(co)
print(debug.traceback(co))
local function recurse(n) if n > 0 then return 1 + recurse(n - 1) end return #debug.traceback("deep") > 0 and print(debug.traceback("deep")) or 0 end
recurse(40)
print(select(2, xpcall(function() local x = nil; x.y = 1 end, debug.traceback)))

-- metatables, environments, registry
print(debug.getmetatable("").__index == string, debug.getmetatable(1), debug.getmetatable({}))
print(debug.setmetatable(10, {__index = function(n, k) return k .. n end}), (5).x)
print(debug.setmetatable(10, nil), pcall(function() return (5).x end))
debug.setmetatable(nil, {__index = function() return "of nil" end})
print((nil).x)
debug.setmetatable(nil, nil)
debug.setmetatable(print, {__index = {name = "function"}})
print(print.name, try.name)
debug.setmetatable(print, nil)
try(debug.setmetatable, 1)
try(debug.setmetatable, 1, 2)
try(debug.getmetatable)
print(getmetatable(setmetatable({}, {__metatable = "hidden"})), type(debug.getmetatable(setmetatable({}, {__metatable = "hidden"}))))
print(type(debug.getregistry()), debug.getregistry()._LOADED == package.loaded)
print(debug.getfenv(try) == _G, debug.getfenv(print) == _G, debug.getfenv({}), debug.getfenv(co) == _G)
local env = {}
print(debug.setfenv(try, env) == try, getfenv(try) == env)
debug.setfenv(try, _G)
try(debug.setfenv, {}, {})
try(debug.setfenv, try)

-- hooks
print(debug.gethook())
local events = {}
local function hook(event, line) events[#events + 1] = event .. (line and ":" .. line or "") end
debug.sethook(hook, "l")
local a = 1
local b = 2
if a == b then
  a = 3
end
debug.sethook()
print(table.concat(events, " "))
print(debug.gethook())
debug.sethook(hook, "lr", 100)
local f, mask, count = debug.gethook()
print(f == hook, mask, count)
debug.sethook()
local n = 0
debug.sethook(function(event) n = n + 1 end, "", 100)
for i = 1, 100000 do end
debug.sethook()
print(n > 900 and n < 3100)
local where
debug.sethook(function(event, line) where = debug.getinfo(2, "l").currentline == line end, "l")
local x = 1
debug.sethook()
print(where)
try(debug.sethook, 1, "l")
try(debug.sethook, hook)
try(debug.sethook, hook, 5)
debug.sethook()
local stopped = pcall(function()
  debug.sethook(function() error("too long") end, "", 1000)
  while true do end
end)
debug.sethook()
print(stopped)

-- a hook that sets another one isn't hooked itself
local seen
local object = {}
function object:method(a, b, ...) local c = 13 end
debug.sethook(function()
  debug.sethook(function(event, line)
    debug.sethook()
    seen = event .. " " .. tostring(debug.getinfo(2, "l").currentline == line)
    for n = 1, 3 do seen = seen .. " " .. tostring((debug.getlocal(2, n))) end
  end, "l")
end, "c")
object:method(1, 2, 3, 4)
debug.sethook()
print(seen)
