-- Part 3 of the contract: classes derived from Process.
if short then return end -- nearly each test here starts processes
local child = require "child"
local multiprocessing = require "multiprocessing"
local said = child.said

local function run(p)
  printed()
  p:start()
  p:join()
  eq(p.exitcode, 0)
  return printed()
end

local Piao = Process:subclass("Piao")
function Piao:initialize(name)
  Process.initialize(self)
  self.name = name
end
function Piao:run() print(self.name .. " is piaoing") end

test("the document's class", function()
  local p = Piao("egon1")
  eq(p.name, "egon1")
  eq(run(p), "egon1 is piaoing\n")
  eq(run(Piao:new("egon2")), "egon2 is piaoing\n")
  match(tostring(p), "^<Piao name='egon1' pid=%d+ parent=%d+ stopped exitcode=0>$")
end)

test("names of classes and objects", function()
  local p = Piao("x")
  eq(Piao.super, Process)
  eq(p.class, Piao)
  eq(Process{}.class, Process)
  eq(tostring(Piao), "class Piao")
  eq(tostring(Process), "class Process")
  eq(Piao.name, "Piao")
  eq(Process.name, "Process")
  eq(p:isInstanceOf(Piao), true)
  eq(p:isInstanceOf(Process), true)
  eq(Process{}:isInstanceOf(Piao), false)
  eq(Piao:isSubclassOf(Process), true)
  eq(Process:isSubclassOf(Piao), false)
end)

test("a class that adds nothing", function()
  local Plain = Process:subclass("Plain")
  local p = Plain{target = print, args = {"plain"}, daemon = true}
  match(p.name, "^Plain%-%d+$")
  eq(p.daemon, true)
  eq(run(p), "plain\n")
  eq(run(Plain()), "")
  raises("Process() got an unexpected keyword argument 'tagret'", function() Plain{tagret = print} end)
end)

test("a name set before initialize is overwritten, one set after it stays", function()
  local Before = Process:subclass("Before")
  function Before:initialize(name)
    self.name = name
    Process.initialize(self)
  end
  match(Before("egon").name, "^Before%-%d+$")
  eq(Piao("egon").name, "egon")
end)

test("initialize with keywords", function()
  local Worker = Process:subclass("Worker")
  function Worker:initialize(item)
    Process.initialize(self, {target = print, args = {item, "of the target"}, name = "w" .. item, daemon = true})
    self.item = item
  end
  local p = Worker(7)
  eq(p.name, "w7")
  eq(p.daemon, true)
  eq(p.item, 7)
  eq(run(p), "7\tof the target\n")

  local Wrong = Process:subclass("Wrong")
  function Wrong:initialize(keywords) Process.initialize(self, keywords) end
  local function make(keywords) return (pcall(Wrong, keywords)) end
  eq(make({}), true)
  eq(make(nil), true)
  for keyword, message in pairs{
    tagret = "Process() got an unexpected keyword argument 'tagret'",
    group = "group argument must be None for now",
    target = "target must be callable",
  } do
    local made, raised = pcall(Wrong, {[keyword] = 5})
    eq(made, false)
    eq(tostring(raised):match("classes%.lua:%d+: (.*)$"), message)
  end
end)

test("run calls that of the super class", function()
  local Twice = Process:subclass("Twice")
  function Twice:run()
    print("before")
    Process.run(self)
    self.class.super.run(self)
    print("after")
  end
  eq(run(Twice{target = print, args = {"target"}}), "before\ntarget\ntarget\nafter\n")
end)

test("forgotten initialize", function()
  local Forgetful = Process:subclass("Forgetful")
  function Forgetful:initialize(x) self.x = x end
  local text = "Process.initialize() not called"
  for _, name in ipairs{"start", "join", "terminate", "kill", "interrupt", "is_alive", "close"} do
    raises(text, function()
      local p = Forgetful(1)
      p[name](p)
    end)
  end
  for _, name in ipairs{"daemon", "pid", "ident", "exitcode", "authkey", "sentinel"} do
    raises(text, function()
      local p = Forgetful(1)
      local unused = p[name]
    end)
  end
  local p = Forgetful(5)
  eq(p.x, 5, "its own fields are its own affair")
  p.x = 6
  eq(p.x, 6)
  eq(multiprocessing.active_children(), {})
  Process.initialize(p)
  eq(run(p), "", "late is not too late")
end)

test("subclass of a subclass", function()
  local Base = Process:subclass("Base")
  function Base:initialize(word)
    Process.initialize(self)
    self.word = word
  end
  function Base:greet() return "base " .. self.word end
  function Base:run() print(self:greet()) end
  local Derived = Base:subclass("Derived")
  function Derived:greet() return "derived, then " .. Base.greet(self) end
  local Last = Derived:subclass("Last")

  eq(Derived.super, Base)
  eq(Last.super.super.super, Process)
  eq(tostring(Last), "class Last")
  local p = Last("hello")
  match(p.name, "^Last%-%d+$")
  match(tostring(p), "^<Last name='Last%-%d+' parent=%d+ initial>$")
  eq(p:isInstanceOf(Base), true)
  eq(run(p), "derived, then base hello\n")
  eq(run(Base("hello")), "base hello\n")
  function Base:late() return "late" end
  eq(p:late(), "late", "a method added later is inherited")
  function Last:greet() return "last" end
  eq(run(Last("x")), "last\n")
  eq(run(Derived("x")), "derived, then base x\n")
end)

test("classes in the child", function()
  local Counter = Process:subclass("Counter")
  Counter.count = 5
  function Counter:bump()
    self.class.count = self.class.count + 1
    return self.class.count
  end
  function Counter:run()
    local me = require("multiprocessing").current_process()
    print(rawequal(self, me), self.class == Counter, Counter.super == Process, tostring(Counter), self:isInstanceOf(Counter))
    print(self:bump(), Counter.count, self.pid == os.getpid(), self:is_alive())
    local made = Counter()
    print(made.class == Counter, (made.name:gsub("%d+", "N")), made:bump())
  end
  eq(run(Counter()), "true\ttrue\ttrue\tclass Counter\ttrue\n6\t6\ttrue\ttrue\ntrue\tCounter-N:N\t7\n")
  eq(Counter.count, 5)
end)

test("fields travel with the object", function()
  local Holder = Process:subclass("Holder")
  function Holder:initialize(t)
    self.before = t
    Process.initialize(self)
    self.after = t
    self.me = self
  end
  function Holder:run() print(self.before[1], self.before == self.after, rawequal(self, self.me), self.nosuch) end
  local t = {"x"}
  local p = Holder(t)
  t[1] = "y"
  eq(run(p), "y\ttrue\ttrue\tnil\n")
end)

test("metamethods", function()
  local Meta = Process:subclass("Meta")
  function Meta:initialize(n)
    Process.initialize(self)
    self.n = n
  end
  function Meta.__add(a, b) return a.n + (type(b) == "number" and b or b.n) end
  function Meta.__eq(a, b) return a.n == b.n end
  function Meta.__lt(a, b) return a.n < b.n end
  function Meta.__le(a, b) return a.n <= b.n end
  function Meta.__concat(a, b) return "concat" end
  function Meta.__unm(a) return -a.n end
  function Meta.__call(a, x) return a.n * x end
  function Meta:run()
    local other = Meta(3)
    print(self + 1, self + other, self == other, self ~= other, self < other, self >= other, self .. "x", -self, self(10))
  end
  local SubMeta = Meta:subclass("SubMeta")
  local want = "6\t8\tfalse\ttrue\tfalse\ttrue\tconcat\t-5\t50\n"
  for _, class in ipairs{Meta, SubMeta} do
    local p = class(5)
    printed()
    p:run()
    eq(printed(), want)
    eq(run(p), want)
    ok(class(1) == class(1))
  end
  match(tostring(Meta(1)), "^<Meta name=")
end)

test("a __tostring of one's own", function()
  local Named = Process:subclass("Named")
  function Named:__tostring() return "I am " .. self.name end
  function Named:run() print(self) end
  local SubNamed = Named:subclass("SubNamed")
  for _, class in ipairs{Named, SubNamed} do
    local p = class{name = "x"}
    eq(tostring(p), "I am x")
    eq(run(p), "I am x\n")
  end
end)

test("an __index of one's own", function()
  local Any = Process:subclass("Any")
  function Any:__index(key) return "any " .. tostring(key) end
  function Any:own() return "own" end
  function Any:run() print(self.missing, self:own(), self.name, self.pid == os.getpid(), self.set) end
  local SubAny = Any:subclass("SubAny")
  for _, class in ipairs{Any, SubAny} do
    local p = class{name = "x"}
    p.set = 1
    eq(p.missing, "any missing")
    eq(p:own(), "own")
    eq(p.name, "x")
    eq(p.pid, nil, "a member of Process is one, though nil")
    eq(p.exitcode, nil)
    eq(p.daemon, false)
    eq(run(p), "any missing\town\tx\ttrue\t1\n")
  end
  local Table = Process:subclass("Table")
  Table.__index = {fallback = "from the table"}
  eq(Table().fallback, "from the table")
  eq(Table().nosuch, nil)
end)

test("mixins", function()
  local Loud = {included = function(mixin, class) class.loud = true end}
  function Loud:shout() return (self.name:upper()) end
  local Shouter = Process:subclass("Shouter")
  eq(Shouter:include(Loud), Shouter)
  function Shouter:run() print(self:shout(), self.class.loud) end
  local p = Shouter{name = "egon"}
  eq(p:shout(), "EGON")
  eq(run(p), "EGON\ttrue\n")
end)

test("static", function()
  local Made = Process:subclass("Made")
  function Made.static:make(word)
    local p = self()
    p.word = word
    return p
  end
  function Made:run() print(self.word, self.make) end
  eq(run(Made:make("word")), "word\tnil\n")
  eq(run(Made:subclass("SubMade"):make("sub")), "sub\tnil\n")
end)

test("a method added to Process", function()
  function Process:hello() return "hello from " .. self.name end
  local Late = Process:subclass("Late")
  function Late:run() print(self:hello()) end
  eq(Piao("x"):hello(), "hello from x")
  eq(run(Late{name = "y"}), "hello from y\n")
  eq(run(Process{name = "z", target = function()
    print(require("multiprocessing").current_process():hello())
  end}), "hello from z\n")
  Process.hello = nil
  eq(Piao("x").hello, nil)
end)

-- As the middleclass library does it.
test("class(name, super)", function()
  local function class(name, super) return super:subclass(name) end
  local Walker = class("Walker", Process)
  function Walker:run() print(self.name .. " walks") end
  eq(run(Walker{name = "w"}), "w walks\n")
end)

test("a class that is global", function()
  Runner = Process:subclass("Runner")
  function Runner:run() print(Runner == self.class, tostring(Runner)) end
  eq(run(Runner()), "true\tclass Runner\n")
  eq(said(function()
    local p = Runner()
    p:start()
    p:join()
    print(p.exitcode)
  end), "true\tclass Runner\n0")
  Runner = nil
end)

test("objects that aren't sent leave the child alone", function()
  local alone = Piao("alone")
  local out = said(function() print(Piao.super == Process, Piao("in the child").name) end)
  eq(out, "true\tin the child")
  eq(run(alone), "alone is piaoing\n")
end)
