-- All operations on objects whose metamethods are of all kinds, beside each other and beside plain values: 47,000 cases, of
-- which there is a sum for each operation and each kind. case = print shows them.
local names = {}
local function show(v)
  if names[v] then return names[v] end
  local t = type(v)
  if t == "number" then return v ~= v and "nan" or ("%.14g"):format(v) end
  if t == "string" then return ("%q"):format((v:gsub("^[^:]*:(%d+:)", "%1"))) end
  if t == "nil" or t == "boolean" then return tostring(v) end
  return t
end
local function shows(ok, ...)
  local s = {tostring(ok)}
  for i = 1, select("#", ...) do s[#s + 1] = show((select(i, ...))) end
  return table.concat(s, " ")
end
local log
local handlers = {
  lua2 = function(...) log[#log + 1] = "lua2(" .. shows(true, ...) .. ")" return "a", "b" end,
  lua0 = function(...) log[#log + 1] = "lua0(" .. shows(true, ...) .. ")" end,
  luafalse = function(a, b) log[#log + 1] = "luafalse" return false end,
  vararg = function(...) local n = select("#", ...) return (select(n, ...)) end,
  err = function(a, b) error("oops") end,
  errt = function(a, b) error({}) end,
  c = rawequal,
  csel = select,
  ctype = type,
  callable = setmetatable({}, {__call = function(self, ...) log[#log + 1] = "callable(" .. shows(true, ...) .. ")" return 7 end}),
  number = 5,
  yielder = function(a, b) return coroutine.yield(a, b) end,
  up = nil,
}
do local n = 0 handlers.up = function(a, b) n = n + 1 local function f() return n end return f() end end
handlers.deep = function(a, b) local t = {} for i = 1, 60 do t[i] = i end return (select("#", unpack(t))) + select("#", a, b) end
local order = {}
for k in pairs(handlers) do order[#order + 1] = k end
table.sort(order)
local events = {"__index", "__newindex", "__add", "__sub", "__mul", "__div", "__mod", "__pow", "__unm", "__concat", "__eq", "__lt", "__le", "__call", "__len"}
local objects = {}
local function add(name, v) objects[#objects + 1] = {name, v} names[v] = name end
local function meta(h)
  local m = {}
  for _, e in ipairs(events) do m[e] = h end
  return m
end
for _, k in ipairs(order) do
  local m = meta(handlers[k])
  names[handlers[k]] = k
  add(k .. "1", setmetatable({x = 1, [1] = 11}, m))
  add(k .. "2", setmetatable({}, m))
  local u = newproxy(true)
  local mu = getmetatable(u)
  for _, e in ipairs(events) do mu[e] = handlers[k] end
  add(k .. "u", u)
  local u2 = newproxy(u)
  add(k .. "v", u2)
  -- chains
  add(k .. "chain", setmetatable({}, {__index = objects[#objects - 3][2], __newindex = objects[#objects - 3][2]}))
  add(k .. "chainu", setmetatable({}, {__index = u, __newindex = u}))
end
local plainT = {x = 2}
add("plain", plainT)
add("tochain", setmetatable({}, {__index = plainT, __newindex = plainT}))
local loop = {} setmetatable(loop, {__index = loop, __newindex = loop}) add("loop", loop)
for _, v in ipairs{5, "str", "0x10", true, print} do objects[#objects + 1] = {show(v), v} end
objects[#objects + 1] = {"nil", nil}
local keys = {"x", "y", 1, 2, 1.5, plainT, true, 0/0}
local NIL = {}
keys[#keys + 1] = NIL
local sums, groups, group = {}, {}, nil
local function case(name, f)
  log = {}
  local co = coroutine.create(function() return pcall(f) end)
  local r = shows(coroutine.resume(co))
  local text = table.concat({name, r, coroutine.status(co), table.concat(log, ";")}, "\t")
  if not sums[group] then sums[group] = {0, 0} groups[#groups + 1] = group end
  local s = sums[group]
  s[1] = s[1] + 1
  for i = 1, #text, 3 do s[2] = (s[2] * 31 + text:byte(i)) % 2^31 end
end
local function at(o) return o[2] end
for _, o in ipairs(objects) do
  local v = at(o)
  group = "index " .. o[1]:gsub("chain", ""):gsub("[12uv]$", "")
  for _, k in ipairs(keys) do
    local key = k if k == NIL then key = nil end
    case(o[1] .. "[" .. show(key) .. "]", function() return v[key] end)
    case(o[1] .. "[" .. show(key) .. "]=", function() v[key] = 9 return rawget(plainT, "y"), plainT.x end)
    case(o[1] .. "[" .. show(key) .. "]=nil", function() v[key] = nil return rawget(plainT, "y") end)
  end
  case(o[1] .. ".x", function() return v.x end)
  case(o[1] .. ".zz", function() return v.zz end)
  case(o[1] .. ".zz=", function() v.zz = o end)
  case(o[1] .. ".zz=k", function() v.zz = 4 end)
  case(o[1] .. "[7]", function() return v[7] end)
  case(o[1] .. "[7]=", function() v[7] = o end)
  case(o[1] .. "[7]=k", function() v[7] = "k" end)
  case(o[1] .. ":upper", function() return v:upper(1, 2) end)
  case(o[1] .. ":zz", function() return v:zz(1, 2) end)
  case(o[1] .. "()", function() return v(1, 2) end)
  case(o[1] .. "#", function() return #v end)
  case(o[1] .. "-", function() return -v end)
  case(o[1] .. " in args", function() return select("#", v.q, v.r, v), v.q, v.r end)
  case(o[1] .. " in vararg", function(...) local function g(...) local a, b = ... local z = v.q return ... end return g(1, 2, 3) end)
  case(o[1] .. " in list", function() local t = {v.q, v.r, select(2, 1, 2, 3)} return #t, t[1], t[2], t[3], t[4] end)
end
local ops = {"+", "-", "*", "/", "%", "^", "..", "==", "~=", "<", "<=", ">", ">="}
for _, op in ipairs(ops) do
  local f = loadstring("local a, b = ... return a " .. op .. " b")
  local g = loadstring("local a, b = ... if a " .. op .. " b then return 'yes' end return 'no'")
  local h = loadstring("local a, b = ... if not (a " .. op .. " b) then return 'not' end return 'so'")
  local k = loadstring("local a, b = ... return a " .. op .. " 3, 3 " .. op .. " a")
  local c = loadstring("local a, b = ... return a " .. op .. " 'x', 'x' " .. op .. " a")
  for i, x in ipairs(objects) do
    group = op .. " " .. x[1]:gsub("chain", ""):gsub("[12uv]$", "")
    case(x[1] .. op .. "3", function() return k(x[2]) end)
    case(x[1] .. op .. "'x'", function() return c(x[2]) end)
    for j = 1, #objects do
      local y = objects[j]
      if i == j or (i * 7 + j * 3) % 29 == 0 or j % 6 == i % 6 and (i + j) % 4 == 0 then
        local n = x[1] .. op .. y[1]
        case(n, function() return f(x[2], y[2]) end)
        case("if " .. n, function() return g(x[2], y[2]) end)
        case("not " .. n, function() return h(x[2], y[2]) end)
      end
    end
  end
end
for _, g in ipairs(groups) do print(g, sums[g][1], sums[g][2]) end
