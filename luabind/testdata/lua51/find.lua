-- string.find of text as it is and of patterns, with all kinds of further arguments; string.char; select '#'.
local subjects = {"", "a", "hello world", "a.b", "a\0b", "aXbXc", ("x"):rep(100) .. "y"}
local patterns = {"", "a", "o w", ".", "%.", "b", "\0", "X", "y", "^a", "z", "x-y", "[", "%"}
local inits = {"none", 1, 0, -1, 3, -3, 100, -100, 2.5, "2", "x", "nil", true}
local plains = {"none", true, false, 0, "nil"}
local function value(x) if x ~= "nil" then return x end end
local function add(sum, ...)
  local s = ""
  for i = 1, select("#", ...) do s = s .. tostring((select(i, ...))):gsub("^[^:]*:%d+: ", "") .. " " end
  for i = 1, #s do sum = (sum * 31 + s:byte(i)) % 2^31 end
  return sum
end
for i, s in ipairs(subjects) do
  for _, p in ipairs(patterns) do
    local sum = 0
    for _, init in ipairs(inits) do
      for _, plain in ipairs(plains) do
        if init == "none" then
          sum = add(sum, pcall(function() return s:find(p) end))
        elseif plain == "none" then
          sum = add(sum, pcall(function() return s:find(p, value(init)) end))
        else
          sum = add(sum, pcall(function() return s:find(p, value(init), value(plain)) end))
        end
      end
    end
    print(i, ("%q"):format(p), sum)
  end
end
print(("some text"):find("t", 6), ("some text"):find("x", 1, true))
local sum = 0
for i = -2, 300 do sum = add(sum, pcall(function() local c = string.char(i) return #c, c:byte() end)) end
print(sum)
for _, x in ipairs {65.5, "65", 66, 255, 256, true} do
  print(pcall(function() return (string.char(x):byte()) end))
end
local function f(...) return select("#", ...), (select("#")) end
print(f(), f(1), f(nil), f(1, nil, nil))
print(pcall(function() return select("#x", 1) end))
print(pcall(function() return select("x", 1) end))
