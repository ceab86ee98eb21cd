-- Callbacks of Futures: when they are called, and what they may do meanwhile.
local mp = require "multiprocessing"
local time = require "time"

local pool = mp.Pool(4)

local function square(n) return n * n end

-- class returns the class of what f raises.
local function class(f, ...)
  local held, err = pcall(f, ...)
  if held then return "nothing" end
  return type(err) == "table" and err.name or tostring(err):gsub("^[^:]+:%d+: ", "")
end

-- due returns a Future that is done, with a callback that is called as soon as the script waits.
local function due(callback)
  local e = mp.Event()
  local f = pool:submit(function() e:wait() end) -- one that were done already would call it at once
  f:add_done_callback(callback)
  e:set()
  while not f:done() do end -- that is no wait
  return f
end

-- What a callback waited for received the news of what the script waited for, which waited on for ever.
test("a callback waits", function()
  local one, go = mp.Pool(1), mp.Event()
  local function gated(x) go:wait() return x * x end -- it is done after the callback has begun
  local function waits() -- until what was given to the only worker before is done, and everybody has been told
    go:set()
    local f = one:submit(square, 2)
    while not f:done() do time.sleep(0.01) end
    time.sleep(0.01)
    go:clear()
  end
  local f = one:submit(gated, 3)
  due(waits)
  for g in mp.as_completed({f}, 60) do eq(g:get(), 9) end
  due(waits)
  eq(one:map(gated, {4})[1], 16)
  for _, method in ipairs{"imap", "imap_unordered"} do
    local loop = one[method](one, gated, {5})
    due(waits)
    local sum = 0
    for _, v in loop do sum = sum + v end
    eq(sum, 25)
  end
  one:terminate()
  one:join()
end)

-- One that raised an error kept others from being called in the next sleep.
test("callbacks after one that fails", function()
  local called, e = {}, mp.Event()
  local one, two = pool:submit(function() e:wait() end), pool:submit(function() e:wait() end)
  one:add_done_callback(function() called[#called + 1] = "first" error("doh!", 0) end)
  two:add_done_callback(function() called[#called + 1] = "second" end)
  e:set()
  while not (one:done() and two:done()) do end
  eq((class(time.sleep, 0.01)), "doh!")
  time.sleep(0.01)
  eq(table.concat(called, " "), "first second")
end)

-- They are called in the order in which the Futures got them, whichever is done first, and those of one Future together.
test("the order of callbacks", function()
  local called, e, earlier = {}, mp.Event(), mp.Event()
  local one, two = pool:submit(function() e:wait() end), pool:submit(function() earlier:wait() end)
  local function say(s) called[#called + 1] = s end
  one:add_done_callback(function() say("first") error("doh!", 0) end)
  one:add_done_callback(function(f)
    say("second")
    f:add_done_callback(function() say("third") end)
  end)
  two:add_done_callback(function() say("fourth") end)
  earlier:set()
  while not two:done() do end
  e:set()
  while not one:done() do end
  eq((class(time.sleep, 0.01)), "doh!")
  time.sleep(0.01)
  eq(table.concat(called, " "), "first second third fourth")
end)

-- Where the time was over too, it was a matter of chance.
test("the shortest sleep", function()
  local called = 0
  for _ = 1, 100 do
    due(function() called = called + 1 end)
    time.sleep(0)
  end
  eq(called, 100)
end)

-- It was an error in Go.
test("a callback closes the process that the script waits for", function()
  local p = mp.Process{}
  local function close() p:join() p:close() end
  p:start()
  due(close)
  p:join()
  eq((class(p.is_alive, p)), "process object is closed")
  p = mp.Process{}
  p:start()
  due(close)
  eq(mp.wait({p})[1], p)
  p = mp.Process{}
  p:start()
  local sentinel = p.sentinel
  due(close)
  eq(mp.wait({sentinel})[1], sentinel)
end)

-- The value of the callback came, twice or in parts.
test("a callback puts and sends while the script does", function()
  local q = mp.Queue(1)
  q:put("first")
  due(function()
    eq((class(q.put_nowait, q, "not this")), "Full")
    q:get()
  end)
  q:put("this")
  eq(q:get(), "this")
  local a, b = mp.Pipe()
  due(function() a:send({"of the callback"}) end)
  a:send({"of the script"})
  eq(b:recv()[1], "of the callback")
  eq(b:recv()[1], "of the script")
end)

test("the end", function()
  pool:terminate()
  pool:join()
end)
