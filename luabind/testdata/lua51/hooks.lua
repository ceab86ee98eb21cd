-- Hooks: which lines and calls they see.
local function test(s)
  local l = {}
  debug.sethook(function(e, n) l[#l + 1] = n end, "l") loadstring(s)() debug.sethook()
  print(table.concat(l, ","))
end
test([[if
math.sin(1)
then
  a=1
else
  a=2
end
]])
test([[--
if nil then
  a=1
else
  a=2
end
]])
test([[a=1
repeat
  a=a+1
until a==3
]])
test([[ do
  return
end
]])
test([[local a
a=1
while a<=3 do
  a=a+1
end
]])
test([[while math.sin(1) do
  if math.sin(1)
  then break
  end
end
a=1]])
test([[for i=1,3 do
  a=i
end
]])
test([[for i,v in pairs{'a','b'} do
  a=i..v
end
]])
test([[for i=1,4 do a=1 end
]])
test([[local function f()
  return 1
end
local x = f()
goto_ = 5
]])
test("local t = {\n1,\nn,\n}\nfor i = 1, 2 do\nt[1] = i\nend")
test("t = {\n1,\n'x'\n\n}\nt = 1")
do
a={}; L=nil
local glob = 1
local oldglob = glob
debug.sethook(function (e,l)
  collectgarbage()
  glob = glob + 1
end, "crl")
function foo(a)
 local x = 1
end
foo()
debug.sethook()
print(glob)
local t = {}
debug.sethook(function(e) t[#t+1] = e end, "crl")
foo()
math.sin(1)
debug.sethook()
print(table.concat(t, " "))
t = {}
local function tail() return foo() end
debug.sethook(function(e) t[#t+1] = e end, "cr")
tail()
pairs({1})
string.gsub("x", "x", foo)
debug.sethook()
print(table.concat(t, " "))
end
do
local a = {}
function a:f (a, b, ...) local c = 13 end
debug.sethook(function(e)
  debug.sethook(function (e, l) debug.sethook(nil)
    local i = 1
    while 1 do
      local x,y = debug.getlocal(2, i)
      if x==nil then break end
      if x ~= "(*temporary)" then print(i, x, type(y) == "table" and (y.n or "table") or y) end
      i = i+1
    end
    print(debug.getinfo(2, "l").currentline, l)
  end, "l")
end, "c")
a:f(1,2,3,4,5)
end
