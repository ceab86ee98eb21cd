-- Part 3 of the contract, "The end of a process": how a child ends and what is seen of it.
if short then return end -- nearly each test here starts processes

local child = require "child"
local machine = require "machine"
local multiprocessing = require "multiprocessing"
local outcome, started, forever = child.outcome, child.started, child.forever

-- ends checks the exit codes of many children at once, cases as those of child.codes, and that they said nothing.
local function ends(cases)
  printed()
  complained()
  eq(child.codes(cases))
  eq(printed(), "")
  eq(complained(), "")
end

test("a target that returns", function()
  ends{
    {0, function() end},
    {0, function() return 5 end},
    {0, function() return nil, "error" end},
    {0, function() return false end},
  }
end)

test("os.exit", function()
  local cases = {{0, os.exit}, {0, function() os.exit() end}}
  for _, c in ipairs{{0, 0}, {3, 3}, {255, 255}, {256, 0}, {256 + 3, 3}, {-1, 255}, {true, 0}, {false, 1}} do
    cases[#cases + 1] = {c[2], function() os.exit(c[1]) end}
    cases[#cases + 1] = {c[2], os.exit, c[1]}
  end
  ends(cases)
end)

test("os.exit from anywhere", function()
  ends{
    {3, function() pcall(os.exit, 3) os.exit(4) end},
    {3, function() pcall(function() os.exit(3) end) os.exit(4) end},
    {3, function() xpcall(function() os.exit(3) end, function() os.exit(5) end) os.exit(4) end},
    {3, function() xpcall(function() error("x") end, function() os.exit(3) end) os.exit(4) end},
    {3, function() coroutine.wrap(function() os.exit(3) end)() os.exit(4) end},
    {3, function() coroutine.resume(coroutine.create(function() pcall(os.exit, 3) end)) os.exit(4) end},
    {3, function() pcall(coroutine.wrap(function() pcall(function() os.exit(3) end) end)) os.exit(4) end},
    {3, function()
      local t = setmetatable({}, {__index = function() os.exit(3) end})
      pcall(function() return t.x .. "" end)
      os.exit(4)
    end},
    {3, function() pcall(table.sort, {3, 2, 1}, function() os.exit(3) end) os.exit(4) end},
    {3, function() pcall(string.gsub, "abc", ".", function() os.exit(3) end) os.exit(4) end},
    {3, function() loadstring("os.exit(3)")() os.exit(4) end},
  }
end)

test("os.exit after output", function()
  local code, out = outcome(function()
    print("line")
    io.write("no line")
    os.exit(3)
  end)
  eq(code, 3)
  eq(out, "line\nno line")
end)

test("an uncaught error", function()
  local function explode()
    print("before")
    error("boom")
  end
  local line = debug.getinfo(explode, "S").linedefined + 2
  local p = Process{name = "worker", target = explode}
  printed()
  complained()
  p:start()
  p:join()
  eq(p.exitcode, 1)
  eq(printed(), "before\n")
  local err = complained()
  match(err, "^Process worker:\n")
  match(err, "testdata/ending%.lua:" .. line .. ": boom\n")
  match(err, "stack traceback:\n")
  match(err, "\n$")
end)

test("an uncaught error in run of a class", function()
  local Broken = Process:subclass("Broken")
  function Broken:run() self.nosuch.field = 1 end
  local p = Broken()
  complained()
  p:start()
  p:join()
  eq(p.exitcode, 1)
  local err = complained()
  match(err, "^Process " .. p.name:gsub("%-", "%%-") .. ":\n")
  match(err, "testdata/ending%.lua:%d+: ")
end)

test("an uncaught error deep down", function()
  local function deep(n)
    if n == 0 then error("at the bottom") end
    deep(n - 1)
    return n
  end
  local code, _, err = outcome(deep, 5)
  eq(code, 1)
  match(err, "ending%.lua:%d+: at the bottom")
  local frames = 0
  for _ in err:gmatch("ending%.lua:%d+:") do frames = frames + 1 end
  ok(frames >= 6, "the traceback has its frames: " .. err)
end)

test("an uncaught error that is no string", function()
  for _, c in ipairs{{{}, ""}, {12, "12"}, {setmetatable({}, {__tostring = function() return "my own" end}), "my own"}, {false, ""}} do
    local code, out, err = outcome(function(v) error(v) end, c[1])
    eq(code, 1)
    eq(out, "")
    match(err, "^Process Process%-%d+:\n")
    match(err, c[2])
  end
  local code, _, err = outcome(function() error() end)
  eq(code, 1)
  match(err, "^Process Process%-%d+:\n")
end)

test("an uncaught error leaves the parent be", function()
  local p = Process{target = error, args = {"x"}}
  complained()
  p:start()
  p:join()
  eq(p.exitcode, 1)
  match(complained(), "^Process Process%-%d+:\n.*x")
end)

test("errors that were caught are no end", function()
  ends{
    {0, function() pcall(error, "x") end},
    {0, function() coroutine.resume(coroutine.create(error), "x") end},
  }
end)

test("killed in the middle of output", function()
  for i = 1, 3 do
    local p = Process{target = function()
      print("ready")
      local line = ("x"):rep(10000)
      while true do print(line) end
    end}
    printed()
    p:start()
    await("ready")
    p:kill()
    p:join()
    eq(p.exitcode, -9)
    printed()
    local code, out = outcome(print, "still here")
    eq(code, 0)
    eq(out, "still here\n")
  end
end)

test("killed from outside", function()
  local p = started()
  machine.kill(p.pid, 9)
  p:join()
  eq(p.exitcode, -9)
  p = started()
  machine.kill(p.pid, 15)
  p:join()
  eq(p.exitcode, -15)
  match(tostring(p), "exitcode=%-SIGTERM>$")
end)

test("a child's children are joined when it ends", function()
  local code, out = outcome(function()
    print("child")
    Process{target = function()
      require("time").sleep(0.2)
      print("grandchild")
    end}:start()
  end)
  eq(code, 0)
  eq(out, "child\ngrandchild\n")
end)

test("a child's daemons are terminated when it ends", function()
  for _, how in ipairs{"returns", "os.exit", "error"} do
    for _, target in ipairs{child.forever, child.busy} do
      local code, out = outcome(function()
        local p = Process{target = target, daemon = true}
        p:start()
        print("daemon " .. p.pid)
        if how == "os.exit" then os.exit(3) end
        if how == "error" then error("boom") end
      end)
      eq(code, ({returns = 0, ["os.exit"] = 3, error = 1})[how])
      local pid = out:match("daemon (%d+)")
      eq(machine.state(tonumber(pid)), nil, "ended and buried before the child's own end")
    end
  end
end)

test("a child's other children are joined also after os.exit and an error", function()
  for how, want in pairs{exit = 3, error = 1} do
    local code, out = outcome(function()
      print("child")
      Process{target = function()
        require("time").sleep(0.2)
        print("grandchild")
      end}:start()
      if how == "exit" then os.exit(3) end
      error("boom")
    end)
    eq(code, want)
    eq(out, "child\ngrandchild\n")
  end
end)

test("the daemons of a killed process die with it, its other children live on", function()
  for _, signal in ipairs{9, 15} do
    local door = child.gate()
    local p = Process{target = function()
      local busy = Process{daemon = true, target = function() while true do end end}
      local idle = Process{daemon = true, target = function() require("time").sleep(1000) end}
      local other = Process{target = function() door.wait() end}
      busy:start()
      idle:start()
      other:start()
      print("pids " .. busy.pid .. " " .. idle.pid .. " " .. other.pid .. " .")
      require("time").sleep(1000)
    end}
    printed()
    p:start()
    await(" .\n")
    local busy, idle, other = printed():match("pids (%d+) (%d+) (%d+)")
    machine.kill(p.pid, signal)
    ok(child.gone(tonumber(busy)), "the computing daemon")
    ok(child.gone(tonumber(idle)), "the sleeping daemon")
    p:join()
    eq(p.exitcode, -signal)
    local state = machine.state(tonumber(other))
    ok(state and state ~= "Z" and state ~= "X", "the other child lives on, it is " .. tostring(state))
    door.open()
    ok(child.gone(tonumber(other)))
  end
end)

test("terminate ends the daemons of the child too", function()
  local p = Process{target = function()
    local busy = Process{daemon = true, target = function() while true do end end}
    busy:start()
    print("pid " .. busy.pid .. " .")
    require("time").sleep(1000)
  end}
  printed()
  p:start()
  await(" .\n")
  local busy = tonumber(printed():match("pid (%d+)"))
  p:terminate()
  p:join()
  eq(p.exitcode, -15)
  ok(child.gone(busy))
end)

test("children that outlive their parent still print", function()
  local door = child.gate()
  local p = Process{target = function()
    Process{target = function()
      door.wait()
      print("orphan speaks")
    end}:start()
    print("ready")
    require("time").sleep(1000)
  end}
  printed()
  p:start()
  await("ready")
  p:kill()
  p:join()
  door.open()
  await("orphan speaks")
end)

test("no zombie, joined or not", function()
  local list, pids = {}, {}
  for i = 1, 5 do
    list[i] = Process{}
    list[i]:start()
    pids[i] = list[i].pid
  end
  list[1] = nil -- forgotten, and so are those that follow
  for _, pid in ipairs(pids) do ok(child.buried(pid)) end
  eq(machine.children(), {})
end)

test("standard input is empty", function()
  eq(child.said(function() print(io.read(), io.read("*a"), io.read(1)) end), "nil\t\tnil")
  eq(child.said(function()
    local n = 0
    for line in io.lines() do n = n + 1 end
    print(n)
  end), "0")
end)

test("output and error are the parent's", function()
  local code, out, err = outcome(function()
    io.write("a")
    io.stdout:write("b", 1, "\n")
    io.stderr:write("complaint\n")
    print("c", nil, true)
  end)
  eq(code, 0)
  eq(out, "ab1\nc\tnil\ttrue\n")
  eq(err, "complaint\n")
end)

test("what the parent wrote before start stands before what the child writes", function()
  local p = Process{target = function() print("child") end}
  printed()
  print("line")
  p:start()
  p:join()
  print("after")
  eq(printed(), "line\nchild\nafter\n")
end)

test("lines stay whole", function()
  local list = {}
  printed()
  for c = 1, 6 do
    list[c] = Process{target = function(c)
      local text = string.char(96 + c):rep(c == 1 and 10000 or 100)
      for i = 1, 300 do print(c, i, text) end
    end, args = {c}}
  end
  for _, p in ipairs(list) do p:start() end
  for _, p in ipairs(list) do p:join() end
  local n, next, bad = 0, {1, 1, 1, 1, 1, 1}, 0
  for line in printed():gmatch("([^\n]*)\n") do
    n = n + 1
    local c, i, text = line:match("^(%d)\t(%d+)\t(%a+)$")
    c, i = tonumber(c), tonumber(i)
    if not c or i ~= next[c] or text ~= string.char(96 + c):rep(c == 1 and 10000 or 100) then
      bad = bad + 1
    else
      next[c] = i + 1
    end
  end
  eq(bad, 0)
  eq(n, 1800)
end)

test("nothing is left", function()
  eq(multiprocessing.active_children(), {})
  eq(machine.children(), {})
end)
