-- Constructors: lists of any length, with named fields and calls among them.
local function three() return "a", "b", "c" end
local function list(n, rest)
  local s = {}
  for i = 1, n do s[i] = i end
  return loadstring("local three = ... return {" .. table.concat(s, ",") .. (n > 0 and rest ~= "" and "," or "") .. rest .. "}")(three)
end
local function check(n, rest)
  local t = list(n, rest)
  local good = 0
  for i = 1, n do if t[i] == i then good = good + 1 end end
  print(n, rest, good, t[n + 1], t[n + 2], t[n + 3], t[n + 4], type(t.x), type(t.y))
end
for _, n in ipairs{0, 1, 49, 50, 51, 99, 100, 101, 150} do
  check(n, "")
  check(n, "three()")
  check(n, "(three())")
  check(n, "x = three()")
  check(n, "x = three(), y = 2")
  check(n, "x = {1, 2, 3}, three()")
  check(n, "x = 1; y = {three()}; three(), 5")
end
for _, n in ipairs{25499, 25549, 25550, 25551, 25599, 25600, 25601, 30000} do
  check(n, "")
  check(n, "three()")
end
print(#{three(), three()}, #{three(), (three())}, #{x = three()})
local function va(...) return #{...}, #{..., ...}, #{(...)}, select("#", ...) end
print(va(1, 2, 3))
print(#{{1, 2}, {3}, {three()}}, #({{}, three()})[4])
