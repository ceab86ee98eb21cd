-- What a handler of a signal does with a socket that the script waits for.
local signal = require "signal"
local socket = require "socket"
local p = require "pair"
local results = p.results

-- during returns the results of f(...), in which handler is called.
local function during(handler, f, ...)
  signal.signal("ALRM", function()
    if debug.getinfo(2, "f").func == f then return handler() end
    signal.alarm(0.02)
  end)
  signal.alarm(0.02)
  local r = results(f(...))
  signal.alarm(0)
  signal.signal("ALRM", signal.default)
  return r
end

test("it closes the socket", function()
  for _, pattern in ipairs{"*l", "*a", 10, 100000} do
    local a, b = p.pair()
    eq(during(function() b:close() end, b.receive, b, pattern), {n = 3, nil, "closed", ""})
    eq(b:getfd(), -1)
    a, b = p.pair()
    b:send("x") -- from then on receive waits before it tries
    eq(during(function() b:close() end, b.receive, b, pattern), {n = 3, nil, "closed", ""})
  end
  local a, b = p.pair()
  local sent = during(function() a:close() end, a.send, a, ("x"):rep(2 ^ 26))
  eq({sent[1], sent[2]}, {nil, "closed"})
  local server = assert(socket.bind("127.0.0.1", 0))
  eq(during(function() server:close() end, server.accept, server), {n = 2, nil, "closed"})
  for _, name in ipairs{"receive", "receivefrom"} do
    local u = socket.udp4()
    u:setsockname("127.0.0.1", 0)
    eq(during(function() u:close() end, u[name], u), {n = 2, nil, "closed"})
  end
end)

test("it uses the socket", function()
  local a, b = p.pair()
  local refused
  local got = during(function()
    refused = results(pcall(b.receive, b))
    eq(b:send("answer\n"), 7)
    a:send("one\ntwo\n")
  end, b.receive, b)
  eq(refused, {n = 2, false, "attempt to use a socket that is being received from or sent to"})
  eq(got, {n = 3, "one"})
  eq({b:receive(), a:receive()}, {"two", "answer"})
  got = during(function()
    refused = results(pcall(b.send, b, "y"))
    a:close()
  end, b.send, b, ("x"):rep(2 ^ 26))
  eq(refused, {n = 2, false, "attempt to use a socket that is being received from or sent to"})
  eq({got[1], got[2]}, {nil, "closed"})
end)

test("it closes a Unix socket whose peer has no room", function()
  local unix = require "socket.unix"
  local path = os.tmpname()
  os.remove(path)
  local server = unix.stream()
  assert(server:bind(path))
  assert(server:listen(0))
  local clients, last = {}, nil
  repeat
    last = unix.stream()
    last:settimeout(0)
    clients[#clients + 1] = last
  until not last:connect(path)
  last = unix.stream()
  eq(during(function() last:close() end, last.connect, last, path), {n = 2, nil, "closed"})
  server:close()
  os.remove(path)

  local receiver, sender = unix.dgram(), unix.dgram()
  assert(receiver:bind(path))
  sender:settimeout(0)
  repeat until not sender:sendto(("x"):rep(1000), path)
  sender:settimeout(nil)
  eq(during(function() sender:close() end, sender.sendto, sender, "x", path), {n = 2, nil, "closed"})

  -- Handlers that come faster than it looks whether there is room now don't keep it from that.
  sender = unix.dgram()
  local count = 0
  signal.signal("ALRM", function()
    count = count + 1
    if count == 30 then receiver:receive() end
    if count == 3000 then error("it hasn't looked") end
    signal.alarm(0.003)
  end)
  signal.alarm(0.003)
  eq(sender:sendto("x", path), 1)
  signal.alarm(0)
  signal.signal("ALRM", signal.default)
  receiver:close()
  os.remove(path)
end)
