-- Functions: which variable a name stands for, parameters, results.
f = "global"
local f = function() return f end
print(f())
local f = function() return f end
print(f() ~= f, type(f()))
local function f() return f end
print(f() == f)
local g = function(n) if n == 0 then return "zero" end return type(g) end
print(g(1))

local t = {}
function t.a(...) return select("#", ...), ... end
function t:b(...) return self == t, ... end
print(t.a(nil, nil), t:b(1, 2))
local key = "a"
print(t[key](3))
print(("x"):rep(3), ("%d"):format(7), #("abc"):upper())
local s = "lua"
print(s:upper():lower():len())

local function tail(n, ...) if n == 0 then return ... end return tail(n - 1, n, ...) end
print(tail(5))
print((tail(5)))
local function none() end
print(none(), (none()))
print(type((none())), select("#", none(), none()), select("#", (none())))
local function va(...) local a, b, c = ... return a, b, c, select("#", ...) end
print(va(), va(1), va(1, nil, nil, nil))
local function arg51(a, ...) return arg.n, arg[1], a end
print(arg51(1), arg51(1, 2, 3))

-- closures share variables, each turn of a loop has its own
local fs = {}
for i = 1, 3 do local j = i * 10 fs[i] = {function() j = j + 1 return j end, function() return j, i end} end
print(fs[1][1](), fs[1][1](), fs[2][1]())
print(fs[1][2]()) print(fs[2][2]()) print(fs[3][2]())
local function counter() local n = 0 return function() n = n + 1 return n end, function() return n end end
local inc, get = counter()
inc() inc()
print(get(), (counter())())
