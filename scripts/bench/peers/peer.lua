-- lua5.1 peer.lua WORK [COUNT]: what the Lua scripts beside this directory do, with fork and waitpid of luaposix.
local unistd, wait, clock = require "posix.unistd", require "posix.sys.wait", require "posix.time"
local work, count = arg[1], tonumber(arg[2] or 0)

local function now()
  local t = clock.clock_gettime(clock.CLOCK_REALTIME)
  return t.tv_sec + t.tv_nsec / 1e9
end

local function line(from)
  print(("%.1f"):format((now() - from) * 1e6))
  io.stdout:flush()
end

local function start(f, ...)
  local pid = assert(unistd.fork())
  if pid == 0 then
    f(...)
    os.exit(0)
  end
  return pid
end

local function join(pid)
  local _, how, status = assert(wait.wait(pid))
  assert(how == "exited" and status == 0)
end

local function nothing() end

local function pause() clock.nanosleep{tv_sec = 0, tv_nsec = 50000000} end

local works = {}

function works.line()
  for _ = 1, count do
    pause()
    join(start(line, now()))
  end
end

function works.join()
  for _ = 1, count do
    pause()
    local from = now()
    join(start(nothing))
    line(from)
  end
end

function works.burst()
  local from, children = now(), {}
  for i = 1, count do children[i] = start(nothing) end
  for _, pid in ipairs(children) do join(pid) end
  print(("%.1f"):format((now() - from) / count * 1e6))
end

local function grow(left)
  if left == 0 then return end
  local a, b = start(grow, left - 1), start(grow, left - 1)
  join(a)
  join(b)
end

function works.tree()
  local from = now()
  grow(count)
  line(from)
end

function works.first() join(start(nothing)) end

works[work]()
