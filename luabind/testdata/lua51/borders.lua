-- Lists with holes, made by constructors: how long they are hangs on how much room there is, and the order of keys on that
-- of the fields.
local seed = 12345
local function random(n)
  seed = (seed * 1103515245 + 12345) % 2147483648
  return math.floor(seed / 65536) % n + 1
end
for i = 1, 400 do
  local fields, holes = {}, random(10)
  for k = 1, random(4) == 1 and random(300) or random(60) do
    local kind = random(12)
    if kind <= holes and random(3) == 1 then fields[k] = "nil"
    elseif kind == 11 then fields[k] = "x" .. random(30) .. " = 1"
    elseif kind == 12 then fields[k] = "[" .. random(80) .. "] = 2"
    else fields[k] = tostring(k) end
  end
  local last = random(6)
  if last == 1 then fields[#fields + 1] = "unpack({1, 2, 3, nil, 5}, 1, 5)" elseif last == 2 then fields[#fields + 1] = "..." end
  local t = loadstring("return {" .. table.concat(fields, ", ") .. "}")(1, nil, 3)
  local said = {i, #t, table.maxn(t)}
  t[#t + 1] = true
  said[4] = #t
  t[#t] = nil
  said[5] = #t
  table.insert(t, 1)
  said[6] = #t
  local order = 0
  for k in pairs(t) do order = (order * 31 + (tonumber(k) or #k * 1000 + k:byte(-1))) % 1000003 end
  said[7] = order
  print(unpack(said))
end
