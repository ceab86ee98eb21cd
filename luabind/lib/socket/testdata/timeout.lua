-- Timeouts.
local socket = require "socket"
local p = require "pair"
local results, timed = p.results, p.timed

test("settimeout and gettimeout", function()
  local s = socket.tcp()
  eq({s:gettimeout()}, {-1, -1})
  eq(s:settimeout(2), 1)
  eq(s:settimeout(3.5, "t"), 1)
  eq({s:gettimeout()}, {2, 3.5})
  s:settimeout(1, "r")
  eq({s:gettimeout()}, {2, 1})
  s:settimeout("4", "b")
  eq({s:gettimeout()}, {4, 1})
  s:settimeout(nil)
  s:settimeout(nil, "total")
  eq({s:gettimeout()}, {-1, -1})
  s:settimeout()
  eq({s:gettimeout()}, {-1, -1})
  s:settimeout(-5)
  eq({s:gettimeout()}, {-5, -1})
end)

test("nothing comes", function()
  local a, b = p.pair()
  for _, limit in ipairs{0, 0.001, 0.05} do
    for _, mode in ipairs{"b", "t"} do
      b:settimeout(-1, "b")
      b:settimeout(-1, "t")
      b:settimeout(limit, mode)
      for _, pattern in ipairs{"*l", "*a", 1, 0} do
        local took, data, err, part = timed(b.receive, b, pattern)
        eq({data, err, part}, {nil, "timeout", ""})
        ok(took >= limit - 0.001, took)
      end
    end
  end
end)

test("a part comes", function()
  local a, b = p.pair()
  b:settimeout(0.02)
  a:send("part")
  eq(results(b:receive()), {n = 3, nil, "timeout", "part"})
  a:send(" of it")
  eq(results(b:receive("*l", "part")), {n = 3, nil, "timeout", "part of it"})
  a:send("!\n")
  eq(b:receive("*l", "part of it"), "part of it!")
  a:send("12345")
  eq(results(b:receive(10)), {n = 3, nil, "timeout", "12345"})
  a:send("67890")
  eq(b:receive(10, "12345"), "1234567890")
  a:send("abc")
  eq(results(b:receive("*a")), {n = 3, nil, "timeout", "abc"})
end)

test("the shorter of both limits holds", function()
  local a, b = p.pair()
  b:settimeout(1000, "b")
  b:settimeout(0.02, "t")
  eq(select(2, b:receive()), "timeout")
  b:settimeout(0.02, "b")
  b:settimeout(1000, "t")
  eq(select(2, b:receive()), "timeout")
  b:settimeout(0, "b")
  b:settimeout(1000, "t")
  eq(select(2, b:receive()), "timeout")
end)

test("a buffer that is full", function()
  local a, b = p.pair()
  local data = ("x"):rep(2 ^ 24)
  for _, limit in ipairs{0, 0.05} do
    for _, mode in ipairs{"b", "t"} do
      a:settimeout(-1, "b")
      a:settimeout(-1, "t")
      a:settimeout(limit, mode)
      local took, n, err, last = timed(a.send, a, data)
      eq({n, err}, {nil, "timeout"})
      ok(last >= 0 and last < #data, last)
      ok(took >= limit - 0.001, took)
    end
  end
end)

test("nobody connects", function()
  local server = assert(socket.bind("127.0.0.1", 0))
  for _, limit in ipairs{0, 0.05} do
    server:settimeout(limit)
    local took, c, err = timed(server.accept, server)
    eq({c, err}, {nil, "timeout"})
    ok(took >= limit - 0.001, took)
  end
end)

test("connect doesn't wait", function()
  local server = assert(socket.bind("127.0.0.1", 0))
  local _, port = server:getsockname()
  local c = assert(socket.tcp())
  c:settimeout(0)
  eq(results(c:connect("127.0.0.1", port)), {n = 2, nil, "timeout"})
  match(tostring(c), "^tcp{client}: ")
  eq(#select(2, socket.select(nil, {c}, 10)), 1)
  eq(c:connect("127.0.0.1", port), 1) -- it is connected by now
  eq(results(c:connect("127.0.0.1", port)), {n = 2, nil, "already connected"})
  eq(c:send("x"), 1)
  server:close()
end)

test("sleep and gettime", function()
  local before = os.time()
  local now = socket.gettime()
  ok(now >= before and now < before + 60)
  for _, seconds in ipairs{-1, 0, 0.02, "0.01"} do
    local took = timed(socket.sleep, seconds)
    ok(took >= seconds - 0.001, took)
  end
  raises("bad argument #1 to 'sleep' (number expected, got no value)", function() socket.sleep() end)
end)

test("bad modes", function()
  local s = socket.tcp()
  raises("bad argument #2 to 'settimeout' (invalid timeout mode)", function() s:settimeout(1, "x") end)
  raises("bad argument #2 to 'settimeout' (invalid timeout mode)", function() s:settimeout(1, "") end)
  raises("bad argument #1 to 'settimeout' (number expected, got string)", function() s:settimeout("soon") end)
end)
