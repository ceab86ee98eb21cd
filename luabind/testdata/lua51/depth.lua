-- Deep recursion, its errors, and many values at once.
local function try(name, f, ...) local r = {pcall(f, ...)} for i = 1, #r do r[i] = tostring(r[i]) end print(name, table.concat(r, " ")) end
try("deep", function() local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end return deep(15000) end)
-- recursion
local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end
local function inf(n) return 1 + inf(n + 1) end
local ok, e = pcall(inf, 1) print(ok, (tostring(e):gsub("\n.*", "")))
print(select(2, pcall(function() local function f() return f() + 1 end return f() end)):match("stack overflow"))
local n = 0 local function count() n = n + 1 return 1 + count() end pcall(count) print(n > 15000)
print(pcall(string.rep, "x", -1))
local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k + 1] end
local ok, e = pcall(function() return t[1] end) print(ok, tostring(e):match("stack overflow") or tostring(e):match("C stack overflow"))
local ok, e = pcall(function() local function f() return pcall(f) end return f() end) print(ok)
local ok, e = xpcall(function() local function f() return 1 + f() end return f() end, function(m) return "handled " .. tostring(m):match("stack overflow") end) print(ok, e)
print(xpcall(function() error("a") end, function(m) error("b") end))
print(xpcall(function() error("a") end, function(m) return m, 2 end))
print(xpcall(function() error({}) end, function(m) return type(m) end))
print(xpcall(function() return 1, nil, 3, nil end, print))
print(xpcall(function() local x = nil; x() end, function(m) return debug.traceback and m end))
print(pcall(xpcall)) print(pcall(xpcall, 1)) print(xpcall(1, function(m) return m end)) print(xpcall(error, 1))
-- values
print(select('#', unpack({}, 1, 7000))) print(#{unpack({}, 1, 7000)}, select(-1, unpack({}, 1, 7000)))
local function va(...) return select('#', ...) end
local big = {} for i = 1, 7900 do big[i] = i end
print(va(unpack(big))) print((select(7900, unpack(big)))) print(#string.char(unpack((function() local t = {} for i = 1, 7900 do t[i] = 65 end return t end)())))
print(math.max(unpack(big)), #table.concat(big, ","), #{va(unpack(big)), unpack(big)})
local function pass(...) return ... end print(select('#', pass(unpack(big)))) print(select('#', pcall(pass, unpack(big))))
local co = coroutine.wrap(function(...) local n = select('#', ...) local m = select('#', coroutine.yield(...)) return n, m end)
print(select('#', co(unpack(big)))) print(co(unpack(big)))
local function tail(n, ...) if n == 0 then return ... end return tail(n - 1, ...) end print(tail(100000, 1, 2, 3))
local function grow(n, ...) if n == 0 then return select('#', ...) end return grow(n - 1, n, ...) end print(grow(200))
