-- Metamethods: which are asked, with what, and what becomes of their results.
local mt = {} local function mk(x) return setmetatable({x = x}, mt) end
mt.__add = function(a, b) return "add" end mt.__sub = function() return 1, 2 end mt.__concat = function(a, b) return "cat" end mt.__unm = function(a, b) return rawequal(a, b) end
mt.__eq = function(a, b) return 1 end mt.__lt = function(a, b) return nil end mt.__le = function(a, b) return "yes" end mt.__call = function(self, ...) return select('#', ...), ... end mt.__len = function() return 42 end
mt.__mod = function() return "mod" end mt.__pow = function() return "pow" end mt.__div = function() return "div" end mt.__mul = function() return "mul" end
local a, b = mk(1), mk(2)
print(a + 1, 1 + a, a - b, a * 2, 2 / a, a % a, a ^ 2, -a, a .. "x", "x" .. a, 1 .. a, a .. b, "x" .. "y" .. a .. "z" .. "w")
print(a == b, a ~= b, a < b, a <= b, a > b, a >= b, not (a == b), a == 1, #a, a(), a(1, nil), a(nil, nil))
print(pcall(function() return a < 1 end)) print(pcall(function() return 1 < a end)) print(pcall(function() return a <= {} end)) print(a == {}, {} == a)
local mt2 = {__lt = function(a, b) return a.x < b.x end} local c, d = setmetatable({x = 1}, mt2), setmetatable({x = 2}, mt2) print(c < d, c <= d, c > d, c >= d)
local e1, e2 = setmetatable({}, {__eq = function() return true end}), setmetatable({}, {__eq = function() return true end}) print(e1 == e2)
print(pcall(function() return setmetatable({}, {__add = 1}) + 1 end)) print(pcall(function() return setmetatable({}, {__call = 1})() end)) print(pcall(function() return setmetatable({}, {__call = setmetatable({}, {__call = print})})() end))
print(pcall(function() return setmetatable({}, {__index = 1}).x end)) print(pcall(function() setmetatable({}, {__newindex = 1}).x = 1 end)) print(setmetatable({}, {__index = "abc"}).len == string.len)
local loop = {} setmetatable(loop, {__index = loop, __newindex = loop}) print(pcall(function() return loop.x end)) print(pcall(function() loop.x = 1 end))
local chain = {x = "found"} for i = 1, 90 do chain = setmetatable({}, {__index = chain}) end print(chain.x, chain.y)
for i = 1, 20 do chain = setmetatable({}, {__index = chain}) end print(pcall(function() return chain.x end))
local log = {} local p = setmetatable({}, {__newindex = function(t, k, v) rawset(t, k, v) log[#log + 1] = k end}) p.a = 1 p.a = 2 p.b = nil p.b = 3 print(table.concat(log, " "), p.a, p.b)
local store = {} local q = setmetatable({}, {__newindex = store, __index = store}) q.z = 5 print(rawget(q, "z"), store.z, q.z) q[1] = 7 print(rawget(q, 1), store[1], #q)
local w = setmetatable({1, 2, nil}, {__index = function(t, k) return k * 2 end}) print(w[1], w[2], w[3], w[10]) w[3] = 9 print(w[3])
local nw = setmetatable({1, 2}, {__newindex = function(t, k, v) rawset(t, k, v * 10) end}) nw[1] = 5 nw[3] = 5 nw[4] = 1 print(nw[1], nw[3], nw[4], #nw)
local u = newproxy(true) getmetatable(u).__len = function() return 7 end getmetatable(u).__index = function(_, k) return k end print(#u, u.hello, u[1])
-- functions of the library that look into tables which lead nowhere
do
  local function try(...) print(pcall(...)) end
  local loop, settings = {}, {}
  for i = 1, 101 do loop, settings = setmetatable({}, {__index = loop}), setmetatable({}, {__newindex = settings}) end
  for _, t in ipairs{setmetatable({}, {__index = 5}), loop} do
    try(string.gsub, "abc", "b", t)
    try(os.time, t)
    setmetatable(package.preload, {__index = t}) try(require, "nothing") setmetatable(package.preload, nil)
    local mt = setmetatable({}, getmetatable(t))
    try(string.gsub, "abc", "b", setmetatable({}, {__index = mt}))
  end
  for _, t in ipairs{setmetatable({}, {__newindex = 5}), settings} do
    package.loaded.settings = t
    try(module, "settings")
    try(package.seeall, setmetatable({}, t))
    try(package.seeall, setmetatable({}, setmetatable({}, getmetatable(t))))
  end
end
