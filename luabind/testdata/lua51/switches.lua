-- values both ways
local function show(...) local t = {select("#", ...)} for i = 1, select("#", ...) do t[#t + 1] = tostring((select(i, ...))) end print(table.concat(t, " ")) end
local co = coroutine.create(function(...)
  show("begin", ...)
  show("a", coroutine.yield())
  show("b", coroutine.yield(nil))
  show("c", coroutine.yield(nil, nil, nil))
  local x, y = coroutine.yield(1, 2, 3)
  show("d", x, y)
  local t = {coroutine.yield("list")}
  show("e", #t, unpack(t))
  return coroutine.yield("tail", nil)
end)
show(coroutine.resume(co, 1, nil, nil))
show(coroutine.resume(co))
show(coroutine.resume(co, nil))
show(coroutine.resume(co, 1, 2, 3))
show(coroutine.resume(co, 4))
show(coroutine.resume(co, 5, 6, 7))
show(coroutine.resume(co, 7, 8, nil))
show(coroutine.resume(co, "x"))
show(coroutine.status(co))
-- many values
local big = {} for i = 1, 300 do big[i] = i end
local w = coroutine.wrap(function(...) while true do local n = select("#", coroutine.yield(...)) ; show(n) end end)
print(select("#", w(unpack(big))), (select(300, w(unpack(big)))))
w = coroutine.wrap(function(...) local a = {...} while true do a = {coroutine.yield(unpack(a))} end end)
print(select("#", w(unpack(big))), select("#", w()), select("#", w(unpack(big))))
-- results wanted: none, one, some, all
w = coroutine.wrap(function() for i = 1, 10 do coroutine.yield(i, i * 2, i * 3) end end)
w()
local a = w(); print(a)
local b, c, d, e = w(); print(b, c, d, e)
print(w()); print((w())); local t = {w(), w()}; print(#t, unpack(t))
print(pcall(function() for i, j, k in w do print(i, j, k) end end))
print(pcall(w))
-- resume with results dropped
co = coroutine.create(function() coroutine.yield(1, 2) error("x") end)
coroutine.resume(co) coroutine.resume(co) show(coroutine.resume(co))
local ok = coroutine.resume(coroutine.create(function() return 5 end)) print(ok)
local ok, v = coroutine.resume(coroutine.create(function() error({}) end)) print(ok, type(v))
local ok, v, u = coroutine.resume(coroutine.create(function() error() end)) print(ok, v, u)
-- errors: where
local function fail() local n = nil; return n.x end
w = coroutine.wrap(fail)
print(pcall(w)) print(pcall(function() w() end)) 
print(pcall(function() local x = coroutine.wrap(function() error("deep", 2) end) ; x() end))
print(pcall(function() local x = coroutine.wrap(function() error(12) end) ; x() end))
print(pcall(function() for _ in coroutine.wrap(function() error("in for") end) do end end))
print(select(2, pcall(function() local x = coroutine.wrap(function() error(setmetatable({}, {__tostring = function() return "tt" end})) end) ; x() end)) ~= nil)
print(pcall(coroutine.resume)) print(pcall(coroutine.resume, 1)) print(pcall(coroutine.wrap, 1)) print(pcall(coroutine.create))
print(pcall(coroutine.yield, 1))
print(coroutine.resume(coroutine.create(function() return pcall(coroutine.yield, 1) end)))
print(coroutine.resume(coroutine.create(function() for x in coroutine.yield do end end)))
print(coroutine.resume(coroutine.create(function() return setmetatable({}, {__index = function() return coroutine.yield(1) end}).x end)))
print(coroutine.resume(coroutine.create(function() return table.foreach({1}, coroutine.yield) end)))
-- tracebacks of those that wait, yielded, have died and have ended
local function inner(depth) if depth == 0 then coroutine.yield() error("dead") end inner(depth - 1) return 1 end
co = coroutine.create(function() inner(2) return 2 end)
print(debug.traceback(co)) coroutine.resume(co) print(debug.traceback(co)) coroutine.resume(co) print(debug.traceback(co)) print(debug.traceback(co, nil, 1))
co = coroutine.create(function() return 1 end) coroutine.resume(co) print(debug.traceback(co))
local outer = coroutine.running
local main
co = coroutine.create(function() print(debug.traceback(main)) coroutine.wrap(function() print(debug.traceback(co)) end)() end)
main = coroutine.create(function() coroutine.resume(co) end)
coroutine.resume(main)
-- upvalues after the end
local set, get
co = coroutine.create(function() local v = 1 set, get = function(x) v = x end, function() return v end coroutine.yield() v = v + 1 error("e") end)
coroutine.resume(co) set(10) coroutine.resume(co) print(get()) set(11) print(get())
-- vararg functions, tail calls, deep recursion in a coroutine
w = coroutine.wrap(function(...) local function f(n, ...) if n == 0 then coroutine.yield(select("#", ...)) return ... end return f(n - 1, n, ...) end return f(100, ...) end)
print(w("a")) print(select("#", w()))
co = coroutine.create(function() local function f() return 1 + f() end return f() end)
local ok, m = coroutine.resume(co) print(ok, (m:gsub("^.-:", "")))
-- status
co = coroutine.create(function() local inner = coroutine.wrap(function() print(coroutine.status(co)) end) inner() print(coroutine.status(co), coroutine.resume(co)) end)
print(coroutine.status(co)) coroutine.resume(co) print(coroutine.status(co), coroutine.resume(co))
-- generators inside generators
local function range(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end) end
local sum = 0 for i in range(20) do for j in range(i) do sum = sum + i * j end end print(sum)
local function perm(a, n) n = n or #a if n <= 1 then coroutine.yield(a) else for i = 1, n do a[n], a[i] = a[i], a[n] perm(a, n - 1) a[n], a[i] = a[i], a[n] end end end
local n = 0 for p in coroutine.wrap(function() perm({1, 2, 3, 4, 5}) end) do n = n + 1 end print(n)
-- hooks
local lines = {}
co = coroutine.create(function() local x = 1
  coroutine.yield(x)
  x = 2
  coroutine.yield(x) end)
debug.sethook(co, function(e, l) lines[#lines + 1] = l end, "l")
coroutine.resume(co) coroutine.resume(co) coroutine.resume(co) print(#lines)
local events = {}
debug.sethook(function(e) events[#events + 1] = e end, "cr")
local r = coroutine.wrap(function() coroutine.yield() end) r() r()
debug.sethook() print(table.concat(events, " "))
print(select("#", debug.getlocal(1, 1)), (debug.gethook()))
