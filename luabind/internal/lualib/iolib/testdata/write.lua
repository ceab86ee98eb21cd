-- Numbers, buffers, and files that can't be written.
local f = io.open("f", "w")
print(f:write(1, " ", -1.5, " ", 1e15, " ", 1e100, " ", 1/0, " ", -1/0, " ", 0.1, " ", 1/3, " ", 123456789012345, " ", 2^53, " ", 1e14, " ", 99999999999999, " ", 1e-5, " ", 5e-324, " ", 100000, " ", 0.0001))
print(f:write(), f:write(""), f:flush(), io.open("f"):read("*a"))
local r = io.open("f")
print(r:write("x")) print(r:write()) print(r:flush()) print(r:close())
for _, mode in ipairs{"no", "full", "line"} do
  local f = io.open("f", "w")
  print(mode, f:setvbuf(mode), f:setvbuf(mode, 1024))
  f:write("a")
  print(io.open("f"):read("*a"))
  f:write("b\nc")
  local seen = io.open("f"):read("*a")
  print(mode == "line" or seen)
  f:close()
  print(io.open("f"):read("*a"))
end
f = io.open("f", "w")
for i = 1, 20000 do f:write(i, "\n") end
f:write(("z"):rep(100000))
print(f:seek(), f:close(), #io.open("f"):read("*a"))
print(io.stdout:setvbuf("line", 10), io.stdout:setvbuf("no"))
f = io.open("f", "a") f:write("end") f:close()
print(io.open("f"):seek("end", -4), io.open("f"):seek("end"))
-- two handles at the same end
local a, b = io.open("g", "a"), io.open("g", "a")
a:write("1") a:flush() b:write("2") b:flush() a:write("3") a:flush()
print(io.open("g"):read("*a"))
