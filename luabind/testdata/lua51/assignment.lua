-- The order of multiple assignment: left side, right side, then from right to left.
local function say(...) print("say", ...) return ... end

local a, b = 1, 2
a, b = b, a
print(a, b)
local c = 3
a, b, c = c, a, b
print(a, b, c)
x, y = 1, 2
x, y = y, x
print(x, y)
do
  local up = 1
  local function swap() up, a = a, up end
  swap()
  print(up, a)
end

local i, t = 1, {}
i, t[i] = i + 1, 20
print(i, t[1], t[2])
t[i], i = 30, 5
print(i, t[2], t[5])
local function moved() i = 7 return "late" end
t[i] = moved()
print(t[5], t[7])
t, t.self = {"new"}, "old table"
print(t[1], t.self)

local log = setmetatable({}, {__newindex = function(_, k, v) print("set", k, v) end})
log[say("k1")], log[say("k2")] = say("v1"), say("v2")
log.a, log.b, log.c = (function() return 1, 2 end)()
log.a, log.b = ((function() return 1, 2 end)())
log.a, log.b = say(1), say(2), say(3)
a, log.x, b = say("p"), say("q"), say("r")
print(a, b)
a, b = say("only")
print(a, b)
a, b, c = 0, say("x", "y")
print(a, b, c)
local function rest(...) a, b, c = ... print(a, b, c) a, b, c = 1, ... print(a, b, c) end
rest(7, 8)

-- values in parentheses, into a parameter and with variables behind it
local function double(v) return v * 2 end
local function param(p) local after = "kept" p = (double(p)) print(p, after) end
param(4)
local function params(p, q) local after = "kept" p, q = double(q), double(p) print(p, q, after) end
params(1, 2)
local function first(...) local p, after = 1, "kept" p = (...) print(p, after) end
first(9, 10)

-- what is assigned is the last to be evaluated
local v = 5
v = double(0) == 1 and v
print(v)
v = 5
v = (double(1) or nothing) and v
print(v)
v = nothing and (say("never"))
print(v)
v = 5
v = say(nil) and 1
print(v)
