-- What goes through a queue, a pipe or a connection keeps its class: what both sides have arrives as
-- what is there, and what only the sender has is the same object each time.
if short then return end -- nearly each test here starts processes
local mp = require "multiprocessing"
package.path = "./?.lua"

local Account = {}
Account.__index = Account
function Account.new(n) return setmetatable({n = n}, Account) end
function Account:get() return self.n end

local Named = {} -- its objects have a metatable each
function Named:name() return "named" end

local Task = mp.Process:subclass("Task")

local function run(f, ...)
  local p = mp.Process{target = f, args = {...}}
  p:start()
  return p
end

local function finish(...)
  for _, p in ipairs{...} do
    p:join(60)
    eq(p.exitcode, 0, p.name)
  end
end

-- each calls f with the two ends of every kind of way: functions that send and receive.
local function each(what, f)
  test("queue: " .. what, function()
    local there, back = mp.Queue(), mp.Queue()
    f({send = function(v) there:put(v) end, recv = function() return back:get() end},
      {send = function(v) back:put(v) end, recv = function() return there:get() end})
  end)
  test("pipe: " .. what, function()
    local a, b = mp.Pipe()
    f({send = function(v) a:send(v) end, recv = function() return a:recv() end},
      {send = function(v) b:send(v) end, recv = function() return b:recv() end})
  end)
  test("connection: " .. what, function()
    local l = mp.Listener{authkey = "key"}
    local c, own
    local address = l.address
    local function mine() c = c or l:accept() return c end
    local function its() own = own or mp.Client{address = address, authkey = "key"} return own end
    f({send = function(v) mine():send(v) end, recv = function() return mine():recv() end},
      {send = function(v) its():send(v) end, recv = function() return its():recv() end})
    if c then c:close() end
    l:close()
  end)
end

each("a class that was made before the start", function(here, there)
  local p = run(function()
    for _ = 1, 4 do
      local o = there.recv()
      assert(getmetatable(o) == Account and o:get() == 7)
      local t = there.recv()
      assert(t.class == Task and t.new == Account.new)
      there.send(Account.new(8))
    end
  end)
  for _ = 1, 4 do
    here.send(Account.new(7))
    here.send{class = Task, new = Account.new}
    local o = here.recv()
    eq(getmetatable(o), Account)
    eq(o:get(), 8)
  end
  finish(p)
end)

each("a class that only one side has", function(here, there)
  local p = run(function()
    local class
    for _ = 1, 4 do
      local o = there.recv()
      class = class or getmetatable(o)
      assert(getmetatable(o) == class and o:hi() == "hi")
      there.send(o)
      there.send(setmetatable({}, class))
    end
  end)
  local Late = {}
  Late.__index = Late
  function Late:hi() return "hi" end
  for _ = 1, 4 do
    here.send(setmetatable({}, Late))
    eq(getmetatable(here.recv()), Late)
    eq(getmetatable(here.recv()), Late)
  end
  finish(p)
end)

each("a class behind a metatable of each object", function(here, there)
  local p = run(function()
    for _ = 1, 4 do
      local o = there.recv()
      assert(getmetatable(o).__index == Named and o:name() == "named")
      there.send(setmetatable({}, {__index = Named}))
    end
  end)
  for _ = 1, 4 do
    here.send(setmetatable({}, {__index = Named}))
    eq(getmetatable(here.recv()).__index, Named)
  end
  finish(p)
end)

each("a module that each has loaded by itself", function(here, there)
  local p = run(function()
    local own = require "testdata.lib.point" -- the parent hasn't, when this starts
    for _ = 1, 4 do
      local o, m = unpack(there.recv())
      assert(getmetatable(o) == own and m == own and require "testdata.lib.point" == own)
      there.send(own.new(2))
    end
  end)
  local point = require "testdata.lib.point"
  for _ = 1, 4 do
    here.send{point.new(1), point}
    eq(getmetatable(here.recv()), point)
  end
  eq(require "testdata.lib.point", point)
  package.loaded["testdata.lib.point"] = nil
  finish(p)
end)

test("queue: within one process", function()
  local q = mp.Queue()
  local m = require "testdata.lib.point"
  for _ = 1, 3 do
    q:put{m.new(1), Account.new(1), m, Account, Task, Account.new, require}
    local a, b, m2, A, T, f, r = unpack(q:get())
    eq({getmetatable(a) == m, getmetatable(b) == Account, m2 == m, A == Account, T == Task, f == Account.new, r == require},
       {true, true, true, true, true, true, true})
    eq(require "testdata.lib.point", m)
  end
end)

test("queue: a module that sends while it is loaded is one afterwards", function()
  local q = mp.Queue()
  package.preload.sends = function() q:put(function() end) q:get() return {name = "sends"} end
  local m = require "sends"
  q:put{m}
  eq(rawequal(q:get()[1], m), true)
  local other = {name = "other"}
  package.loaded.sends = other
  q:put{other}
  eq(rawequal(q:get()[1], other), true)
  package.loaded.sends, package.preload.sends = nil, nil
end)

test("queue: a module that was loaded once more is another one", function()
  local q = mp.Queue()
  local old = require "testdata.lib.point"
  q:put(old.new(1))
  eq(getmetatable(q:get()), old)
  package.loaded["testdata.lib.point"] = nil
  local new = require "testdata.lib.point"
  for _ = 1, 3 do
    q:put(new.new(1))
    q:put(old.new(1))
  end
  for _ = 1, 3 do
    eq(getmetatable(q:get()), new)
    eq(getmetatable(q:get()), old)
  end
  eq(require "testdata.lib.point", new)
end)

test("queue: what a received value may change", function()
  local q = mp.Queue()
  shared_name, string.shout = "child's", nil
  local p = run(function()
    shared_name, other_name = "changed", "new"
    function string.shout(s) return s:upper() .. "!" end
    function string.rep() return "replaced" end
    package.loaded.os = {}
    q:put(function() return shared_name, other_name, ("a"):rep(2), ("a"):shout(), require "os" end)
  end)
  local f = q:get()
  finish(p)
  local name, other, rep, shout, lib = f()
  eq({name, other, rep, shout}, {"child's", "new", "aa", "A!"})
  eq(lib, os)
  eq(("a"):rep(2), "aa")
  shared_name, other_name, string.shout = nil, nil, nil
end)

test("queue: any reader understands the next item", function()
  -- The first, who has taken the class with its first objects, is killed.
  local Late = {}
  Late.__index = Late
  function Late:n() return self.number end
  for take = 0, 3 do
    local q, answers, held = mp.Queue(), mp.Queue(), mp.Event()
    local function reader(many)
      for _ = 1, many do answers:put(q:get():n()) end
      held:set()
      while true do end
    end
    local first = run(reader, take)
    for i = 1, 6 do q:put(setmetatable({number = i}, Late)) end
    held:wait()
    first:kill()
    first:join()
    local second = run(function() for _ = 1, 6 - take do answers:put(q:get():n()) end end)
    finish(second)
    for i = 1, 6 do eq(answers:get(false), i) end
  end
end)

test("queue: brothers understand each other", function()
  local q, back = mp.Queue(), mp.Queue()
  local a = run(function()
    local Own = {}
    Own.__index = Own
    function Own:n() return 5 end
    for _ = 1, 6 do q:put(setmetatable({}, Own)) end
    for _ = 1, 3 do assert(getmetatable(back:get()) == Own) end
  end)
  local function brother() local o = q:get() assert(o:n() == 5) back:put(o) end
  finish(run(brother), run(brother), run(brother), a)
  eq(getmetatable(q:get()), getmetatable(q:get()))
end)

test("queue: functions with data are copies", function()
  local q = mp.Queue()
  local n, settings = 1, {level = 1}
  local function get() return n, settings.level end
  local function outer() return get() end
  for i = 1, 3 do
    n, settings.level = i, i * 10
    for _, f in ipairs{get, outer} do
      q:put(f)
      eq({q:get()()}, {i, i * 10})
    end
  end
end)

long("queue: memory of a class that comes often", function()
  local q = mp.Queue()
  local class = {}
  for i = 1, 30 do class["method" .. i] = function(self) return self.x + i end end
  class.__index = class
  local function many(n)
    for i = 1, n do
      q:put(setmetatable({x = i}, class))
      q:get()
    end
    collectgarbage() collectgarbage()
    return collectgarbage("count")
  end
  many(1000)
  local before = many(1000)
  local after = many(100000)
  -- 40 bytes an item: other engines of this process have a heap too.
  ok(after < before + 4000, ("%d KB, then %d"):format(before, after))
end)
