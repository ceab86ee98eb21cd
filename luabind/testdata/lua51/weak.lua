-- Weak tables, as far as a collection that the script asks for clears them.
local function full() collectgarbage() collectgarbage() end
local function count(t) local n = 0 for _ in pairs(t) do n = n + 1 end return n end
local values = setmetatable({}, {__mode = "v"})
local keep = {}
for i = 1, 20 do values[i] = {} end
for i = 1, 20 do values["k" .. i] = i % 2 == 0 and {} or ("s" .. i) end
values.kept, values[keep], values.f = keep, "string", function() return keep end
full()
print(count(values), values.kept == keep, values[keep], values.f, values.k1, values.k2)
local keys = setmetatable({}, {__mode = "k"})
for i = 1, 20 do keys[{}] = i end
for i = 1, 20 do keys[i] = {} keys["s" .. i] = {} end
keys[keep] = "kept"
full()
print(count(keys), keys[keep], type(keys[5]), type(keys.s5))
local both = setmetatable({}, {__mode = "kv"})
for i = 1, 20 do both[i] = {} both[{}] = i end
both[1], both[keep] = keep, keep
full()
print(count(both), both[1] == keep, both[keep] == keep)
-- objects that refer to each other, and a table that is weak itself
local function ring() local a, b = {}, {} a.b, b.a = b, a values.ring = a end
ring()
values.weak = setmetatable({}, {__mode = "v"})
full()
print(values.ring, values.weak)
-- a cache
local made = 0
local cache = setmetatable({}, {__mode = "v"})
local function get(k) local v = cache[k] if not v then made = made + 1 v = {k} cache[k] = v end return v end
local held = get "a"
get "b"
full()
print(get "a" == held, made, get "b"[1], made)
-- coroutines and functions
local threads = setmetatable({}, {__mode = "k"})
local co = coroutine.create(function() end)
threads[co] = 1
threads[coroutine.create(function() end)] = 2
full()
print(count(threads), threads[co])
-- not weak any more
getmetatable(values).__mode = nil
values.x = {}
full()
print(type(values.x))
-- a collection within a loop: what is left stands where it stood
local anchors, visits = {}, {}
for _, mode in ipairs {"k", "v", "kv"} do
  local weak = setmetatable({}, {__mode = mode})
  for i = 1, 60 do
    local k = i % 3 == 0 and {} or i % 3 == 1 and "s" .. i or i / 2
    anchors[#anchors + 1], weak[k] = k, i
    weak[i], anchors[-i] = anchors[-i] or {}, anchors[-i] or weak[i]
  end
  for i = 1, 60, 3 do weak["s" .. i] = nil end
  local n, twice, seen = 0, 0, {}
  for k in pairs(weak) do
    n, twice, seen[k] = n + 1, twice + (seen[k] and 1 or 0), true
    if n % 4 == 0 then weak[k] = nil end
    if n % 8 == 0 then full() end
  end
  visits[#visits + 1] = n .. " " .. twice .. " " .. count(weak)
end
print(table.concat(visits, ", "))
local weak, lost = setmetatable({}, {__mode = "k"}), 0
for i = 1, 20 do weak[{}] = i end
for k in pairs(weak) do full() lost = lost + 1 end
for i = 1, 50 do weak[i .. ""] = i end
print(lost, count(weak))
-- __mode comes into the metatable later
local late, mode = {}, {}
setmetatable(late, mode)
mode.__mode = "k"
for i = 1, 3 do late[{}] = i end
late.stays = true
full()
print(count(late))
-- what unpack gives and nobody takes
do
  local seen, list = setmetatable({}, {__mode = "v"}), {}
  for i = 1, 14 do
    list[i] = {i}
    seen[i] = list[i]
  end
  local first = unpack(list)
  first, list = nil, nil
  collectgarbage() collectgarbage()
  local left = 0
  for _ in pairs(seen) do left = left + 1 end
  print(left < 2)
  local a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
end
