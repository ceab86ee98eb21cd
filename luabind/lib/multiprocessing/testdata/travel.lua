-- Part 5 of the contract: what travels to the child.
if short then return end -- nearly each test here starts processes

local child = require "child"
local machine = require "machine"
local said = child.said

-- both checks that fn(...) prints in a child what it prints here.
local function both(fn, ...)
  local there = said(fn, ...)
  printed()
  fn(...)
  eq(there .. "\n", printed())
  ok(there ~= "", "the test prints nothing")
end

-- Values.

test("simple values", function()
  both(print, nil, true, false, 0, 1, -1, 12, "x", "", nil)
end)

test("numbers", function()
  local numbers = {0, 1, -1, 0.5, -2.25, 3.141592653589793, 2^31, 2^53, -2^53, 2^63, 1e308, -1e308, 5e-324, 2.2250738585072014e-308, 1/3, 1e15 + 0.5}
  local texts = {}
  for i, n in ipairs(numbers) do texts[i] = ("%.17g"):format(n) end
  eq(said(function()
    for i, n in ipairs(numbers) do
      if ("%.17g"):format(n) ~= texts[i] then print(i, n, texts[i]) end
    end
    print(#numbers)
  end), tostring(#numbers))
end)

test("nan, the infinities and -0", function()
  local zero = 0 -- reckoned while it runs: as constants, 0 and -0 are one to the compiler
  local t = {nan = zero/zero, inf = 1/zero, minus = -1/zero, zero = -zero, plus = zero}
  eq(said(function(nan, inf, minus, zero)
    print(nan ~= nan, inf == 1/0, minus == -1/0, zero == 0, 1/zero == -1/0)
    print(t.nan ~= t.nan, t.inf == 1/0, t.minus == -1/0, t.zero == 0, 1/t.zero == -1/0, 1/t.plus == 1/0)
  end, t.nan, t.inf, t.minus, t.zero), ("true\t"):rep(4) .. "true\n" .. ("true\t"):rep(5) .. "true")
end)

test("all bytes", function()
  local bytes = {}
  for i = 0, 255 do bytes[i + 1] = string.char(i) end
  local all = table.concat(bytes)
  eq(#all, 256)
  eq(said(function(s) io.write(s, s) end, all), all .. all)
  eq(said(function()
    for i = 0, 255 do
      if bytes[i + 1]:byte() ~= i or all:byte(i + 1) ~= i then print("wrong", i) end
    end
    print(#all, #bytes)
  end), "256\t256")
  local t = {}
  for i = 0, 255 do t[string.char(i)] = i end
  eq(said(function()
    local n = 0
    for k, v in pairs(t) do
      if k ~= string.char(v) then print("wrong", v) end
      n = n + 1
    end
    print(n, t["\0"], t["\255"], t["\n"], t["\r"])
  end), "256\t0\t255\t10\t13")
end)

test("literals with all bytes", function()
  both(function() print(("a\0b\r\n\t\\\"\1\127\200\255]]"):byte(1, -1)) end)
  both(function() print(#[==[
first
]] ]=]
]==]) end)
end)

test("strings that aren't UTF-8", function()
  eq(said(function() io.write("\192\193\254子进程\237\160\128") end), "\192\193\254子进程\237\160\128")
end)

-- Tables.

test("tables are copies", function()
  local t = {1, {2}, x = {y = "z"}}
  eq(said(function()
    t[1] = "changed"
    t[2][1] = "changed"
    t.x.y = nil
    t.new = true
    print(t[1], t[2][1], t.x.y, t.new)
  end), "changed\tchanged\tnil\ttrue")
  eq(t, {1, {2}, x = {y = "z"}})
end)

test("as it is at start", function()
  local t = {}
  local p = Process{target = function() print(t.when, when) end}
  t.when = "at start"
  when = "at start"
  printed()
  p:start()
  t.when = "after start"
  when = "after start"
  p:join()
  eq(printed(), "at start\tat start\n")
  when = nil
end)

test("one table is one table", function()
  local t = {"t"}
  local u = {a = t, b = t, [t] = t}
  local f = function() return t end
  eq(said(function(x, v) print(x == t, v == u, u.a == u.b, u[t] == t, f() == t, x[1]) end, t, u), "true\ttrue\ttrue\ttrue\ttrue\tt")
end)

test("cycles", function()
  local a, b = {name = "a"}, {name = "b"}
  a.b = b
  b.a = a
  a.me = a
  a[a] = a
  eq(said(function(x)
    print(x == a, a.me == a, a.b.a == a, b.a.b == b, a[a] == a, a.me.me.b.a.name)
  end, a), "true\ttrue\ttrue\ttrue\ttrue\ta")
end)

test("keys of all kinds", function()
  local key = {"key"}
  local f = function() return "called" end
  local t = {[key] = "table", [f] = "function", [print] = "print", [true] = "true", [false] = "false",
    [1.5] = "1.5", [-1] = "-1", [0] = "0", [2^53] = "2^53", [1/0] = "inf", [""] = "empty", ["\0"] = "zero", [string] = "string"}
  eq(said(function()
    print(t[key], t[f], t[print], t[true], t[false], t[1.5], t[-1], t[0], t[2^53], t[1/0], t[""], t["\0"], t[string])
    for k in pairs(t) do
      if type(k) == "function" and k ~= print then print(k()) end
    end
  end), "table\tfunction\tprint\ttrue\tfalse\t1.5\t-1\t0\t2^53\tinf\tempty\tzero\tstring\ncalled")
end)

test("holes and lengths", function()
  local t = {1, 2, 3}
  t[2] = nil
  local u = {}
  u[1], u[2], u[4] = 1, 2, 4
  local v = {n = 3}
  v[3] = "c"
  both(function()
    print(t[1], t[2], t[3], u[1], u[2], u[3], u[4], v[1], v[3], #{1, 2, 3})
  end)
end)

test("pairs gives the same order", function()
  local t = {10, 20, 30}
  for i = 1, 300 do t["k" .. (i * 7919) % 1009] = i end
  for i = 1, 300, 3 do t["k" .. (i * 7919) % 1009] = nil end
  for i = 1, 50 do t["late" .. i] = i end
  t[4], t[0], t[-5], t[1000], t[2.5] = 40, 0, -5, 1000, 2.5
  t[true] = "true"
  local u = {}
  for _, word in ipairs{"one", "two", "three", "four", "five", "six", "seven"} do u[#u + 1] = word; u[word] = #u end
  both(function()
    for _, t in ipairs{t, u} do
      local keys = {}
      for k in pairs(t) do keys[#keys + 1] = tostring(k) end
      print(#keys, table.concat(keys, " "))
      local k, n = nil, 0
      repeat
        k = next(t, k)
        n = n + 1
      until k == nil or keys[n] ~= tostring(k)
      print(n)
    end
  end)
end)

test("globals are visited in the same order", function()
  zebra, apple, mango = 1, 2, 3
  both(function()
    local keys = {}
    for k in pairs(_G) do
      if k == "zebra" or k == "apple" or k == "mango" then keys[#keys + 1] = k end
    end
    print(table.concat(keys, " "))
  end)
  zebra, apple, mango = nil, nil, nil
end)

-- Metatables.

test("metatables", function()
  local mt = {}
  mt.__index = mt
  function mt:double() return self.n * 2 end
  function mt.__add(a, b) return a.n + b.n end
  function mt.__eq(a, b) return a.n == b.n end
  function mt.__lt(a, b) return a.n < b.n end
  function mt.__call(self, x) return self.n .. x end
  function mt.__tostring(self) return "n=" .. self.n end
  function mt.__concat() return "concat" end
  function mt.__unm(self) return -self.n end
  local a, b = setmetatable({n = 1}, mt), setmetatable({n = 2}, mt)
  both(function()
    print(a:double(), a + b, a == b, a < b, a("x"), tostring(a), a .. b, -a)
    print(getmetatable(a) == mt, getmetatable(a) == getmetatable(b), mt.__index == mt, rawget(a, "double"))
  end)
end)

test("metatables that hide, log or refuse", function()
  local log = {}
  local proxy = setmetatable({}, {
    __index = function(_, k) return "no " .. k end,
    __newindex = function(t, k, v)
      log[#log + 1] = k
      rawset(t, k, v)
    end,
    __metatable = "locked",
  })
  proxy.a = 1
  both(function()
    proxy.b = 2
    print(proxy.a, proxy.b, proxy.c, table.concat(log, ","), getmetatable(proxy), pcall(setmetatable, proxy, {}))
    log[#log] = nil
    rawset(proxy, "b", nil)
  end)
  eq(#log, 1, "sending it called no metamethod")
end)

test("a chain of metatables", function()
  local base = {level = "base"}
  local middle = setmetatable({}, {__index = base})
  local top = setmetatable({}, {__index = middle})
  local loop = {}
  setmetatable(loop, loop)
  loop.__index = function(_, k) return k end
  both(function() print(top.level, rawget(top, "level"), loop.self, getmetatable(loop) == loop) end)
end)

test("metamethods are not called by sending", function()
  local called = 0
  local function count() called = called + 1 end
  local t = setmetatable({1, x = 2}, {__index = count, __newindex = count, __call = count, __tostring = count, __len = count, __eq = count})
  eq(said(function() print(rawget(t, 1), rawget(t, "x")) end), "1\t2")
  eq(called, 0)
end)

-- Closures.

test("upvalues are copies", function()
  local n = 100
  local function set(v) n = v end
  eq(said(function()
    set(0)
    print(n)
  end), "0")
  eq(n, 100)
end)

test("two functions share an upvalue", function()
  local n = 0
  local function inc() n = n + 1 end
  local function get() return n end
  inc()
  eq(said(function(inc, get)
    inc()
    inc()
    print(get(), n)
    n = 10
    inc()
    print(get())
  end, inc, get), "3\t3\n11")
  eq(get(), 1)
end)

test("closures of one loop have variables of their own", function()
  local list = {}
  for i = 1, 3 do
    local n = i
    list[i] = {inc = function() n = n + i return n end, get = function() return n end}
  end
  both(function()
    print(list[1].get(), list[2].get(), list[3].get())
    list[2].inc()
    print(list[1].get(), list[2].get(), list[3].get())
    list[2].inc = nil
    list[2].inc = function() end
  end)
end)

test("an upvalue shared over many levels", function()
  local n = 1
  local function outer()
    return function()
      return function(add)
        n = n + add
        return n
      end
    end
  end
  local inner = outer()()
  eq(said(function()
    inner(5)
    outer()()(10)
    print(n)
  end), "16")
end)

test("recursive, and mutually recursive", function()
  local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end
  local even
  local function odd(n)
    if n == 0 then return false end
    return even(n - 1)
  end
  function even(n)
    if n == 0 then return true end
    return odd(n - 1)
  end
  both(function() print(fib(15), even(10), odd(10)) end)
end)

test("a function that holds itself", function()
  local t = {}
  function t.f() return t.f end
  setmetatable(t, {__call = t.f})
  both(function() print(t.f() == t.f, t() == t.f) end)
end)

test("functions made in functions", function()
  local function make(a)
    return function(b)
      return function(c, ...) return a + b + c + select("#", ...) end
    end
  end
  local f = make(1)
  local g = f(10)
  both(function() print(f(20)(300), g(100, nil, nil), make(2)(3)(4)) end)
end)

test("varargs", function()
  local function f(...)
    local t = {...}
    return select("#", ...), t[1], select(-1, ...)
  end
  both(function() print(f(1, nil, 3)) end)
end)

test("methods", function()
  local Account = {}
  Account.__index = Account
  function Account.new(n) return setmetatable({balance = n}, Account) end
  function Account:deposit(n)
    self.balance = self.balance + n
    return self
  end
  function Account:show() print(self.balance, getmetatable(self) == Account) end
  local a = Account.new(10)
  eq(said(a.show, a), "10\ttrue")
  eq(said(function() a:deposit(5):show() end), "15\ttrue")
  eq(said(function() Account.new(3):deposit(4):show() end), "7\ttrue")
  eq(a.balance, 10)
end)

test("60 upvalues", function()
  local source, sum = {}, {}
  for i = 1, 60 do
    source[i] = ("local v%d = %d"):format(i, i)
    sum[i] = "v" .. i
  end
  local get, bump = loadstring(table.concat(source, "\n") .. "\nreturn function() return " .. table.concat(sum, " + ")
    .. " end, function() v60 = v60 + 1 end")()
  eq(get(), 1830)
  eq(said(function()
    bump()
    print(get())
  end), "1831")
end)

test("functions of Go by name", function()
  local find, write, p, sort = string.find, io.write, print, table.sort
  local step = pairs({})
  local t = {3, 1, 2, name = tostring}
  eq(said(function(upper)
    sort(t)
    write(t[1], t[2], t[3], "\n")
    p(find("hello", "l"), upper("x"), t.name(12), step({"x"}))
    p(find == string.find, upper == string.upper, t.name == tostring)
  end, string.upper), "123\n3\tX\t12\t1\tx\ntrue\ttrue\ttrue")
end)

test("functions of an embedder's own by name", function()
  local m = machine
  eq(said(function(state)
    print(m.pid() == os.getpid(), m == require "machine", m.state == state, state(os.getpid()) ~= nil)
  end, machine.state), "true\ttrue\ttrue\ttrue")
end)

test("the standard streams", function()
  local out, err = io.stdout, io.stderr
  local code, printed, complained = child.outcome(function(again)
    out:write("to out\n")
    err:write("to err\n")
    print(again == out, io.stdout == out, io.type(out))
  end, out)
  eq(code, 0)
  eq(printed, "to out\ntrue\ttrue\tfile\n")
  eq(complained, "to err\n")
end)

-- Functions from strings and files.

test("load and loadstring", function()
  local f = loadstring("local a, b = ... return a + b")
  local make = loadstring("local n = 5 return function(a) n = n + a return n end, function() return n end")
  local inc, get = make()
  local pieces = {"return ", "'from ", "pieces'"}
  local i = 0
  local g = load(function()
    i = i + 1
    return pieces[i]
  end, "=pieces")
  inc(1)
  eq(said(function()
    inc(10)
    print(f(1, 2), get(), g(), make()(1))
  end), "3\t16\tfrom pieces\t6")
  eq(get(), 6)
end)

test("two chunks of the same name", function()
  local one, two = loadstring("return 'one'", "=same"), loadstring("return 'two'", "=same")
  eq(said(function() print(one(), two()) end), "one\ttwo")
end)

test("the error of a loaded function names its chunk", function()
  local f = loadstring("\n\nerror('boom')", "=my chunk")
  eq(said(function() print((select(2, pcall(f)))) end), "my chunk:3: boom")
end)

test("functions of a file", function()
  local f, g = dofile("testdata/lib/chunk.lua"), loadfile("testdata/lib/chunk.lua")
  f(5)
  eq(said(function() print(f(1), g(3)(4)) end), "16\t7")
end)

test("functions of a string within a string", function()
  local f = loadstring("local s = 'return 42' local g = loadstring(s) return function() return g() end")()
  eq(said(function() print(f()) end), "42")
end)

test("loading in the child", function()
  eq(said(function()
    print(loadstring("return 1 + 1")(), dofile("testdata/lib/chunk.lua")(1), require("pkg.sub").name)
  end), "2\t11\tpkg.sub")
end)

-- Modules.

test("a module is the same table for require", function()
  local counter = require "counter"
  counter.bump()
  counter.bump()
  eq(said(function()
    counter.bump()
    print(require("counter") == counter, require("counter").n, counter.hidden(), package.loaded.counter == counter)
  end), "true\t3\t3\ttrue")
  eq(counter.n, 2)
end)

test("a function of a module brings the module's state", function()
  local bump, hide = require("counter").bump, require("counter").hide
  local n, hidden = require("counter").n, require("counter").hidden()
  eq(said(function()
    bump()
    print(require("counter").n)
  end), tostring(n + 1))
  eq(said(function()
    hide()
    print(require("counter").hidden())
  end), tostring(hidden + 1))
end)

test("a module that only require names", function()
  require("counter").field = "set by the parent"
  local n = require("counter").n
  eq(said(function() print(require("counter").field, require("counter").n) end), "set by the parent\t" .. n)
end)

test("a module that the parent has not loaded", function()
  package.loaded["pkg.sub"] = nil
  eq(said(function() print(require("pkg.sub").name, require("pkg.sub") == require("pkg.sub")) end), "pkg.sub\ttrue")
  eq(package.loaded["pkg.sub"], nil)
end)

test("require under another name, and with a name made at run time", function()
  local counter = require "counter"
  counter.field = "set by the parent"
  local req, way = require, "coun"
  eq(said(function() print(req("counter").field) end), "set by the parent")
  eq(said(function() print(req == require) end), "true")
  eq(said(function() print(require(way .. "ter").field) end), "set by the parent")
end)

test("a module that another module requires in the child", function()
  local counter = require "counter"
  eq(said(function() print(require("needs_counter").counter == counter, counter.field) end), "true\tset by the parent")
end)

test("a module made by module()", function()
  local legacy = require "legacy"
  legacy.bump()
  local bump = legacy.bump
  eq(said(function()
    bump()
    print(legacy.n, require("legacy").n, legacy == require("legacy"), legacy._NAME, legacy.print == print)
  end), "2\t2\ttrue\tlegacy\ttrue")
end)

test("package.preload and package.path", function()
  package.preload.virtual = function(name) return {name = name, from = "preload"} end
  eq(said(function() print(require("virtual").from, require("virtual").name) end), "preload\tvirtual")
  package.preload.virtual = nil
  local path = package.path
  package.path = "testdata/other/?.lua"
  eq(said(function() print(require("elsewhere")) end), "from the other directory")
  package.path = path
end)

-- Changed libraries.

test("a function added to a library", function()
  function string.trim(s) return (s:gsub("^%s+", ""):gsub("%s+$", "")) end
  table.size = function(t) return #t end
  eq(said(function()
    print("[" .. ("  x "):trim() .. "]", "[" .. string.trim(" y ") .. "]", table.size{1, 2}, table.concat{"a", "b"})
  end), "[x]\t[y]\t2\tab")
  local s = "  z "
  eq(said(function() print(s:trim()) end), "z", "nobody names string")
  string.trim = nil
  table.size = nil
end)

test("a library's function changed, or taken away", function()
  local upper, rep, concat = string.upper, string.rep, table.concat
  string.upper = function(s) return "not " .. upper(s) end
  string.rep = nil
  table.concat = nil
  eq(said(function() print(("x"):upper(), string.upper("y"), ("x").rep, string.rep, table.concat, table.sort ~= nil) end),
    "not X\tnot Y\tnil\tnil\tnil\ttrue")
  string.upper, string.rep, table.concat = upper, rep, concat
  eq(said(function() print(("x"):upper(), ("x"):rep(2)) end), "X\txx")
end)

test("a value in a library", function()
  math.answer = {42}
  local answer = math.answer
  eq(said(function() print(math.answer[1], math.answer == answer, math.floor(1.5)) end), "42\ttrue\t1")
  math.answer = nil
  local pi = math.pi
  math.pi = 3
  eq(said(function() print(math.pi) end), "3")
  math.pi = pi
end)

test("a library under another name, and away", function()
  str = string
  eq(said(function() print(str.upper("x"), str == string) end), "X\ttrue")
  str = nil
  local whole = math
  math = nil
  eq(said(function() print(math, whole.floor(1.5)) end), "nil\t1")
  math = {floor = "mine"}
  eq(said(function() print(math.floor, math.ceil) end), "mine\tnil")
  math = whole
end)

test("a global function changed, or taken away", function()
  local say, unpacked = print, unpack
  function print(...) say("changed", ...) end
  eq(said(function() print(1) end), "changed\t1")
  print = say
  unpack = nil
  eq(said(function() print(unpack, type(next)) end), "nil\tfunction")
  unpack = unpacked
  local kept = xpcall -- which nothing in sight names
  xpcall = nil
  eq(said(function() print(_G["xp" .. "call"], rawget(_G, "next") == next) end), "nil\ttrue", "with all globals")
  xpcall = kept
end)

test("the metatable of strings", function()
  getmetatable("").__mod = function(s, v) return (s:format(v)) end
  eq(said(function() print("%d" % 5, "<%s>" % "x") end), "5\t<x>")
  getmetatable("").__mod = nil
end)

-- Environments.

test("setfenv", function()
  local env = {print = print, x = "of env"}
  local function f()
    y = x .. "!"
    print(x, y)
  end
  setfenv(f, env)
  x = "global"
  eq(said(f), "of env\tof env!")
  eq(said(function()
    f()
    print(x, env.y, getfenv(f) == env)
  end), "of env\tof env!\nglobal\tof env!\ttrue")
  eq(env.y, nil)
  x = nil
end)

test("one environment of two functions", function()
  local env = {n = 0}
  local function set() n = n + 1 end
  local function get() return n end
  setfenv(set, env)
  setfenv(get, env)
  eq(said(function(set, get)
    set()
    set()
    print(get(), env.n, n)
  end, set, get), "2\t2\tnil")
end)

test("an environment that falls back on _G", function()
  local function f() print(type(tostring), own, theirs) end
  setfenv(f, setmetatable({own = "own"}, {__index = _G}))
  theirs = "theirs"
  eq(said(f), "function\town\ttheirs")
  theirs = nil
end)

test("a function made in an environment has it too", function()
  local function make()
    return function() return v end
  end
  setfenv(make, {v = "of env"})
  local f = make()
  eq(said(function() print(f(), make()(), v) end), "of env\tof env\tnil")
end)

-- Globals.

test("globals that the code names", function()
  config = {level = 1}
  function helper() return config.level + (offset or 0) end
  offset = 5
  eq(said(function() print(helper()) end), "6")
  eq(said(function()
    config.level = 10
    print(helper(), config.level)
  end), "15\t10")
  eq(config.level, 1)
  config, helper, offset = nil, nil, nil
end)

test("globals named far down", function()
  deep = "deep"
  local function f() return function() return function() return deep end end end
  local t = setmetatable({}, {__index = function() return deep end})
  eq(said(function() print(f()()(), t.x) end), "deep\tdeep")
  deep = nil
end)

test("globals set, not read", function()
  counter = 1
  eq(said(function()
    counter = 5
    print("set")
  end), "set")
  eq(counter, 1)
  counter = nil
end)

test("globals set by the child stay there", function()
  eq(said(function()
    made_by_child = 1
    print(made_by_child)
  end), "1")
  eq(made_by_child, nil)
end)

test("what can't travel and isn't reached is no hindrance", function()
  local unused = io.open("testdata/travel.lua")
  unrelated = unused
  unrelated_too = coroutine.create(print)
  local used = {"used"}
  eq(said(function() print(used[1]) end), "used")
  unrelated, unrelated_too = nil, nil
  unused:close()
end)

long("unrelated globals aren't sent", function()
  unrelated = ("x"):rep(2^27)
  local heap = machine.heap
  local less, more = said(function() print(heap()) end), said(function() print(heap(), unrelated == nil) end)
  ok(tonumber(less) < 2^27, less)
  ok(tonumber(more:match("%d+")) > 2^27, more)
  unrelated = nil
end)

test("code that can reach any global takes all", function()
  here, list = "here", {"of the list"}
  function helper() return here .. list[1] end
  local want = "here\thereof the list"
  local ld, g = loadstring, _G
  local way = "here"
  for name, fn in pairs{
    _G = function() print(_G[way], _G["hel" .. "per"]()) end,
    upvalue = function() print(g[way], g["hel" .. "per"]()) end,
    getfenv = function() print(getfenv()[way], getfenv(1)["hel" .. "per"]()) end,
    load = function()
      local source = "return he" .. "re, helper()"
      print(load(function()
        local s = source
        source = nil
        return s
      end)())
    end,
    loadstring = function() print(loadstring("return he" .. "re, helper()")()) end,
    loadstring_upvalue = function() print(ld("return he" .. "re, helper()")()) end,
    dofile = function() print(dofile(machine_file)) end,
    loadfile = function() print(loadfile(machine_file)()) end,
    debug = function()
      local env = debug.getfenv(print)
      print(env[way], env["hel" .. "per"]())
    end,
  } do
    machine_file = machine.temp()
    local f = assert(io.open(machine_file, "w"))
    f:write("return here, helper()")
    f:close()
    eq(said(fn), want, name)
  end
  here, list, helper, machine_file = nil, nil, nil, nil
end)

-- A _G that has a metatable.

test("strict: names that aren't declared", function()
  declared = 1
  setmetatable(_G, {
    __index = function(_, k) error("variable '" .. k .. "' is not declared", 2) end,
    __newindex = function(_, k) error("assign to undeclared variable '" .. k .. "'", 2) end,
  })
  local there = said(function()
    print(declared)
    declared = 2
    print(declared)
    print((select(2, pcall(function() return undeclared end)):match(": (.*)$")))
    print((select(2, pcall(function() undeclared = 1 end)):match(": (.*)$")))
  end)
  local set_only = said(function()
    declared = 5
    print("set")
  end)
  setmetatable(_G, nil)
  declared = nil
  eq(there, "1\n2\nvariable 'undeclared' is not declared\nassign to undeclared variable 'undeclared'")
  eq(set_only, "set", "a declared variable may be set")
end)

test("strict: the well-known one, with debug", function()
  local mt = {declared = {}}
  local function what()
    local d = debug.getinfo(3, "S")
    return d and d.what or "C"
  end
  function mt.__newindex(t, n, v)
    if not mt.declared[n] then
      if what() ~= "main" then error("assign to undeclared variable '" .. n .. "'", 2) end
      mt.declared[n] = true
    end
    rawset(t, n, v)
  end
  function mt.__index(t, n)
    if not mt.declared[n] then error("variable '" .. n .. "' is not declared", 2) end
    return rawget(t, n)
  end
  mt.declared.known = true
  setmetatable(_G, mt)
  local there = said(function()
    print(known)
    known = 5
    print(known)
    print((select(2, pcall(function() return unknown end)):match(": (.*)$")))
  end)
  setmetatable(_G, nil)
  eq(there, "nil\n5\nvariable 'unknown' is not declared")
  eq(known, nil)
end)

test("an __index of _G", function()
  setmetatable(_G, {__index = {fallback = "fallen back"}})
  local there = said(function() print(fallback, rawget(_G, "fallback")) end)
  setmetatable(_G, nil)
  eq(there, "fallen back\tnil")
end)

-- In the child itself.

test("a child sends on what it got", function()
  local n = 1
  local function inc() n = n + 1 return n end
  local f = loadstring("return 'loaded'")
  eq(said(function()
    inc()
    local p = Process{target = function(g)
      inc()
      print(n, f(), g(), rawequal(inc, inc))
    end, args = {function() return inc() end}}
    p:start()
    p:join()
    print(n)
  end), "3\tloaded\t4\ttrue\n2")
end)

test("coroutines made in the child", function()
  eq(said(function()
    local gen = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end)
    print(gen(), gen(), gen())
  end), "1\t2\t3")
end)
