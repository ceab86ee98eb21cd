-- Data as code: functions with so many constants that some of them are set aside while they are compiled.
local N = 1500
local function try(name, first, line, last)
  local lines = {first}
  for i = 1, N do lines[#lines + 1] = (line:gsub("@", i)) end
  lines[#lines + 1] = last
  local f, e = loadstring(table.concat(lines, "\n"), "=data")
  if f then print(name, pcall(setfenv(f, setmetatable({N = N}, {__index = _G})))) else print(name, e) end
end
local sum = " local s = 0 for i = 1, N do s = s + #%s end return s"
try("globals", "", "key@ = 'value@'", sum:format "getfenv()['key' .. i]" .. ", key1, key1001, key1500")
try("numbers", "local n = 0", "n = @.5 g@ = -@", "return n, g1, g999, g1500")
try("fields", "M = {}", "M.key@ = 'value@'", sum:format "M['key' .. i]")
try("fields twice", "local M = {}", "M.key@ = @.5 M.key@ = M.key@ + 1", "return M.key1, M.key500, M.key501, M.key1500")
try("items", "T = {}", "T[@] = 'x@' T[@.5] = @", "return #T, T[1], T[1500], T[1.5], T[1500.5]")
try("functions", "M = {}", "function f@(a) return a .. @ end function M.f@() return 'm@' end", sum:format "getfenv()['f' .. i]('x')" .. ", f1500(1), M.f1(), M.f1500()")
try("calls", "local s = 0 local function f(a, b, c) s = s + #a + b + c end", "f('text@', @, -@.25)", "return s")
try("entries", "local t = {} local function entry(e) t[#t + 1] = e end",
  "entry{name = 'n@', [1] = @, {'a@', -@}, neg = -@.5, f = function() return @ end, ok = true, no = nil}",
  "local x = t[N] return #t, x.name, x[1][1], x[1][2], x.neg, x.f(), x.ok, x.no")
try("keys", "local t = {} local function entry(e) t[#t + 1] = e end",
  "entry{id@ = @, ['k@'] = 'v', [@.5] = 1, same = 's@', inner = {x@ = {'a@'}}}",
  "local x = t[N] return x.id1500, x.k1500, x[1500.5], x.same, x.inner.x1500[1], t[1].id1, t[600].k600")
try("blocks", "T = {}", "do local x = 'x@' T[#T + 1] = x y@ = 'y' end", "return T[1], T[1500], y1, y1500")
try("conditions", "x = 0", "if x ~= 's@' then x = 't@' and '@' or 'u@' end", "return x")
try("zeros", "T = {}", "T[#T + 1] = 's@'", "x = -0 y = 0 return 1 / x, 1 / y")
try("several", "", "a@, b@ = '@', @", "return a1, b1, a1500, b1500")
try("nested", "", "function outer@() x = '@' return x end", "return outer1(), outer1500()")
-- names and lines in errors
for i, last in ipairs{"y = nil + 1", "\ny.z.w = nil", "foo('a', 'b')", "x1 = 'a' x2()", "x1.new = 'a'", "local u u.new = 'a'"} do
  try("error " .. i, "", "x@ = 's@'", last)
end
-- what scripts see of it
local lines = {"local a = 'a'", "do local b = 'b'"}
for i = 1, N do lines[#lines + 1] = "x" .. i .. " = " .. i end
lines[#lines + 1] = "look() last = 'l' end look() after = 'a'"
local function look(level)
  local names = {}
  for i = 1, 5 do names[i] = tostring((debug.getlocal(level or 2, i))) end
  print(table.concat(names, " "), debug.getinfo(level or 2, "l").currentline)
end
local f = setfenv(loadstring(table.concat(lines, "\n"), "=data"), setmetatable({look = look}, {__newindex = function(t, k, v)
  rawset(t, k, v)
  if k == "x1500" or k == "last" or k == "after" then look(3) end
end}))
f()
