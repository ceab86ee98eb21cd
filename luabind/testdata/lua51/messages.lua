-- Errors name the variable that was wrong, in each way that there is to it.
local function src(s, ...)
  local f, e = loadstring(s, "=t")
  if not f then print(e) return end
  local ok, v = pcall(f, ...)
  if type(v) == "table" or type(v) == "function" then v = type(v) end
  print(ok, v)
end
g = nil
-- names
for _, op in ipairs{"x + 1", "1 + x", "x .. 'a'", "'a' .. x", "-x", "#x", "x < 1", "1 < x", "x <= {}", "x.y", "x.y.z", "x[1]", "x()", "x.f()", "x:m()", "x'a'", "x{}", "x % 2", "x ^ 2", "x / 'a'", "'abc' + 1", "{} + 1", "1 + {}", "{} .. 'x'", "x.y = 1", "x[1][2] = 3", "x == 1", "not x", "x and x.y", "(x)()", "(x).y", "x.y.z.w", "({}).x.y", "({})()", "('x')()", "(1)()", "nil()", "(1).x", "(nil).x", "(true).x", "print.x", "('x').y.z", "('x').y()", "('x'):y()", "(1):y()", "#1", "-{}", "-'a'", "-'10'", "'10' + 5", "'0x10' + 0", "' 10 ' * 1", "10 .. 20", "'a' < 1", "{} < {}", "{} < 1", "nil < nil", "true < false", "print < print", "1 <= '1'", "'a' <= 'b'", "x.y.z + 1", "({x=1}).x.y", "1 .. {}", "nil .. 'a'", "'a' .. nil .. 'b'", "'a' .. {} .. 'b'", "x .. y", "2 ^ {}", "2 ^ '3'"} do
  for _, x in ipairs{"local x", "x = nil", "local x = 1", "local x = {}", "local x = 'a'", "local t = {} local x = t.a", "local up; return (function() local _ = up; local x = up; return %s end)()"} do
    local body = op
    local s
    if x:find("%%s") then s = x:gsub("%%s", function() return body end) 
    elseif op:find(" = ") then s = x .. " " .. op
    else s = x .. " return " .. op end
    io.write(s, "   ") src(s)
  end
  src("local x; return (function() return " .. op .. " end)()")
  src("local t = {} return (function(...) local a, b = ... return " .. op:gsub("x", "t.x") .. " end)()")
  src("local t = {} return " .. op:gsub("x", "t.x.y"))
  src("local t = {} return " .. op:gsub("x", "t[1]"))
  src("local t, i = {}, 1 return " .. op:gsub("x", "t[i]"))
  src("local x, y = 1, nil return " .. op:gsub("x", "y"))
end
src("local a = {} a.b.c.d = 1")
src("a.b.c = 1")
src("local t = {} t[nil] = 1")
src("local t = {} t[0/0] = 1")
src("local t = {} return t[nil]")
src("return ({})[0/0]")
src("for i = nil, 1 do end")
src("for i = 1, nil do end")
src("for i = 1, 2, nil do end")
src("for i = '1', '3' do io.write(i, ' ') end")
src("for i = 1, {} do end")
src("for i = 1, 2, {} do end")
src("for i = {}, 2 do end")
src("for i = 'a', 2 do end")
src("for k in nil do end")
src("for k in 1 do end")
src("for k in {} do end")
src("for k, v in pairs(nil) do end")
src("local x for k in x do end")
src("for k in x.y do end")
src("for k in setmetatable({}, {__call = function(t, s, k) if not k then return 1 end end}) do print(k) end")
src("local t = {} t.x.y()")
src("t = {} t:nope()")
src("local t = {} t.a.b:c()")
src("local t = {a={}} t.a.b:c()")
src("string.nope()")
src("math.huge()")
src("return ('x'):rep(2, 3)")
src("local s = 'x' s.y = 1")
src("local s = 'x' s[1] = 1")
src("local n = 5 n.x = 1")
src("local n = 5 return n.x")
src("return true .. ''")
src("return print .. ''")
src("return 1 < 2 < 3")
src("return -nil")
src("return #nil")
src("return -{}")
src("local t = {} ; t = t + 1")
src("local function f() end ; return f + 1")
src("return function() end + 1")
