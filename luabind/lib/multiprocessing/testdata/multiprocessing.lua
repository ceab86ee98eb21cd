-- Parts 2 and 4 of the contract: the names a script finds, and what require "multiprocessing" gives.
local child = require "child"
local machine = require "machine"
local multiprocessing = require "multiprocessing"
local time = require "time"
local said, started = child.said, child.started
local current_process, parent_process = multiprocessing.current_process, multiprocessing.parent_process
local active_children, wait = multiprocessing.active_children, multiprocessing.wait

local function contains(list, p)
  for _, q in ipairs(list) do
    if rawequal(p, q) then return true end
  end
  return false
end

-- The names.

test("names", function()
  eq(rawequal(multiprocessing.Process, Process), true)
  eq(rawequal(require "multiprocessing", multiprocessing), true)
  eq(Process.sleep, time.sleep)
  eq(__name__, "__main__")
  eq(os.getpid(), machine.pid())
  eq(os.getppid(), machine.ppid())
end)

test("names in a child", function()
  eq(said(function() print(__name__) end), "__mp_main__")
  eq(said(function()
    local multiprocessing, time = require "multiprocessing", require "time"
    print(multiprocessing.Process == Process, Process.sleep == time.sleep, type(time.time()), type(time.monotonic()))
  end), "true\ttrue\tnumber\tnumber")
  eq(said(function() print(os.getppid()) end), tostring(os.getpid()))
  eq(said(function() print(Process == require("multiprocessing").Process, tostring(Process)) end), "true\tclass Process")
  eq(said(function() print(wait == require("multiprocessing").wait, time == require("time")) end), "true\ttrue")
end)

test("the main script isn't run again", function()
  times = (times or 0) + 1
  eq(said(function() print(times) end), "1")
  times = nil
end)

test("math.random differs from process to process", function()
  local function draw()
    local t = {}
    for i = 1, 4 do t[i] = math.random(1, 1000000) end
    print(table.concat(t, " "))
  end
  local first, second = said(draw), said(draw)
  printed()
  draw()
  local here = printed()
  ok(first ~= second, first)
  ok(first .. "\n" ~= here, first)
end)

test("math.random, seeded by the script", function()
  local function draw()
    math.randomseed(42)
    print(math.random(1, 1000000), math.random(1, 1000000), math.random(1, 1000000))
  end
  eq(said(draw), said(draw))
end)

-- sleep and the clocks.

test("sleep", function()
  for _, sleep in ipairs{time.sleep, Process.sleep} do
    eq(select("#", sleep(0)), 0)
    local before = time.monotonic()
    sleep(0.05)
    local took = time.monotonic() - before
    ok(took >= 0.05, "took " .. took)
    for _, length in ipairs{-1, -0.001, -1/0} do
      raises("sleep length must be non-negative", function() sleep(length) end)
    end
    raises("sleep length must be non-negative", function() sleep(0/0) end)
  end
end)

test("sleeps too long to be reckoned", function()
  for _, length in ipairs(short and {1/0} or {1e10, 1e300, 1/0}) do
    local p = started{target = function(length)
      print("ready")
      require("time").sleep(length)
    end, args = {length}}
    p:join(0.1)
    eq(p:is_alive(), true)
    p:kill()
    p:join()
    eq(p.exitcode, machine.windows and -15 or -9)
  end
end)

-- current_process and parent_process.

test("current_process", function()
  local current = current_process()
  eq(rawequal(current, current_process()), true)
  eq(current.name, "MainProcess")
  eq(current.pid, os.getpid())
  eq(current.ident, os.getpid())
  eq(current:is_alive(), true)
  eq(current.daemon, false)
  eq(current.exitcode, nil)
  eq(#current.authkey, 32)
  match(tostring(current), "name='MainProcess'.* started>$")
  raises("can only join a child process", function() current:join() end)
  eq(contains(active_children(), current), false)
end)

test("the main process and classes have nothing to run or to change by mistake", function()
  current_process():run()
  raises("bad argument #1 to '__newindex' (class expected)", function() getmetatable(multiprocessing.Process).__newindex({}, "a", 1) end)
end)

test("current_process in a child", function()
  local p = Process{name = "worker", daemon = true, target = function()
    local me = current_process()
    print(me.name, me.pid == os.getpid(), me:is_alive(), me.daemon, me.exitcode, rawequal(me, current_process()))
    print(#require("multiprocessing").active_children())
  end}
  printed()
  p:start()
  p:join()
  eq(printed(), "worker\ttrue\ttrue\ttrue\tnil\ttrue\n0\n")
end)

test("parent_process", function()
  eq(parent_process(), nil)
  eq(said(function()
    local parent = parent_process()
    print(parent.name, parent.pid == os.getppid(), parent:is_alive(), select("#", parent:join(0)))
  end), "MainProcess\ttrue\ttrue\t0")
  local p = Process{name = "worker", target = function()
    local p = Process{target = function()
      print(parent_process().name, parent_process().pid == os.getppid())
    end}
    p:start()
    p:join()
  end}
  printed()
  p:start()
  p:join()
  eq(printed(), "worker\ttrue\n")
end)

test("parent_process of one whose parent was killed", function()
  local p = Process{target = function()
    Process{target = function()
      local parent = parent_process()
      print(parent:is_alive() and "alive" or "not alive")
      parent:join(20)
      print(parent:is_alive() and "still alive" or "gone")
    end}:start()
    require("time").sleep(1000)
  end}
  printed()
  p:start()
  await("alive\n")
  eq(printed(), "alive\n")
  p:terminate()
  p:join()
  await("\n")
  eq(printed(), "gone\n")
end)

-- active_children and cpu_count.

test("active_children", function()
  eq(active_children(), {})
  local p, q = Process{target = child.forever}, Process{target = child.forever}
  eq(active_children(), {})
  p:start()
  q:start()
  local list = active_children()
  eq(#list, 2)
  ok(contains(list, p) and contains(list, q))
  ok(not rawequal(list, active_children()), "a list of its own each time")
  p:kill()
  p:join()
  list = active_children()
  eq(#list, 1)
  ok(contains(list, q))
  q:kill()
  child.ended(q)
  eq(active_children(), {}, "not joined, but not alive")
  q:join()
end)

test("active_children keeps what the script forgot", function()
  Process{target = child.forever, name = "forgotten"}:start()
  collectgarbage()
  local list = active_children()
  eq(#list, 1)
  eq(list[1].name, "forgotten")
  list[1]:kill()
  list[1]:join()
  eq(active_children(), {})
end)

test("cpu_count", function()
  local n = multiprocessing.cpu_count()
  eq(type(n), "number")
  eq(n, math.floor(n))
  ok(n >= 1)
  ok(n <= machine.cpus(), "no more than the affinity mask allows")
end)

-- wait.

test("wait: as soon as there is one", function()
  local long, short = started(), Process{}
  short:start()
  local list = wait({long, short})
  eq(#list, 1)
  ok(rawequal(list[1], short))
  eq(wait({long}, 0), {})
  long:kill()
  list = wait({long, short}, 20)
  ok(contains(list, short))
  long:join()
  short:join()
  list = wait({long, short})
  eq(#list, 2)
  ok(contains(list, short) and contains(list, long))
end)

test("wait: sentinels and processes", function()
  local p, q = started(), started()
  p:kill()
  eq(wait({p.sentinel, q.sentinel}), {p.sentinel})
  eq(wait({q.sentinel, q}, 0), {})
  q:kill()
  local list = wait({q})
  eq(#list, 1)
  ok(rawequal(list[1], q))
  p:join()
  q:join()
  list = wait({p.sentinel, q}, 20)
  eq(#list, 2)
end)

test("wait: timeouts", function()
  local p = started()
  for _, timeout in ipairs{0, -1} do
    eq(wait({p}, timeout), {}) -- only looks: p is there for ever
  end
  local before = time.monotonic()
  eq(wait({p, p.sentinel}, 0.1), {})
  local took = time.monotonic() - before
  ok(took >= 0.1 - machine.tick, "took " .. took)
  eq(wait({}, 0), {})
  p:kill()
  eq(#wait({p}, 1e6), 1)
  p:join()
end)

test("wait: does not join for its caller", function()
  local p = Process{target = os.exit, args = {3}}
  p:start()
  eq(#wait({p}), 1)
  eq(p.exitcode, 3)
  p:join()
  eq(p.exitcode, 3)
end)

test("wait: one after the other", function()
  local left, order, n = {}, {}, 0
  local doors = {}
  for i = 1, 4 do
    local door = child.gate()
    doors[i] = door
    left[i] = Process{name = "w" .. i, target = function() door.wait() end}
    left[i]:start()
  end
  for _, i in ipairs{3, 1, 4, 2} do
    doors[i].open()
    local list = wait(left, 20)
    eq(#list, 1)
    order[#order + 1] = list[1].name
    for j = #left, 1, -1 do
      if rawequal(left[j], list[1]) then table.remove(left, j) end
    end
    list[1]:join()
    n = n + 1
  end
  eq(order, {"w3", "w1", "w4", "w2"})
end)

test("nothing is left", function()
  eq(active_children(), {})
  eq(machine.children(), {})
end)
