-- Chunks that are wrong, and some that look so: what loadstring says of them.
local sources = {
  "x = = 1", "x = ", "x", "f", "f.x", "f:x", "f:x y", "if", "if x", "if x then", "if x then else",
  "if x then elseif y", "while", "while x", "while x do", "repeat", "repeat until", "for", "for x", "for x=",
  "for x=1", "for x=1,", "for x=1,2", "for x=1,2 do", "for x in", "for x,y", "for x,y in t do",
  "for 1 in x do end", "for x.y in z do end", "function", "function f", "function f(", "function f()",
  "function f(a", "function f(a,", "function f(a b) end", "function f(...,a) end", "function f(1) end",
  "function f:g:h() end", "function f.1() end", "function () end", "local", "local 1", "local x =", "local x,",
  "local function", "local function f", "local function f.x() end", "return return", "return 1 2",
  "return x = 1", "break", "do break end", "end", "do", "do end end", "else", "until x", "x = }", "x = {",
  "x = {1", "x = {1,", "x = {1 2}", "x = {a=}", "x = {[1]}", "x = {[1]=}", "x = {[1", "x = (1", "x = (", "x = )",
  "x = 1 +", "x = + 1", "x = not", "x = #", "x = -", "x = a.", "x = a.1", "x = a[", "x = a[1", "x = a:b",
  "x = a:b.c", "x = 'abc", "x = \"abc", "x = 'abc\ndef'", "x = [[abc", "x = [==[abc]]", "x = [=abc", "--[[abc",
  "x = '\\300'", "x = '\\xyz", "x = '\\q'", "x = @", "x = $", "x = !", "x ! y", "x = a ~ b", "x = a ~= ",
  "x ~= 1", "x == 1", "x = 1 = 2", "x, y", "x, y = ", "x, 1 = 2", "f() = 1", "(a) = 1", "(a).b = 1 x",
  "a.b:c = 1", "f() g", "1 = x", "'a' = x", "'a'.b = 1", "('a').b", "nil = 1", "true()", "...", "x = ...",
  "function f() return ... end", "function f() x = {...} end", "f\n(1)", "local a = f\n(g)()", "f()\n(g)()",
  "f().x\n(1)", "a.b.c\n(1)", "a[1]\n(2)", "f{}\n(1)", "goto = 1", "x = goto", "local goto = 1", "and = 1",
  "x = a and", "x = a or", "x = a .. ", "x = a ... b", "x = a..", "x = 3..2", "x = 3 .. 2 ..", "x = 0x",
  "x = 1e", "x = 1.2.3", "x = 08a", "x = 1..2", "a.b.c", "a.b.c d", "a b", "a 'x' b", "a {} {", "x = function",
  "x = function(", "x = function()", "x = function() end end", "local x <const> = 1", "x = 1 // 2", "x = 1 & 2",
  "x = 1 | 2", "x = 1 << 2", "x = \"a\\\nb\" y", "x = 'a\\z b'", "x = '\\u{41}'", "x = [[\n]] y",
  "\n\n\nx = = 1", "x = [[a\nb\nc]] =", "-- comment\nx = ?", "x = \0", "\0", "x = 'a\0b' =", "x = \"a\0b",
  "x = '\1' y = = ", "\255 = 1", "x = \255", "\240\159\152\128 = 1", "x = a\127b", "# x", "#!x", "x = #", ";",
  ";;", "x = 1;;", "x = 1; y = 2;", "do ; end", "return;", "return;;", "return 1,",
  "if x then return 1; end x = = 2", "for i = 1, 10, do end", "for i = 1, 2, 3, 4 do end",
  "for i in 1, 2, do end", "for a.b = 1, 2 do end", "local a.b = 1", "local a:b = 1", "local function a:b() end",
  "function a.b.c:d.e() end", "function a:b.c() end", "x = {1,,2}", "x = {,}", "x = {;}", "x = {1;;}", "f(,)",
  "f(1,)", "f(1", "f(1,", "f[", "f[]", "f.[1]", "f..x", "f...x", "f:1()", "f:x[1]", "f:x'a'b", "f:'a'",
  "f'a' = 1", "x = f'a'b", "x.y.z = = 1", "x.y.z, = 1", "x, y z = 1", "x = y z = 1", "x = y = z", "x += 1",
  "x++", "--", "--[", "--[[", "--[[\n]]x", "--[==[\n]]\n]=] ]==] x = = ", "x = -- comment", "x = --[[ long ]] ",
  "if x then end else end", "if x the end", "while x then end", "repeat x until", "repeat until x y",
  "for x = 1 do end", "for in x do end", "for x, in y do end", "for x in y, do end", "for x of y do end",
  "function f(x y) end", "function f(x,) end", "function f(x, ..., y) end", "function f(.) end",
  "function f(..) end", "function f(self, ...) return ... end return return", "x = 'unfinished \\",
  "x = 'unfinished \\\n",
  "x = \"very long string that goes on and on and on and on and on and on and on and on and on and on and on and on and on",
  "x = 'very long string that goes on and on and on and on and on and on and on and on and on and on and on' y",
  "averyveryveryverylongnameaveryveryveryverylongnameaveryveryveryverylongnameaveryveryveryverylongname x",
  "x = [[a very long string\n with lines", "x = ]]", "x = ]", "x = 1 ]", "x = 1 )", "x = 1 }", "x = (1))",
  "x = a.b.(c)", "local t = {} t.1 = 2", "local t = {} t.if = 2", "t.end = 1", "x = {if = 1}", "x = {and = 1}",
  "t:end()", "local end", "local function end() end", "function f(end) end", "for end = 1, 2 do end",
  "x = function end", "break x", "while true do break x end", "while true do break; x = = 1 end",
  "while true do break return end", "while true do return break end", "if true then return end end",
  "return end", "do return end x = = 1", "function f() return end return 1 x", "a = b c = d e = f g", "a.b",
  "a['b']", "a()", "a().b", "a() b", "a():b", "a{}", "a{}.b", "a''", "a''.b", "(a)", "(a)()", "(a)(b)c", "((a)",
  "-a", "-a()", "not a()", "#a", "{}", "{}.x = 1", "''.x = 1", "1", "nil", "true", "function() end()",
  "(function() end)", "(function() end)()", "x = y\n(z)", "x = y\n(z).w = 1", "x = 'a'\n('b'):c()",
  "x = {}\n(y)()", "\xef\xbb\xbfx = = 1", "x = \"\\400\"", "x = '\\999'", "x = '\\255\\256'", "x = '\r\n'",
  "x = '\r'", "x = [[\r\n]] = ", "x\r\n= =", "x\n\r= =", "x\r\r= =", "x = 1e5e", "x = 1e+", "x = 0xep1",
  "x = .5.", "x = 5..", "x = 1 .. 2 .", "x = a.b.", "x=a:", "x = 9a", "x = 0b1", "x = 1_0", "x= 1i", "x = 1ULL",
  "x = 0xfg",
}
for _, source in ipairs(sources) do
  local f, message = loadstring(source, "=src")
  print(("%q"):format(source), f and "fine" or message)
end

-- limits
local function many(n, text) return (text:rep(n)) end
local function numbered(n, text)
  local t = {}
  for i = 1, n do t[i] = (text:gsub("#", i)) end
  return table.concat(t)
end
local function try(source)
  local f, message = loadstring(source, "=src")
  print(f and "fine" or message)
end
try(numbered(200, "local a#\n"))
try(numbered(201, "local a#\n"))
try(numbered(201, "local a# "))
try("function f()\n" .. numbered(201, "local a#\n") .. "end")
try("function f(" .. numbered(200, "a#, ") .. "b) end")
try("function t:f(" .. numbered(199, "a#, ") .. "b) end")
try("function f(" .. numbered(200, "a#, ") .. "...) end")
try(numbered(150, "do local a# end "))
try(numbered(197, "local a# ") .. "for i = 1, 2 do end")
try(numbered(196, "local a# ") .. "for i, j in t do end")
try(numbered(30, "local a# ") .. "function f() " .. numbered(31, "local b# ") .. "\nreturn function() " .. numbered(30, "a#() ") .. numbered(30, "b#() ") .. "end end")
try(numbered(30, "local a# ") .. "function f() " .. numbered(31, "local b# ") .. "\nreturn function() " .. numbered(30, "a#() ") .. numbered(31, "b#() ") .. "end end")
try(many(190, "do ") .. many(190, "end "))
try(many(210, "do ") .. many(210, "end "))
try("return " .. many(210, "{") .. many(210, "}"))
try("return " .. many(210, "(") .. "1" .. many(210, ")"))
try("return " .. many(210, "-") .. "1")
try("return " .. many(210, "'a' .. ") .. "'b'")
try("return " .. many(210, "1 + ") .. "1")
try("return " .. many(210, "2 ^ ") .. "1")
try(many(210, "return function() ") .. many(210, "end "))
try("if a then" .. many(300, " elseif a then") .. " end")
try("a" .. many(300, ".b") .. " = 1")
try("a" .. many(300, "()"))
try(many(195, "a, ") .. "a = 1")
try(many(250, "a, ") .. "a = 1")

-- the line of a colon is its own, whatever follows it
try("x = 1\n: \ny")
try("local t = {}\nt:\n\nf\n(1)")
print(pcall(assert(loadstring("local t = {}\nt:\n\nf(\n1)", "=x"))))
