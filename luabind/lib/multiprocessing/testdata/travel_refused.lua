-- Part 5 of the contract: what can't travel is an error at start, and nothing is started.
local child = require "child"
local machine = require "machine"
local multiprocessing = require "multiprocessing"
local said = child.said

local function nothing() end

local function file() return assert(io.open("testdata/travel_refused.lua")) end

local function suspended()
  local co = coroutine.create(function() coroutine.yield() end)
  coroutine.resume(co)
  return co
end

-- refused checks that p can't be started, with which text (exact, or a pattern where exact is false),
-- and that nothing came of it.
local function refused(p, text, exact)
  local message
  if exact == false then
    message = raises(nil, function() p:start() end)
    match(message, "testdata/travel_refused%.lua:%d+: " .. text)
  else
    message = raises(text, function() p:start() end)
  end
  eq(p.pid, nil)
  eq(p.exitcode, nil)
  eq(p:is_alive(), false)
  match(tostring(p), " initial>$")
  eq(multiprocessing.active_children(), {})
  eq(machine.children(), {})
  raises("can only join a started process", function() p:join() end)
  raises("process not started", function() p:terminate() end)
end

test("a file in args, by its way", function()
  local log = file()
  local entry = {conn = {log = log}}
  local p = Process{name = "worker", target = nothing, args = {entry}}
  refused(p, "cannot send to process 'worker': args[1].conn.log is a file (open it in the child)")
  refused(p, "cannot send to process 'worker': args[1].conn.log is a file (open it in the child)")
  p.name = "other"
  refused(p, "cannot send to process 'other': args[1].conn.log is a file (open it in the child)")
  entry.conn.log = nil
  p:start()
  p:join()
  eq(p.exitcode, 0)
  log:close()
end)

test("a file as an argument", function()
  local log = file()
  refused(Process{name = "worker", target = nothing, args = {1, log}}, "cannot send to process 'worker': args[2] is a file (open it in the child)")
  refused(Process{name = "worker", target = nothing, args = {{{}, {5, log}}}}, "cannot send to process 'worker': args[1][2][2] is a file (open it in the child)")
  refused(Process{name = "worker", target = nothing, kwargs = {log = log}}, "cannot send to process 'worker': kwargs.log is a file (open it in the child)")
  refused(Process{name = "worker", target = nothing, kwargs = {a = {b = log}}}, "cannot send to process 'worker': kwargs.a.b is a file (open it in the child)")
  log:close()
end)

test("a file elsewhere: the way names it", function()
  local log = file()
  local state = {inner = {log = log}}
  local ending = "%)? is a file %(open it in the child%)$" -- whatever the way's grammar, it names what it passes
  local start = "cannot send to process 'worker': "
  refused(Process{name = "worker", target = function() return log end}, start .. ".*log.*" .. ending, false)
  refused(Process{name = "worker", target = function() return state end}, start .. ".*state.*%.inner%.log" .. ending, false)
  global_log = log
  refused(Process{name = "worker", target = function() return global_log end}, start .. ".*global_log.*" .. ending, false)
  global_state = state
  refused(Process{name = "worker", target = function() return global_state end}, start .. ".*global_state.*%.inner%.log" .. ending, false)
  refused(Process{name = "worker", target = function() return global_log, _G end}, start .. ".*global_log.*" .. ending, false)
  global_log, global_state = nil, nil

  local p = Process{name = "worker", target = nothing}
  p.log = log
  refused(p, start .. ".*log.*" .. ending, false)
  p.log = nil
  p:start()
  p:join()
  eq(p.exitcode, 0)

  local function deep() return function() return state end end
  refused(Process{name = "worker", target = deep()}, start .. ".*state.*%.inner%.log" .. ending, false)
  refused(Process{name = "worker", target = nothing, args = {setmetatable({}, {__index = {log = log}})}}, start .. ".*args%[1%].*log" .. ending, false)
  refused(Process{name = "worker", target = nothing, args = {{[log] = true}}}, start .. ".*args%[1%].*" .. ending, false)
  refused(Process{name = "worker", target = setfenv(function() return log end, {log = log})}, start .. ".*log.*" .. ending, false)
  log:close()
end)

test("a class's object", function()
  local Holder = Process:subclass("Holder")
  function Holder:initialize(log)
    Process.initialize(self, {name = "holder"})
    self.log = log
  end
  function Holder:run() print(self.log) end
  local log = file()
  local p = Holder(log)
  refused(p, "cannot send to process 'holder': .*log is a file %(open it in the child%)$", false)
  p.log = "a name instead"
  printed()
  p:start()
  p:join()
  eq(printed(), "a name instead\n")
  log:close()
end)

test("a coroutine", function()
  local co = suspended()
  local start = "cannot send to process 'worker': "
  refused(Process{name = "worker", target = nothing, args = {co}}, start .. "args%[1%] is a coroutine", false)
  refused(Process{name = "worker", target = nothing, args = {{x = {co}}}}, start .. "args%[1%]%.x%[1%] is a coroutine", false)
  refused(Process{name = "worker", target = function() return co end}, start .. ".*co.* is a coroutine", false)
  refused(Process{name = "worker", target = nothing, args = {coroutine.running() or co}}, start .. "args%[1%] is a coroutine", false)
end)

test("a Go value that says nothing of it", function()
  local opaque = machine.opaque()
  local start = "cannot send to process 'worker': "
  local box = {value = opaque}
  refused(Process{name = "worker", target = nothing, args = {opaque}}, start .. "args%[1%] is ", false)
  local p = Process{name = "worker", target = nothing, args = {box}}
  refused(p, start .. "args%[1%]%.value is ", false)
  refused(Process{name = "worker", target = function() return opaque end}, start .. ".*opaque.* is ", false)
  refused(Process{name = "worker", target = nothing, args = {machine.nameless()}}, start .. "args%[1%] is ", false)
  box.value = nil
  p:start()
  p:join()
  eq(p.exitcode, 0)
end)

test("swept in with all globals: a value whose every use raises", function()
  log = file()
  local named = "log"
  local text = "cannot send to process 'worker': .*log.* is a file %(open it in the child%)"
  local p = Process{name = "worker", target = function()
    local v = _G[named]
    print(v == nil, v ~= v)
    local passed = v
    local uses = {
      index = function() return v.x end,
      method = function() return v:read() end,
      set = function() v.x = 1 end,
      call = function() v() end,
      add = function() return v + 1 end,
      radd = function() return 1 + v end,
      sub = function() return v - 1 end,
      mul = function() return v * 1 end,
      div = function() return v / 1 end,
      mod = function() return v % 1 end,
      pow = function() return v ^ 1 end,
      unm = function() return -v end,
      concat = function() return v .. "x" end,
      rconcat = function() return "x" .. v end,
      len = function() return #v end,
      lt = function() return v < v end,
      le = function() return v <= v end,
      tostring = function() return tostring(v) end,
    }
    local names = {}
    for name in pairs(uses) do names[#names + 1] = name end
    table.sort(names)
    for _, name in ipairs(names) do
      local fine, message = pcall(uses[name])
      if fine or not tostring(message):find(text) then print(name, fine, message) end
    end
    print(#names)
  end}
  printed()
  p:start()
  p:join()
  eq(p.exitcode, 0)
  eq(printed(), "false\tfalse\n18\n")
  log:close()
  log = nil
end)

test("swept in, and used without a pcall", function()
  log = file()
  local named = "log"
  local p = Process{name = "worker", target = function() return _G[named]:read() end}
  complained()
  p:start()
  p:join()
  eq(p.exitcode, 1)
  match(complained(), "travel_refused%.lua:%d+: cannot send to process 'worker': .*log.* is a file %(open it in the child%)")
  log:close()
  log = nil
end)

test("swept in: coroutines, and deep in tables", function()
  local co = suspended()
  holder = {inner = {co = co, fine = "fine"}}
  eq(said(function()
    local holder = _G["hol" .. "der"]
    print(holder.inner.fine, (pcall(function() return holder.inner.co.x end)))
    print((select(2, pcall(coroutine.resume, holder.inner.co))) ~= nil)
  end), "fine\tfalse\ntrue")
  holder = nil
end)

test("the same value, once reached and once swept in", function()
  local log = file()
  same_log = log
  refused(Process{name = "worker", target = function() return _G, log end}, "cannot send to process 'worker': .*log.* is a file %(open it in the child%)$", false)
  same_log = nil
  log:close()
end)

test("a child, refused in a child", function()
  eq(said(function()
    local log = io.open("testdata/travel_refused.lua")
    local p = Process{name = "inner", args = {{log}}}
    print((select(2, pcall(function() p:start() end)):match(": (.*)$")))
    print(p.pid, #require("multiprocessing").active_children())
  end), "cannot send to process 'inner': args[1][1] is a file (open it in the child)\nnil\t0")
end)

test("many refusals leave nothing", function()
  local log = file()
  local before = machine.descriptors()
  for i = 1, 20 do
    local p = Process{args = {log}}
    raises(nil, function() p:start() end)
  end
  ok(machine.descriptors() <= before)
  eq(machine.children(), {})
  log:close()
end)
