-- What the tests of children share.
local machine = require "machine"

local M = {}

-- outcome(fn, ...) runs fn(...) in a child. Gives back its exit code, what it printed and what it complained of.
function M.outcome(fn, ...)
  local args = {...}
  args.n = select("#", ...)
  printed()
  complained()
  local p = Process{target = fn, args = args}
  p:start()
  p:join()
  return p.exitcode, printed(), complained()
end

-- said(fn, ...) is what fn(...) prints in a child that must end well, without the last line's end.
function M.said(fn, ...)
  local code, out, err = M.outcome(fn, ...)
  if code ~= 0 or err ~= "" then
    error("the child ended with " .. tostring(code) .. ": " .. err, 2)
  end
  if out:sub(-1) == "\n" then out = out:sub(1, -2) end
  return out
end

-- codes(cases) runs each case, {want, fn, ...}, in a child, all at once. Gives back a list of the exit
-- codes wanted, and one of those that came.
function M.codes(cases)
  local list, want, got = {}, {}, {}
  for i, case in ipairs(cases) do
    list[i] = Process{target = case[2], args = {unpack(case, 3, table.maxn(case))}}
    list[i]:start()
  end
  for i, p in ipairs(list) do
    p:join()
    got[i], want[i] = p.exitcode, cases[i][1]
  end
  return want, got
end

-- forever is a target that says when it runs, and sleeps. Whoever starts it ends it.
function M.forever()
  print("ready")
  Process.sleep(1000)
end

-- busy is one that computes instead.
function M.busy()
  print("ready")
  while true do end
end

-- started(keywords) is a child that was started and is known to run its target, M.forever unless told.
function M.started(keywords)
  keywords = keywords or {}
  keywords.target = keywords.target or M.forever
  local p = Process(keywords)
  printed()
  p:start()
  await("ready\n")
  printed()
  return p
end

-- ended(p) waits for the end of p without joining it.
function M.ended(p)
  local list = require("multiprocessing").wait({p.sentinel}, 60)
  if #list ~= 1 then error("still running: " .. tostring(p), 2) end
end

-- gate() is a door between processes: wait in one goes on when open was called in another.
function M.gate()
  local path = machine.temp()
  local function open()
    assert(io.open(path, "w")):close()
  end
  local function wait()
    local time = require "time"
    local over = time.monotonic() + 60
    while true do
      local f = io.open(path)
      if f then
        f:close()
        return
      end
      if time.monotonic() > over then error("the gate stayed shut", 2) end
      time.sleep(0.005)
    end
  end
  return {open = open, wait = wait}
end

local function waits(seconds, done)
  local time = require "time"
  local over = time.monotonic() + (seconds or 60)
  while not done() do
    if time.monotonic() > over then return false end
    time.sleep(0.005)
  end
  return true
end

-- buried(pid) waits until nothing is left of a child of ours, not even a zombie; false if that doesn't come about.
function M.buried(pid)
  return waits(60, function() return machine.state(pid) == nil end)
end

-- gone(pid [, seconds]) is for the children of others: dead will do, burying them is somebody else's task.
function M.gone(pid, seconds)
  return waits(seconds, function()
    local state = machine.state(pid)
    return state == nil or state == "Z" or state == "X"
  end)
end

-- text(fn, ...) is the error that fn(...) raises, less its position.
function M.text(fn, ...)
  local fine, message = pcall(fn, ...)
  if fine then return "no error" end
  return (tostring(message):match("^.-:%d+: (.*)$"))
end

return M
