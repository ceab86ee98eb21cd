-- The math library: results, numbers in strings, and messages.
local function try(f, ...)
  local results = {n = select('#', ...) + 1, pcall(f, ...)}
  for i = 1, #results do results[i] = tostring(results[i]) end
  print(table.concat(results, " | "))
end
local names = {}
for name in pairs(math) do names[#names + 1] = name end
table.sort(names)
print(table.concat(names, " "))
for _, name in ipairs(names) do
  local f = math[name]
  if type(f) == "function" and not name:find("random") then
    for _, x in ipairs{0, 1, -1, 0.5, -2.7, 2.7, 10, "3", "0x10", 1e300, 1/0, -1/0} do
      io.write(name, "(", tostring(x), ") ")
      try(f, x, 2)
    end
    try(f)
    try(f, "x", 1)
    try(f, {}, 1)
    try(f, nil)
    try(f, 1, "x")
    try(f, 1, nil)
    try(f, 1, {})
  end
end
print(math.pi, math.huge, -math.huge, math.mod == math.fmod)
print(math.max(1, 3, 2), math.min(1, 3, -2), math.max("10", "9"), math.max(5))
print(math.fmod(-5, 3), math.fmod(5, -3), math.fmod(5.5, 2), math.fmod(6, 1/0), -5 % 3)
print(math.modf(3.7), math.modf(-3.7), math.modf(1/0), math.modf(-1/0), math.modf(5))
print(math.frexp(8), math.frexp(-0.3), math.frexp(0))
print(math.ldexp(0.5, 4), math.ldexp(1, -1), math.ldexp(1, 2000), math.ldexp("1", "3"), math.ldexp(1, 1.9))
print(1 / math.ceil(-0.5), 1 / math.floor(-0), math.floor(-0.0), math.ceil(-0.9))
print(math.floor(2^53 + 0.5), math.floor(-2^53), math.floor(1e300))
print(math.deg(math.pi), math.rad(180), math.atan2(1, -1), math.atan2(0, -1), math.log10(1000), math.log(0), math.sqrt(2))
print(math.pow(2, 10), math.pow(2, 0.5), math.pow(0, 0), math.exp(1), math.sinh(1), math.cosh(1), math.tanh(1))
try(math.random, 0)
try(math.random, -5)
try(math.random, 2, 1)
try(math.random, 1, 2, 3)
try(math.random, "x")
try(math.random, 1, {})
try(math.randomseed)
try(math.randomseed, "x")
try(math.randomseed, "42")
try(function() math.random(0) end)
try(function() math.floor({}) end)
try(function() local m = math; m.floor() end)
math.randomseed(42)
local first = {}
for i = 1, 100 do first[i] = math.random(1000) end
math.randomseed(42)
local same, inside = true, true
for i = 1, 100 do same = same and first[i] == math.random(1000) end
for i = 1, 1000 do
  local x, y, z = math.random(), math.random(6), math.random(-3, 3)
  inside = inside and x >= 0 and x < 1 and y >= 1 and y <= 6 and y % 1 == 0 and z >= -3 and z <= 3 and z % 1 == 0
end
print(same, inside, math.random(5, 5), math.random(1), math.random(1.9))

-- A constant -0 is the 0 that the function has already.
print((function() local zero = 0 return 1/-0, -1/-0, 2.5/-0 end)())
print((function() return 1/-0, -1/-0 end)(), 1/-0 == -1/0)
print(math.pow(-8, 1/3), math.pow(-2, 0.5), math.pow(-0.5, 2.5), (-8) ^ (1/3))
