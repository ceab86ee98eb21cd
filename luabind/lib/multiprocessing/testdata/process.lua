-- Part 3 of the contract: a Process and its members, row by row.
local child = require "child"
local machine = require "machine"
local multiprocessing = require "multiprocessing"
local time = require "time"
local killed = machine.windows and -15 or -9 -- TerminateProcess is all that there is
local said, started, forever, busy = child.said, child.started, child.forever, child.busy

local function nothing() end

-- show prints how many arguments it was given, then each; tables by their fields.
local function show(...)
  local words = {select("#", ...)}
  for i = 1, select("#", ...) do
    local v = select(i, ...)
    if type(v) == "table" then
      local keys = {}
      for k, item in pairs(v) do keys[#keys + 1] = tostring(k) .. "=" .. tostring(item) end
      table.sort(keys)
      v = "{" .. table.concat(keys, ",") .. "}"
    end
    words[#words + 1] = tostring(v)
  end
  print(table.concat(words, " "))
end

-- run(p) starts p, joins it and gives back what was printed.
local function run(p)
  printed()
  p:start()
  p:join()
  eq(p.exitcode, 0)
  return printed()
end

local function contains(list, p)
  for _, q in ipairs(list) do
    if rawequal(p, q) then return true end
  end
  return false
end

local closed = "process object is closed"

-- Making one.

test("names", function()
  eq(multiprocessing.Process, Process)
  eq(tostring(Process), "class Process")
end)

test("no keyword is needed", function()
  eq(run(Process{}), "")
  eq(run(Process()), "")
end)

test("unknown keywords", function()
  raises("Process() got an unexpected keyword argument 'tagret'", function() Process{tagret = nothing} end)
  raises("Process() takes keyword arguments only, in a table: Process{target = f}", function() Process(nil, nothing) end)
  raises("Process() got an unexpected keyword argument 'Target'", function()
    return (Process{
      Target = nothing, args = {},
    })
  end)
  raises("Process() got an unexpected keyword argument 'pid'", function() Process{target = nothing, pid = 1} end)
  raises(nil, function() Process{nothing} end)
  raises(nil, function() Process(nothing) end)
end)

test("group", function()
  for _, group in ipairs{"workers", 1, {}, true} do
    raises("group argument must be None for now", function() Process{group = group} end)
  end
  raises("group argument must be None for now", function() Process{group = false, target = nothing} end)
  eq(Process{group = nil}.pid, nil)
end)

test("targets that can't be called", function()
  for _, target in ipairs{5, "print", {}, true, coroutine.create(nothing), setmetatable({}, {__index = {__call = nothing}})} do
    raises("target must be callable", function() Process{target = target} end)
  end
  raises("target must be callable", function() Process{target = false} end)
end)

long("targets that can be called", function()
  eq(run(Process{target = print, args = {"a", 1}}), "a\t1\n", "a function of Go")
  local adder = setmetatable({n = 3}, {__call = function(self, a) print(self.n + a) end})
  eq(run(Process{target = adder, args = {4}}), "7\n", "a table with __call")
  local object = {word = "hello"}
  function object:say(to) print(self.word .. " " .. to) end
  eq(run(Process{target = object.say, args = {object, "you"}}), "hello you\n", "a method")
end)

test("no target: a child that does nothing", function()
  local p = Process{args = {1, 2}, kwargs = {x = 1}}
  eq(run(p), "")
  eq(p.exitcode, 0)
end)

test("name must be a string", function()
  raises("name must be a string", function() Process{name = 5} end)
  raises("name must be a string", function() Process{name = {}} end)
end)

-- What the target is called with.

test("args", function()
  local cases, list = {
    {{}, "0"},
    {{{1}, {x = "y"}}, "2 {1=1} {x=y}"},
    {{1, 2, "egon", n = 3}, "3 1 2 egon"},
    {{1, nil, 3, n = 3}, "3 1 nil 3"},
    {{1, 2, 3, n = 1}, "1 1"},
    {{nil, nil, n = 2}, "2 nil nil"},
    {{1, n = 3}, "3 1 nil nil"},
    {{1, 2, n = 0}, "0"},
    {{false, true}, "2 false true"},
    {{1, 2, "egon"}, "3 1 2 egon"},
  }, {}
  while short and #cases > 5 do cases[#cases] = nil end
  printed()
  for i, c in ipairs(cases) do
    list[i] = Process{name = "case " .. i, args = c[1], target = function(...)
      show(require("multiprocessing").current_process().name .. ":", ...)
    end}
    list[i]:start()
  end
  for _, p in ipairs(list) do p:join() end
  local out = printed()
  for i, c in ipairs(cases) do
    local n, rest = c[2]:match("^(%d)(.*)$")
    ok(out:find(n + 1 .. " case " .. i .. ":" .. rest .. "\n", 1, true), out)
  end
end)

test("kwargs follow as one last table", function()
  eq(run(Process{target = show, args = {1, n = 2}, kwargs = {x = 1}}), "3 1 nil {x=1}\n")
  if short then return end
  eq(run(Process{target = show, kwargs = {name = "egon", age = 18}}), "1 {age=18,name=egon}\n")
  eq(run(Process{target = show, args = {1, 2}, kwargs = {x = 1}}), "3 1 2 {x=1}\n")
  eq(run(Process{target = show, args = {1}, kwargs = {}}), "2 1 {}\n", "given, though empty")
end)

long("args and kwargs are copied, shallowly, when the object is made", function()
  local inner, args, kwargs = {"old"}, {1}, {x = 1}
  args[2], kwargs.inner = inner, inner
  local function see(a, b, c, d) print(a, b[1], c.x, c.inner == b, c.y, d) end
  local p = Process{target = see, args = args, kwargs = kwargs}
  args[1], args[2], args[3] = 2, {"other"}, "more"
  kwargs.x, kwargs.y, kwargs.inner = 2, 2, nil
  inner[1] = "new"
  eq(run(p), "1\tnew\t1\ttrue\tnil\tnil\n")
  eq(args, {2, {"other"}, "more"})
  eq(kwargs, {x = 2, y = 2})
end)

test("what a target gives back is of no account", function()
  local p = Process{target = function() return 5, "x", nil end}
  eq(run(p), "")
  eq(p.exitcode, 0)
end)

long("the keywords' own table may be used again", function()
  local keywords = {target = show, args = {1}, name = "twice"}
  eq(run(Process(keywords)), "1 1\n")
  eq(run(Process(keywords)), "1 1\n")
  eq(keywords, {target = show, args = {1}, name = "twice"})
end)

-- A whole life.

test("life", function()
  local door = child.gate()
  local p = Process{
    target = function(...)
      local me = require("multiprocessing").current_process()
      show(...)
      print(me.name, me.pid == os.getpid(), me.ident == me.pid, me.daemon, me:is_alive(), me.exitcode)
      door.wait()
    end,
    args = {1, 2}, kwargs = {hello = 23, bye = 2.54}, name = "SomeProcess",
  }
  p.daemon = true
  local current = multiprocessing.current_process()
  current:close() -- it closed itself, and could not be used any more
  eq(current:is_alive(), true)
  eq(p.authkey, current.authkey)
  eq(p:is_alive(), false)
  eq(p.daemon, true)
  eq(contains(multiprocessing.active_children(), p), false)
  eq(p.exitcode, nil)
  eq(p.pid, nil)
  eq(p.ident, nil)

  printed()
  eq(select("#", p:start()), 0)
  await("SomeProcess")
  eq(p.exitcode, nil)
  eq(p:is_alive(), true)
  eq(contains(multiprocessing.active_children(), p), true)
  eq(type(p.pid), "number")
  ok(p.pid ~= os.getpid())
  eq(p.ident, p.pid)
  ok(machine.state(p.pid), "a real process")

  door.open()
  p:join()
  eq(printed(), "3 1 2 {bye=2.54,hello=23}\nSomeProcess\ttrue\ttrue\ttrue\ttrue\tnil\n")
  eq(p.exitcode, 0)
  eq(p:is_alive(), false)
  eq(contains(multiprocessing.active_children(), p), false)
  eq(type(p.pid), "number", "kept after the end")
  eq(machine.state(p.pid), nil)
end)

test("pid and ppid", function()
  local p = Process{target = function() print(os.getpid(), os.getppid()) end}
  eq(run(p), p.pid .. "\t" .. os.getpid() .. "\n")
end)

test("start: once", function()
  local p = started()
  raises("cannot start a process twice", function() p:start() end)
  p:kill()
  p:join()
  raises("cannot start a process twice", function()
    local unused = 1
    p:start()
  end)
  eq(p.exitcode, killed)
end)

test("start: nor by a copy of one that was started", function()
  local q = multiprocessing.Queue()
  local p = Process{target = function() end}
  q:put(p)
  local before = q:get()
  p:start()
  q:put(p)
  local copy = q:get()
  p:join()
  eq(tostring(copy), ("<Process name='%s' pid=%d parent=%d unknown>"):format(p.name, p.pid, os.getpid()))
  raises("cannot start a process twice", function() copy:start() end)
  raises("can only join a child process", function() copy:join() end)
  before:start() -- it hadn't been started, and is another one
  before:join()
  eq(before.exitcode, 0)
  ok(before.pid ~= p.pid)
end)

test("start: memory is apart", function()
  local n = {100}
  x = 100
  eq(said(function()
    n[1] = 0
    x = 0
    print(n[1], x)
  end), "0\t0")
  eq(n[1], 100)
  eq(x, 100)
  x = nil
end)

test("run: runs it here", function()
  local seen = {}
  local p = Process{
    target = function(...) seen.pid, seen.n, seen.last = os.getpid(), select("#", ...), (select(-1, ...)) end,
    args = {1, 2}, kwargs = {k = "v"},
  }
  p:run()
  eq(seen.pid, os.getpid())
  eq(seen.n, 3)
  eq(seen.last.k, "v")
  eq(p.pid, nil)
  eq(p.exitcode, nil)
  eq(p:is_alive(), false)
  raises("can only join a started process", function() p:join() end)
  seen.pid = nil
  eq(run(p), "", "and it can still be started")
  eq(seen.pid, nil)
  Process{}:run()
end)

test("run: an error is the caller's", function()
  raises("boom", function() Process{target = function() error("boom") end}:run() end)
end)

long("run: set on the object", function()
  local p = Process{target = show, args = {"of the target"}}
  function p:run() print("own", rawequal(self, require("multiprocessing").current_process())) end
  eq(run(p), "own\ttrue\n")
end)

-- join, and the three ways to end a child.

test("join: returns nothing, may be called again", function()
  local p = Process{target = print, args = {"said"}}
  printed()
  p:start()
  eq(select("#", p:join()), 0)
  eq(printed(), "said\n")
  eq(select("#", p:join()), 0)
  eq(select("#", p:join(1)), 0)
  eq(select("#", p:join(nil)), 0)
end)

test("join: not started", function()
  local p = Process{}
  raises("can only join a started process", function() p:join() end)
  raises("can only join a started process", function() p:join(0) end)
end)

test("join: a timeout", function()
  local p = started()
  for _, timeout in ipairs{0, -1, -1/0, -0.5} do
    eq(select("#", p:join(timeout)), 0) -- only looks: p is there for ever
    eq(p:is_alive(), true)
  end
  local before = time.monotonic()
  eq(select("#", p:join(0.1)), 0)
  local took = time.monotonic() - before
  ok(took >= 0.1 - machine.tick, "took " .. took)
  eq(p:is_alive(), true)
  eq(p.exitcode, nil)
  p:kill()
  p:join(1e6) -- a timeout is no delay
  eq(p:is_alive(), false)
end)

test("join: an endless timeout", function()
  local p = Process{}
  p:start()
  p:join(1/0)
  eq(p.exitcode, 0)
end)

test("join: all that was printed is there", function()
  local p = Process{target = function() for i = 1, 2000 do print(("x"):rep(100) .. i) end end}
  local out = run(p)
  local n = 0
  for line in out:gmatch("[^\n]+") do
    n = n + 1
    if line ~= ("x"):rep(100) .. n then return eq(line, "line " .. n) end
  end
  eq(n, 2000)
end)

local signals = {terminate = {15, "SIGTERM"}, kill = {9, "SIGKILL"}, interrupt = {2, "SIGINT"}}
if machine.windows then signals.kill = signals.terminate end
for name, c in pairs(signals) do
  test(name, function()
    if machine.windows and name == "interrupt" then
      local p = started()
      raises("proc: send interrupt to process " .. p.pid .. ": not supported by windows", function() p:interrupt() end)
      p:kill()
      return
    end
    for i, target in ipairs(short and name ~= "interrupt" and {busy} or {forever, busy}) do
      local p = started{target = target, name = "victim", daemon = i == 1}
      complained()
      eq(p:is_alive(), true)
      eq(select("#", p[name](p)), 0)
      p:join()
      eq(p.exitcode, -c[1])
      eq(p:is_alive(), false)
      eq(contains(multiprocessing.active_children(), p), false)
      eq(tostring(p), "<Process name='victim' pid=" .. p.pid .. " parent=" .. os.getpid()
        .. " stopped exitcode=-" .. c[2] .. (i == 1 and " daemon>" or ">"))
      eq(complained(), "", "no message")
      p:join()
      p[name](p)
      eq(p.exitcode, -c[1])
    end
  end)

  test(name .. ": not started", function()
    raises("process not started", function()
      local p = Process{}
      p[name](p)
    end)
  end)

  test(name .. ": no effect once it has ended", function()
    local p = Process{target = os.exit, args = {7}}
    p:start()
    child.ended(p)
    p[name](p)
    eq(p.exitcode, 7)
    p:join()
    p[name](p)
    eq(p.exitcode, 7)
  end)
end

test("the end is seen without join", function()
  local p = Process{target = os.exit, args = {3}}
  eq(p:is_alive(), false)
  p:start()
  child.ended(p)
  eq(p:is_alive(), false)
  eq(p.exitcode, 3)
  eq(contains(multiprocessing.active_children(), p), false)
  p:join()
end)

-- close.

test("close: while it runs", function()
  local p = started()
  raises("Cannot close a process while it is still running. You should first call join() or terminate().",
    function() p:close() end)
  eq(p:is_alive(), true)
  p:terminate()
  p:join()
  eq(p.exitcode, -15)
  p:close()
end)

test("close: afterwards", function()
  local p = Process{name = "gone", daemon = true}
  p:start()
  p:join()
  eq(select("#", p:close()), 0)
  for _, name in ipairs{"start", "run", "join", "terminate", "kill", "interrupt", "is_alive"} do
    raises(closed, function() p[name](p) end)
  end
  for _, name in ipairs{"pid", "ident", "exitcode"} do
    raises(closed, function() return "the value is " .. p[name] end)
  end
  raises(closed, function() local unused = p.sentinel end)
  raises(closed, function() p:join(0) end)
  p:close()
  p:close()
  eq(p.name, "gone")
  eq(p.daemon, true)
  match(tostring(p), "^<Process name='gone'.* parent=" .. os.getpid() .. " closed daemon>$")
  p.name = "still"
  match(tostring(p), "^<Process name='still'")
  eq(contains(multiprocessing.active_children(), p), false)
end)

test("close: ended, not joined", function()
  local p = Process{}
  p:start()
  child.ended(p)
  p:close()
  raises(closed, function() p:join() end)
end)

test("close: never started", function()
  local p = Process{}
  p:close()
  raises(closed, function() p:start() end)
  raises(closed, function() p:join() end)
end)

-- The other members.

long("name: set at any time", function()
  local p = Process{target = function() print(require("multiprocessing").current_process().name) end}
  p.name = "before"
  eq(p.name, "before")
  printed()
  p:start()
  p.name = "while"
  eq(p.name, "while")
  p:join()
  eq(printed(), "before\n")
  p.name = "after"
  eq(p.name, "after")
  for _, name in ipairs{"", "子进程1", "a\0b\255", ("long "):rep(1000)} do
    p = Process{name = name, target = function() io.write(require("multiprocessing").current_process().name) end}
    eq(p.name, name)
    eq(run(p), name)
  end
end)

test("name: must be a string", function()
  local p = Process{name = "good"}
  for _, name in ipairs{5, true, {}, nothing} do
    raises("name must be a string", function() p.name = name end)
  end
  raises("name must be a string", function() p.name = nil end)
  eq(p.name, "good")
end)

test("daemon: set before the start", function()
  local p = Process{}
  eq(p.daemon, false)
  p.daemon = true
  eq(p.daemon, true)
  p.daemon = false
  eq(p.daemon, false)
  eq(Process{daemon = true}.daemon, true)
  eq(Process{daemon = false}.daemon, false)
  p:start()
  raises("process has already started", function() p.daemon = true end)
  p:join()
  raises("process has already started", function() p.daemon = true end)
  eq(p.daemon, false)
end)

long("daemon: taken from the process that makes it", function()
  local function see() print(require("multiprocessing").current_process().daemon, Process{}.daemon, Process{daemon = false}.daemon) end
  eq(run(Process{target = see}), "false\tfalse\tfalse\n")
  eq(run(Process{target = see, daemon = true}), "true\ttrue\tfalse\n")
end)

long("daemon: no children", function()
  local text = child.text
  local p = Process{daemon = true, target = function()
    local p = Process{}
    print(text(function() p:start() end))
    p.daemon = false
    print(text(function() p:start() end))
    print(p.pid, p:is_alive(), p.exitcode, #require("multiprocessing").active_children())
    p:run()
  end}
  local refusal = "daemonic processes are not allowed to have children\n"
  eq(run(p), refusal .. refusal .. "nil\tfalse\tnil\t0\n")
end)

long("authkey", function()
  local key = multiprocessing.current_process().authkey
  eq(type(key), "string")
  eq(#key, 32)
  ok(key ~= ("\0"):rep(32))
  local function tell()
    io.write(require("multiprocessing").current_process().authkey)
  end
  eq(run(Process{target = tell}), key)
  eq(run(Process{target = function()
    local p = Process{target = tell}
    p:start()
    p:join()
  end}), key, "of a child's child")
  local p = Process{target = tell}
  eq(p.authkey, key)
  p.authkey = "secret\0"
  eq(p.authkey, "secret\0")
  eq(run(p), "secret\0")
  eq(Process{}.authkey, key)
  eq(multiprocessing.current_process().authkey, key)
  multiprocessing.current_process().authkey = "other"
  eq(Process{}.authkey, "other")
  eq(run(Process{target = tell}), "other")
  multiprocessing.current_process().authkey = key
end)

long("sentinel", function()
  local p = Process{target = forever}
  raises("process not started", function() local unused = p.sentinel end)
  printed()
  p:start()
  await("ready")
  eq(type(p.sentinel), "number")
  eq(p.sentinel, p.sentinel)
  eq(multiprocessing.wait({p.sentinel}, 0), {})
  p:kill()
  eq(multiprocessing.wait({p.sentinel}), {p.sentinel})
  p:join()
  eq(multiprocessing.wait({p.sentinel}, 20), {p.sentinel}, "after join")
end)

long("tostring", function()
  local parent = os.getpid()
  local p = Process{name = "X", target = forever}
  eq(tostring(p), "<Process name='X' parent=" .. parent .. " initial>")
  printed()
  p:start()
  await("ready")
  eq(tostring(p), "<Process name='X' pid=" .. p.pid .. " parent=" .. parent .. " started>")
  p:terminate()
  p:join()
  eq(tostring(p), "<Process name='X' pid=" .. p.pid .. " parent=" .. parent .. " stopped exitcode=-SIGTERM>")
  p:close()
  match(tostring(p), "^<Process name='X'.* parent=" .. parent .. " closed>$")

  p = Process{name = "Y", daemon = true, target = os.exit, args = {3}}
  eq(tostring(p), "<Process name='Y' parent=" .. parent .. " initial daemon>")
  p:start()
  p:join()
  eq(tostring(p), "<Process name='Y' pid=" .. p.pid .. " parent=" .. parent .. " stopped exitcode=3 daemon>")

  p = Process{name = "Z"}
  p:start()
  p:join()
  eq(tostring(p), "<Process name='Z' pid=" .. p.pid .. " parent=" .. parent .. " stopped exitcode=0>")

  match(said(function() print(require("multiprocessing").current_process()) end),
    "^<Process name='Process%-%d+'.* parent=" .. parent .. " started>$")
end)

long("other fields are the script's, and travel", function()
  local p = Process{target = function()
    local me = require("multiprocessing").current_process()
    print(me.list[1], me.list == me.again, me.f(), me.me == me, me.late, rawequal(me, me.me))
    me.list[1] = "changed"
  end}
  p.list, p.f, p.me = {"first"}, function() return "of f" end, p
  p.again = p.list
  printed()
  p:start()
  p.late = "too late"
  p:join()
  eq(printed(), "first\ttrue\tof f\ttrue\tnil\ttrue\n")
  eq(p.list, {"first"})
  eq(p.late, "too late")
  p.list = nil
  eq(p.list, nil)
  eq(p.nosuch, nil)
end)

-- In another process than the one that made it.

long("not ours", function()
  local text = child.text
  local other, unstarted = started{name = "other"}, Process{name = "unstarted", args = {1}}
  local out = said(function(other, unstarted, pid)
    print(text(function() unstarted:start() end))
    print(text(function() unstarted:join() end))
    print(text(function() unstarted:is_alive() end))
    print(text(function() other:join() end))
    print(text(function() other:join(0) end))
    print(text(function() other:is_alive() end))
    print(other.name, other.pid == pid, unstarted.name, unstarted.pid)
    print(text(function() require("multiprocessing").current_process():join() end))
    print(text(function() require("multiprocessing").current_process():start() end))
  end, other, unstarted, other.pid)
  eq(out, table.concat({
    "can only start a process object created by current process",
    "can only join a child process",
    "can only test a child process",
    "can only join a child process",
    "can only join a child process",
    "can only test a child process",
    "other\ttrue\tunstarted\tnil",
    "can only join a child process",
    "can only start a process object created by current process",
  }, "\n"))
  eq(other:is_alive(), true)
  other:kill()
  other:join()
  eq(run(unstarted), "", "and here it can still be started")
end)

test("itself, by another way", function()
  local box = {}
  box.p = Process{target = function()
    print(rawequal(box.p, require("multiprocessing").current_process()), box.p:is_alive(), box.p.pid == os.getpid())
  end}
  eq(run(box.p), "true\ttrue\ttrue\n")
end)

-- Many at once, and in each other.

long("many", function()
  local list = {}
  for i = 1, 12 do
    list[i] = Process{target = os.exit, args = {i}}
    list[i]:start()
  end
  for i, p in ipairs(list) do
    p:join()
    eq(p.exitcode, i)
  end
  for i = 1, 12 do
    list[i] = Process{target = child.forever}
    list[i]:start()
  end
  eq(#multiprocessing.active_children(), 12)
  for _, p in ipairs(list) do p:terminate() end
  for _, p in ipairs(list) do
    p:join()
    eq(p.exitcode, -15)
  end
  eq(multiprocessing.active_children(), {})
end)

long("recursion", function()
  local function descend(id)
    print("[" .. id .. "]")
    if #id < 2 then
      for i = 0, 1 do
        local p = Process{target = descend, args = {id .. i}}
        p:start()
        p:join()
      end
    end
  end
  printed()
  descend("")
  eq(printed(), "[]\n[0]\n[00]\n[01]\n[1]\n[10]\n[11]\n")
end)

long("descriptors aren't inherited, nor do they add up", function()
  local function count(door)
    print("descriptors: " .. machine.descriptors())
    door.wait()
  end
  local door = child.gate()
  local list = {}
  printed()
  for i = 1, 4 do
    list[i] = Process{target = count, args = {door}}
    list[i]:start()
  end
  local files = {}
  for i = 1, 10 do files[i] = assert(io.open("main_test.go")) end
  list[5] = Process{target = count, args = {door}}
  list[5]:start()
  for _, f in ipairs(files) do f:close() end
  door.open()
  for _, p in ipairs(list) do p:join() end
  local out, first, n = printed(), nil, 0
  for got in out:gmatch("descriptors: (%d+)") do
    first, n = first or got, n + 1
    eq(got, first)
  end
  eq(n, 5)
end)
