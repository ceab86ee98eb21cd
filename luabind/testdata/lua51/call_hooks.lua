-- Call and return hooks: getinfo shows the function that is called, and the one that ends.
local function rep(out)
  return function(e)
    local i = debug.getinfo(2, "nS")
    out[#out + 1] = e .. ":" .. tostring(i.name) .. ":" .. i.what
  end
end
local function lua(x) return x end
local function tail(x) return lua(x) end
local function ctail(x) return tostring(x) end
local function run(name, f)
  local out = {}
  local hook = rep(out)
  debug.sethook(hook, "cr")
  f()
  debug.sethook()
  print(name, table.concat(out, " "))
end
run("c", function() ("x"):rep(3) end)
run("lua", function() lua(1) end)
run("ctail", function() ctail(1) end)
run("pcall", function() pcall(lua, 1) end)
run("gsub", function() ("ab"):gsub(".", lua) end)
run("for", function() for k in pairs{1} do end for k in function() end do end end)
run("meta", function() local t = setmetatable({}, {__index = lua, __add = lua, __len = lua, __eq = lua, __concat = lua, __lt = lua, __call = lua}) local x = t.x + 1 x = t + 1 x = t .. 1 x = t < t end)
run("co", function() local c = coroutine.wrap(function() coroutine.yield(1) end) c() c() end)
run("sort", function() table.sort({2, 1}, function(a, b) return a < b end) end)
run("err", function() pcall(function() local x = nil + 1 end) end)

run("xpcall", function() xpcall(function() error("x") end, function() end) end)
run("call in go", function() loadstring("return 1")() end)
run("method", function() local t = {m = function(self) return self end} t:m() t.m(t):m() end)
local ends = {}
debug.sethook(function(e)
  if e ~= "call" then ends[#ends + 1] = e .. ":" .. tostring(debug.getinfo(2, "n").name) end
end, "r")
tail(1)
debug.sethook()
print(table.concat(ends, " "))
