-- load, loadstring, string.dump, and what chunks are called.
local function try(f, ...)
  local results = {n = select('#', ...) + 1, pcall(f, ...)}
  for i = 1, #results do results[i] = tostring(results[i]) end
  print((table.concat(results, " | "):gsub("0x%x+", "0x")))
end
for _, name in ipairs{"=name", "@file.lua", "text", "two\nlines", "one\rmore", "", "=", "@", ("x"):rep(100), "=" .. ("x"):rep(100), "@" .. ("x"):rep(100), ("x"):rep(43), ("x"):rep(44), "@" .. ("x"):rep(52), "@" .. ("x"):rep(53), "=" .. ("x"):rep(59), "=" .. ("x"):rep(60)} do
  local f = loadstring("error('here')", name)
  print(select(2, pcall(f)))
  print(debug.getinfo(f, "S").source == name)
end
print(select(2, pcall(loadstring("\n\nerror('third')"))))
local pieces = {"return ", "1 ", "+ ", "41"}
print(load(function() return table.remove(pieces, 1) end, "=pieces")())
pieces = {"return ", "1", "", "+ 5"}
print(load(function() return table.remove(pieces, 1) end)())
print(load(function() end)())
print(type(load(function() return nil end)))
try(load, function() error("in the reader", 0) end)
try(load, function() error{} end)
print(select(2, pcall(load(coroutine.wrap(function() coroutine.yield("error('x')") end), "=co"))))
try(load, function() return {} end)
try(load, 5)
try(load, function() end, {})
try(loadstring)
try(loadstring, {})
try(loadstring, "return 1", {})
print(loadstring("return ...", 5)(1, nil, 3))
print(loadstring(12) == nil)

-- the environment of a chunk is that of the thread
local env = {loadstring = loadstring}
local f = setfenv(function() return loadstring("return x") end, env)
x = "global"
print(f()())
print(setfenv(loadstring("y = 1 return y"), env)(), env.y, y)

-- string.dump
local up = 5
local function add(a, b) return a + b end
local function counter() up = up + 1 return up end
local function vararg(...) return select('#', ...), ... end
local function outer(n) return function(m) return n + m end end
print(loadstring(string.dump(add))(2, 3))
print(loadstring(string.dump(vararg))(1, nil, nil))
print(loadstring(string.dump(outer))(5)(6))
print(pcall(loadstring(string.dump(counter))) == false, up)
local copy = loadstring(string.dump(counter))
print(debug.getupvalue(copy, 1), debug.setupvalue(copy, 1, 10), copy(), copy(), up)
print(string.dump(add):sub(1, 4) == "\27Lua", string.dump(add) == string.dump(add))
print(loadstring(string.dump(loadstring("return 1, 2, 3")))())
print(loadstring(string.dump(loadstring("local a = ... return function() return a end")))(7)())
print(loadstring(string.dump(loadstring(string.dump(add))))(1, 1))
local d = string.dump(add)
local i = 0
print(load(function() i = i + 1 if i <= #d then return d:sub(i, i) end end)(20, 22))
print(select(2, pcall(loadstring(string.dump(loadstring("error('in dump')", "@dumped.lua")), "=other"))))
print(debug.getinfo(loadstring(string.dump(loadstring("return 1", "@dumped.lua")), "=other"), "S").source)
try(string.dump)
try(string.dump, print)
try(string.dump, {})
try(string.dump, coroutine.wrap(add))
print(loadstring("\27"))
print(loadstring("\27Lua", "=name"))
print(loadstring("\27Lua", "@name"))
print(loadstring("\27Lux" .. ("x"):rep(100), "name"))
print(loadstring(d:sub(1, -2), "=short"))
print(loadstring(d:sub(1, 20), "=short"))
print(pcall(string.dump, setmetatable({}, {__call = add})))
-- a broken dump under every kind of name
for _, name in ipairs {"", "=", "@", "=a", "@a", "a", "\27a"} do print(loadstring("\27Lua", name)) end
-- a zero in the source, and so in the name
print(loadstring("x = \0y")) print(loadstring("\0")) print(loadstring("x =", "@a\0b"))
