-- Iterators.
local f = io.open("f", "w") f:write("one\n\nthree\r\nfour") f:close()
for l in io.lines("f") do print(#l, (l:gsub("\r", "R"))) end
local it = io.lines("f") while it() do end
print(pcall(it))
f = io.open("f")
it = f:lines()
print(it(), f:read("*l"), it(), it(), it(), it())
print(pcall(it))
print(io.type(f))
f:seek("set") print(it())
f:close()
print(pcall(it))
print(pcall(function() return it() end))
print(pcall(io.lines, "none"))
