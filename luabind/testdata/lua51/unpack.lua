-- unpack, into lists, arguments, assignments, tail calls and loops.
local function show(...) local s = {select("#", ...)} for i = 1, select("#", ...) do s[#s+1] = tostring((select(i, ...))) end print(table.concat(s, " ")) end
for n = 0, 40 do local t = {} for i = 1, n do t[i] = i end show(unpack(t)) local a, b, c = unpack(t) show(a, b, c) show((unpack(t))) show(1, unpack(t)) show(#{unpack(t)}, #{0, unpack(t)}) end
show(unpack{1, nil, 3}) show(unpack{nil, 2}) show(unpack({1,2,3}, 2)) show(unpack({1,2,3}, 2, 5)) show(unpack(setmetatable({}, {__index = function() return 1 end})))
local w = setmetatable({1,2,{}}, {__mode = "v"}) show(unpack(w) ~= nil)
local h = {} h[3] = 3 h[2] = 2 h[1] = 1 show(unpack(h)) h[2] = nil show(unpack(h))
local function id(...) return ... end
show(id(unpack{1,2,3})) show(id(unpack{}, unpack{4,5})) show(unpack{unpack{1,2}}, 3)
local function tail(t) return unpack(t) end
show(tail{1,2,3}) show(tail{}) show((tail{7}))
local x, y, z = 10, unpack{20} show(x, y, z)
do local p, q = 1, 2 local r = unpack{5,6,7,8,9} local s = 3 show(p, q, r, s) end
for i, v in unpack{ipairs{"a", "b"}} do show(i, v) end
print(pcall(unpack)) print(pcall(unpack, 5)) print(pcall(function() return unpack(nil) end))
