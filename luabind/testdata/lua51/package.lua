-- require, package and module: what is tried, in which order, and messages.
local function try(f, ...)
  local results = {pcall(f, ...)}
  for i = 1, #results do results[i] = tostring(results[i]) end
  print((table.concat(results, " | "):gsub("0x%x+", "0x")))
end
package.path = "./?.lua;/x/?/init.lua"; package.cpath = "./?.so"
try(require, "foo.bar")
try(function() require "foo.bar" end)
try(function() require() end)
try(function() require {} end)
package.preload.pp = function(...) print("pp", ...) return nil end
print(require "pp", package.loaded.pp)
package.preload.qq = function(...) package.loaded.qq = 5 end
print(require "qq", package.loaded.qq)
package.preload.rr = function(...) return false end
print(require "rr", package.loaded.rr)
print(require "rr", package.loaded.rr)
package.preload.loop = function(...) require "loop" end
try(function() require "loop" end)
try(function() require "loop" end)
print(type(package.loaded.loop))
package.preload.err = function(...) error("oops") end
try(function() require "err" end)
try(function() require "err" end)
package.preload.bad = 5
try(function() require "bad" end)
package.path = nil
try(function() require "synt" end)
package.path = 5
try(function() require "synt" end)
package.path = "?.lua"
package.preload = 4
try(function() require "synt" end)
local l = package.loaders
package.loaders = nil
try(function() require "synt" end)
package.loaders = {function(n) return nil end, function(n) return "\n\tmine " .. n end}
try(function() require "synt" end)
package.loaders = {5}
try(function() require "synt" end)
package.loaders = l
print(#package.loaders, (package.config:gsub("\n", "|")))
try(package.loadlib, "x")
try(module, "foo")
try(function() module() end)
do
local f = function() module("a.b.c") ; return _M, _NAME, _PACKAGE end
local m, n, p = f()
print(m == a.b.c, n, p, package.loaded["a.b.c"] == m)
print(setmetatable({}, getmetatable(m)) ~= nil, getmetatable(m))
f = function() module("a.b.d", package.seeall) ; function hello() return type(1) end return _M, _NAME, _PACKAGE end
local m, n, p = f()
print(m.hello(), m.print == print, m._M == m)
end
xx = 5
try(function() module("xx") end)
try(function() module("xx.y") end)
try(function() module("zz", 5) end)
try(function() module("zz", function(m) m.opt = true end) return _M.opt end)
try(function() module("string") return _M == package.loaded.string end)
try(package.seeall)
for _, k in ipairs{"package","string","table","math","io","debug","coroutine"} do
  local t, names = package.loaded[k], {}
  for n in pairs(t) do if type(n) == "string" then names[#names+1] = n end end
  table.sort(names)
  print(k, table.concat(names, " "))
end
