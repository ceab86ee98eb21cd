-- Formats.
local function file(s) local f = io.open("f", "w+") f:write(s) f:seek("set") return f end
local function show(...)
  for i = 1, select("#", ...) do
    local v = select(i, ...)
    io.write(type(v), " ")
    if type(v) == "string" then v = v:gsub("[^%w ]", function(c) return "<" .. c:byte() .. ">" end) end
    if v ~= nil then io.write(v) end
    io.write(";")
  end
  print()
end
show(file(""):read()) show(file(""):read("*a")) show(file(""):read("*l")) show(file(""):read("*n")) show(file(""):read(0)) show(file(""):read(1))
show(file("\n"):read()) show(file("\n\n"):read("*l", "*l", "*l")) show(file("a"):read("*l", "*l")) show(file("a\n"):read("*l", "*l"))
show(file("a\r\nb\rc\r\n"):read("*l", "*l", "*l"))
show(file("hello world"):read(5, 0, 1, 100, 0))
show(file("hello"):read(-1)) show(file("hello"):read(0/0)) show(file("hello"):read(1.9)) show(file("hello"):read(1e18))
show(file("hello"):read("*a", "*a", "*l", "*a"))
show(file("line\nmore"):read("*lines", "*all"))
show(file("1 2 x 3"):read("*n", "*n", "*n", "*n"))
show(file("12\nabc\n"):read("*n", "*l", "*l", "*l"))
show(file(" 5"):read("*number"))
local bytes = {} for i = 1, 255 do bytes[#bytes + 1] = string.char(i) end
bytes = table.concat(bytes)
print(file(bytes):read("*a") == bytes, file(bytes:rep(1000)):read("*a") == bytes:rep(1000), file(bytes:rep(1000)):read(255000) == bytes:rep(1000))
for _, n in ipairs{0, 1, 4095, 4096, 4097, 16383, 16384, 16385, 100000} do
  local f = file(("x"):rep(n) .. "\n" .. ("y"):rep(n))
  local a, b, c = f:read("*l", "*l", "*l")
  print(n, #a, b and #b, c)
end
local f = file("0123456789")
print(f:read(3), f:seek(), f:read(2), f:seek("cur", 1), f:read("*a"), f:seek())
local w = io.open("f", "w")
print(w:read()) print(w:read("*a")) print(w:read("*a", "*l")) print(w:read(1)) print(w:read("*n")) print(pcall(function() return w:lines()() end))
