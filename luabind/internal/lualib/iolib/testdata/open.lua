-- Modes, and what can't be opened.
for _, mode in ipairs{"z", "", "rz", "rb+", "+r"} do print(mode, io.open("none", mode)) end
for _, mode in ipairs{"w", "wb", "w+", "wb+", "w+b", "a", "ab", "a+", "ab+", "r", "rb", "r+", "rb+", "r+b"} do
  local f = assert(io.open("f", mode))
  print(mode, io.type(f), f:write("x"), f:seek("set"), f:read(1))
  print(f:close(), io.type(f), tostring(f))
end
print(io.open("f", "wx"))
print(io.open("", "w"))
print(io.open("f", nil):read())
local d = io.open("dir")
print(d:read(), d:read("*a"), d:read(0), d:read("*n"))
print(io.open("dir", "w"))
print(pcall(function() for l in io.lines("dir") do end end))
print(io.type(1), io.type(io.stdout), io.type(d))
print(io.stdout:close())
print(io.close(io.stdin))
print((tostring(io.stdout):gsub("0x%x+", "ADDRESS")))
print(io.open(123, "w"):seek())
local f = io.tmpfile()
print(io.type(f), f:write("abc"), f:seek("set", 1), f:read("*a"), f:close())
