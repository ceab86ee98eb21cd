-- Closures over the variables of loops, loops with odd steps, varargs.
local fs = {} for i = 1, 3 do local j = i * 10 fs[i] = function() j = j + 1 return i, j end end print(fs[1](), fs[1](), fs[2](), fs[3]())
local function counter() local c = 0 return function() c = c + 1 return c end, function() return c end end local inc, get = counter() inc() inc() print(get())
local r = {} for i = 1, 3 do local x = i if i == 2 then r[#r+1] = function() return x end else r[#r+1] = function() x = x + 1 return x end end end print(r[1](), r[1](), r[2](), r[3]())
do local t = {} local i = 1 while i <= 3 do local k = i t[i] = function() k = k + 1 return k end i = i + 1 end print(t[1](), t[1](), t[2](), t[3]()) end
do local t = {} repeat local k = #t t[#t + 1] = function() return k end until k >= 2 print(t[1](), t[2](), t[3]()) end
for i = 10, 1, -3 do io.write(i, " ") end for i = 1, 0 do io.write("no") end for i = 0.1, 0.5, 0.1 do io.write(i, " ") end for i = 1, 3 do local j = i i = i * 2 io.write(i, j, " ") end print()
for i = 3, 1 do print("x") end for i = math.huge, 1 do print("x") end for i = 1, 0/0 do print("nan") end for i = 1, -1/0 do print("x") end
print((function(...) return select('#', ...), ... end)(nil, nil)) print((function(a, b, ...) return a, b, ... end)(1)) print((function(...) local a, b, c = ... return a, b, c end)(1, 2)) print(((function(...) return ... end)(1, 2, 3)))
print((function(...) local t = {..., n = select('#', ...)} return #t, t.n end)(1, 2, 3)) print((function(...) local t = {...} return #t end)(1, nil, 3)) print((function(...) return arg.n, arg[1] end)(5, 6)) print((function(...) local a = ... return arg end)(5))

