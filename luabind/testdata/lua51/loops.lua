-- Loops: what for is given, how they are left, what closures of them see.
for k in next, {"one"} do print(k) end
for k, v in next, {"one", "two"} do print(k, v) end
local function three() return next, {"x"}, nil end
for k in three() do print(k) end
local function two() return {"y"}, nil end
for k in next, two() do print(k) end
for k, v in next, two() do print(k, v) end
local function state() return {"z"} end
for k in next, (state()) do print(k) end
local function control() return nil end
for k in next, {"c"}, control() do print(k) end
for k, v in next, {"c"}, control() do print(k, v) end
for k in next, {"e"}, nil, print("evaluated") do print(k) end
local n = 0
for a, b, c, d in function(s, c) n = n + 1 if n < 3 then return n, s, c end end, "state" do print(a, b, c, d) end
for k in pairs{1, 2, 3} do local k2 = k k = nil print(k2, k) end

for i = 3, 1 do print("never", i) end
for i = 1, 2 do local was = i i = 10 print(was, i) end
for i = 1, 0, -0.5 do print(i) end
for i = 0.25, 1, 0.25 do print(i) end

-- a variable of a block that break leaves
local f, g, h
while true do
  do local y = 1 f = function() return y end if f then break end end
end
for i = 1, 10 do
  if i == 3 then local y = i g = function() y = y + 1 return y end break end
end
repeat
  local z = 5
  do local y = 7 h = function() y = y + z return y end if z then break end end
until false
local over1, over2, over3, over4, over5, over6, over7 = 91, 92, 93, 94, 95, 96, 97
print(f(), g(), g(), h(), h(), over1, over2, over3, over4, over5, over6, over7)
local fs = {}
for i = 1, 3 do
  for j = 1, 3 do
    local k = i * 10 + j
    fs[#fs + 1] = function() k = k + 100 return k end
    if j == 2 then local m = k fs[#fs + 1] = function() m = m + 1000 return m end break end
  end
end
local o1, o2, o3, o4 = 1, 2, 3, 4
for i = 1, #fs do io.write(fs[i](), " ", fs[i](), " ") end
print(o1, o2, o3, o4)

-- loops whose code begins with a jump
for k in pairs{1} do print("first", k) end
local times = 0
for k in pairs{1} do times = times + 1 if times > 3 then return end end
for k in pairs{1} do break end
for k in pairs{1} do do break end end
while true do break end
repeat break until false
print("after")
local count = 0
while true do
  if false then print("no") end
  count = count + 1
  if count > 3 then break end
end
for k in pairs{1, 2} do if nil then print("no") else print(k) end end
for k in pairs{1, 2} do local v = false and 1 print(k, v) v = true or 1 print(v) v = (nil and 1) or 2 print(v) end
count = 0
while not (false and count) and count < 2 do while false do end count = count + 1 end
print(count)
count = 0
repeat local done = count > 2 count = count + 1 until done
print(count)
