-- Each operator on numbers at the edges: what is computed while a program is compiled, and what when it runs.
local texts = {"0", "-0", "1", "-1", "5", "-5", "1e999", "-1e999", "(0/0)", "0.5", "-0.5", "2^53", "-(2^53)", "2^1023", "2^-1074"}
local function show(x, nan)
  return nan and x ~= x and "nan" or tostring(x) .. (x == 0 and (1 / x < 0 and "-" or "+") or "")
end
local function value(text) return assert(loadstring("return " .. text))() end
for _, op in ipairs{"+", "-", "*", "/", "%", "^"} do
  local run = value("function(a, b) return a " .. op .. " b end")
  for _, a in ipairs(texts) do
    if op == "^" then a = "(" .. a .. ")" end
    local line = {}
    for i, b in ipairs(texts) do
      local nan = a:find("0/0") or b:find("0/0")
      local folded, computed = show(value(a .. " " .. op .. " " .. b), nan), show(run(value(a), value(b)), nan)
      line[i] = folded .. (folded == computed and "" or " or " .. computed)
    end
    print(a .. " " .. op, table.concat(line, " "))
  end
end
for _, a in ipairs(texts) do print("-" .. a, show(value("- " .. a)), show(value("- - " .. a)), show(-value(a))) end

-- A function has 0 and -0 as one constant, the first one that it comes to.
for i = 0, 1 do end
local d = -1/(1/0)
print(1/d)
print(5 % (1/0), 5 % math.huge, -5 % (1/0), (-5) ^ 0.5)
print((function() local z = 0 local y = -0 return 1/-z, 1/z, 1/y end)())
print((function() local y = -0 local z = 0 return 1/-z, 1/z, 1/y end)())
print((function() return 1/-0, 1/0 end)())
print((function() return 1/0, 1/-0 end)())
print((function() return 0*-1, 1/(0*-1), 1/(0*1) end)())
print((function() return 1/(0*1), 1/-(0*1), 1/- -0, 1/(0-0), 1/(-0+-0), 1/(-0-0) end)())
print((function(z) local y = -0 return 1/-z, 1/y, 1/0 end)(0))
print((function() local z = 0 print(1/-z) return -1/(1/0), 0 * -1 end)())
print(2^-1 .. "", -2^2, - -2, -(-2), 2^3^2, (1 + 2) * 3 - 4 / 5 % 6, "10" + 1, -"2", 10 / "4", 1e308 * 10, -1e308 * 10)
print(pcall(function() return {} + 1 / 0 end))
print(pcall(function() return 1 / 0 + nil end))
