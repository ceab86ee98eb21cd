-- Numbers as the lexer reads them, and limits of a chunk.
print(010, 0010, 00010, 08, 0009.5, 0.5, .5, 3., 0e1, 1e2, 1E-2, 0x10, 0XfF)
print(1e999 > 1e308, -1e999 < -1e308, 1e999 == 2e999, 1e-999 == 0)
print(0xffffffffffffffff == 2^64, 0x10000000000000000 == 2^64, 0x7fffffffffffffff == 2^63, 0x0000000000000001)
print(9007199254740993 == 2^53, 123456789012345678901234567890 > 1e29)
print(loadstring("return " .. ("9"):rep(400))() == 1e999)
print(-2 ^ 2, 2 ^ 3 ^ 2, 2 ^ -1, -2 ^ -2, not nil == true, 1 .. 2 == "12")
print(1 < 2 == true, "a" .. "b" .. 1 + 2, 7 % 3, -7 % 3, 7 % -3, -7 % -3, 2 * 3 % 4)
print(1 and 2 or 3, nil and 2 or 3, false or nil, nil or false, 1 == 1 and 2 == 2, not 1 == 2)

local function try(text) local f, e = loadstring(text, "=try") print(f and "ok" or e) end
local function lines(n, each) local s = {} for i = 1, n do s[i] = (each:gsub("#", tostring(i))) end return table.concat(s, "\n") end
try(lines(200, "local a#"))
try(lines(201, "local a#"))
try("function f() " .. lines(201, "local a#"):gsub("\n", " ") .. " end")
try("x = 5e\n")
try("\n\nx = 5e+")
for _, n in ipairs{150, 195, 400, 100000} do
  try("return " .. ("{"):rep(n) .. "1" .. ("}"):rep(n))
  try("return " .. ("not "):rep(n) .. "1")
  try("return " .. ("- "):rep(n) .. "1")
end
for _, n in ipairs{150, 190, 400, 20000} do
  try("return " .. ("f("):rep(n) .. "1" .. (")"):rep(n))
  try("return " .. ("a .. "):rep(n) .. "1")
  try("return " .. ("a ^ "):rep(n) .. "1")
  try(("do "):rep(n) .. ("end "):rep(n))
  try(("while x do "):rep(n) .. ("end "):rep(n))
end
for _, n in ipairs{90, 400} do try(("return function() "):rep(n) .. ("end "):rep(n)) end
try("return " .. ("a + "):rep(3000) .. "1")
try("return f" .. (".a"):rep(3000))
try("if a then " .. ("elseif b then "):rep(3000) .. "end")
